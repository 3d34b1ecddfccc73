import { describe, expect, it } from 'vitest'
import { Chance } from '../src/testing/store/chance.ts'
import { limits as strict, type Limits } from '../proofs/torture/evidence.ts'
import { killOneController } from '../proofs/torture/one-controller.ts'
import { stealClaims } from '../proofs/torture/stale-claims.ts'
import { terminate } from '../proofs/torture/termination.ts'
import { runTwoControllers } from '../proofs/torture/two-controllers.ts'

/** The other test files want the machine too. */
const limits: Limits = { ...strict, recoveryMs: 30_000, settlingMs: 3000, marginMs: 10_000 }
const chance = new Chance(20_261_121)
const say = (): void => undefined

const nothingLost = {
  'acknowledged, not recorded': 0,
  'acknowledged, not received': 0,
  'recorded, not final': 0,
  'ids with different bytes': 0,
  'releases under different ids': 0,
  'integrity faults': 0,
  'leases left': 0,
}

// The short form of `npm run proofs -- torture/sqlite`. A process that is held up for half a second as it ends hands nothing back, and its leases end by
// themselves: that is no fault, and on a busy machine it is not always so.
describe.concurrent('controllers on one SQLite file', { retry: 2 }, () => {
  it('lose nothing that was acknowledged when they are killed', async () => {
    const { figures, violations } = await killOneController({
      kills: 3,
      deliveries: 200,
      chance,
      limits,
      say,
    })

    expect(violations).toEqual([])
    expect(figures).toMatchObject({ ...nothingLost, kills: 3, 'repeated without such an end': 0 })
    expect(figures['deliveries acknowledged']).toBeGreaterThanOrEqual(200)
    expect(figures['restarts with work left, timed']).toBeGreaterThan(0)
  })

  it('lose nothing, and leave no lease behind, when SIGTERM ends them', async () => {
    const { figures, violations } = await terminate({ terms: 2, chance, limits, say })

    expect(violations).toEqual([])
    expect(figures).toMatchObject({ ...nothingLost, SIGTERMs: 2, 'exit codes other than 0': 0 })
    expect(figures['deliveries acknowledged']).toBeGreaterThan(0)
  })

  it('send nothing twice while two of them live', async () => {
    const { figures, violations } = await runTwoControllers({ deliveries: 150, limits })

    expect(violations).toEqual([])
    expect(figures).toMatchObject({ ...nothingLost, 'deliveries answered 200 twice': 0 })
    expect(figures['deliveries acknowledged']).toBeGreaterThanOrEqual(150)
  })

  it('are not believed about a delivery that another one has claimed since', async () => {
    const { figures, violations } = await stealClaims({ deliveries: 150, limits })

    expect(violations).toEqual([])
    expect(figures).toMatchObject(nothingLost)
    expect(figures['attempts refused']).toBeGreaterThan(0)
  })
})
