import { describe, expect, it } from 'vitest'
import { upgradeOldFile, upgradeOldSchema, type UpgradeOptions } from '../proofs/torture/upgrade.ts'

/** The other test files want the machine too. */
const longestMs = 60_000

const options: UpgradeOptions = {
  deliveries: 800,
  hooks: 20,
  seed: 20_261_121,
  longestMs,
  say: () => undefined,
}

const upgrades = {
  'a file of the version before': upgradeOldFile,
  'a schema of the version before': upgradeOldSchema,
}

// The short form of `npm run proofs -- torture/upgrade`.
describe.each(Object.entries(upgrades))('%s', (_, upgrade) => {
  it('is gone on with: what waited is sent once, all is moved to the new ids of the hooks, and no release is told again', async () => {
    const { figures, violations } = await upgrade(options)
    expect(violations).toEqual([])
    expect(figures).toMatchObject({
      'sent twice': 0,
      'sent, and were final': 0,
      'not sent': 0,
      'left under former ids': 0,
    })
    expect(figures['sent']).toBeGreaterThan(40)
  })
})
