import { describe, expect, inject, it } from 'vitest'
import { raceAtRandom } from '../proofs/torture/news/races.ts'
import { tellByReplicas } from '../proofs/torture/news/replicas.ts'

const seed = 20_261_121

// The short form of `npm run proofs -- torture/news`.
describe('processes that tell at once', () => {
  it.each(['SQLite', 'Postgres'] as const)('say in %s what one would say that tells alone', async (name) => {
    const options = { name, count: 2, seed, connectionString: inject('postgres') }
    const { figures, violations } = await raceAtRandom(options)

    expect(violations).toEqual([])
    expect(figures).toMatchObject({ races: 2, differences: 0 })
    expect(figures['overlaps of two processes']).toBeGreaterThan(0)
  })

  it('have every receiver handle each event once', async () => {
    const options = { rollouts: 8, seed, connectionString: inject('postgres') }
    const { figures, violations } = await tellByReplicas(options)

    expect(violations).toEqual([])
    expect(figures).toMatchObject({ lost: 0, 'told twice': 0, 'handled twice': 0, 'never handled': 0 })
    expect(figures['handled once']).toBe(figures['deliveries, as they should be'])
    expect(figures['repeats known by seen']).toBeGreaterThan(0)
  })
})
