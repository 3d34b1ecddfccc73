import { describe, expect, it } from 'vitest'
import { killAroundCommit } from '../proofs/torture/commit-kills.ts'

// The short form of `npm run proofs -- torture/commit-kills`.
describe('controllers that are killed and cut off around COMMIT', () => {
  it('leave a delivery if and only if they leave its release', async () => {
    const { figures, violations } = await killAroundCommit({ kills: 6, seed: 20_261_121, slots: 2 })

    expect(violations).toEqual([])
    expect(figures).toMatchObject({ releases: 6, 'received again': 0 })
    expect(figures['deliveries in the end']).toBe(figures['release rows'])
  })
})
