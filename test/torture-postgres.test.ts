import { describe, expect, it } from 'vitest'
import { Chance } from '../src/testing/store/chance.ts'
import { limits as strict, type Limits } from '../proofs/torture/evidence.ts'
import { killWorkers } from '../proofs/torture/postgres/kills.ts'
import { TorturedServer } from '../proofs/torture/postgres/server.ts'

/** The other test files want the machine too. */
const limits: Limits = {
  ...strict,
  recoveryMs: 25_000,
  settlingMs: 5000,
  marginMs: 10_000,
  drainMs: 60_000,
}

// The short form of `npm run proofs -- torture/postgres`.
// On a busy machine its limits of time are not always kept.
describe('workers on one PostgreSQL server', { retry: 1 }, () => {
  it('lose nothing that was acknowledged, and take over what others had, when they are killed and the server is', async () => {
    await using server = await TorturedServer.start()
    const { figures, violations } = await killWorkers({
      server,
      kills: 1,
      restarts: 1,
      deliveries: 100,
      chance: new Chance(20_261_121),
      limits,
      say: () => undefined,
    })

    expect(violations).toEqual([])
    expect(figures).toMatchObject({
      kills: 1,
      'restarts of the server': 1,
      'acknowledged, not recorded': 0,
      'acknowledged, not received': 0,
      'recorded, not final': 0,
      'ids with different bytes': 0,
      'releases under different ids': 0,
      'repeated without such an end': 0,
      'leases left': 0,
      'lanes not handed back': 0,
    })
    expect(figures['deliveries acknowledged']).toBeGreaterThanOrEqual(100)
  })
})
