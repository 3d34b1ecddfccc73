import { Ownership } from '../../../src/dispatch/worker/ownership.ts'
import { ClaimedDeliveries } from '../../../src/dispatch/worker/claimed-deliveries.ts'
import { Execution } from '../../../src/dispatch/worker/execution.ts'
import { Lanes } from '../../../src/dispatch/worker/lanes.ts'
import { WakeTimer } from '../../../src/dispatch/worker/wake-timer.ts'
import type { LaneMember, LaneWorker, SharedLanes } from '../../../src/stores/shared-lanes.ts'
import { newLog, type Log } from '../log.ts'
import { byIdOf, claimOf, held, hooksOf, reporterTo } from './fakes.ts'

const hooks = hooksOf(['a', 'b'].map((id) => ({ id, url: `http://${id}.example/` })))

/** An ownership of hooks a and b, over a store that shares them as it is told to. */
export class OwnershipBench {
  readonly does: string[] = []
  readonly log: Log = newLog()
  readonly lanes: Lanes = new Lanes({ hooks: byIdOf(hooks), overall: 512, now: () => 1000 })
  readonly claimed: ClaimedDeliveries = new ClaimedDeliveries(this.lanes)
  readonly ownership: Ownership
  /** Hooks whose beats were missed. */
  readonly missed: Set<string> = new Set<string>()
  /** What comes of being asked; a fault is thrown. */
  answers: Record<string, () => Promise<void> | void> = {}
  /** What the store tells this process. */
  tells: LaneWorker = undefined as never

  constructor({ isShared = true }: { readonly isShared?: boolean } = {}) {
    const { does, lanes, claimed, log } = this
    const asked = async (what: string): Promise<void> => {
      does.push(what)
      await this.answers[what]?.()
    }
    const member: LaneMember = {
      holds: (hookId) => !this.missed.has(hookId),
      remember: (hookId) => asked(`remember ${hookId}`),
      release: (hookId) => asked(`yield ${hookId}`),
      retire: () => asked('retire'),
      leave: () => asked('leave'),
      abandon: () => void does.push('abandon'),
    }
    const shared: SharedLanes = {
      join: async (worker) => {
        this.tells = worker
        await asked('join')
        return member
      },
    }
    const wakes = new WakeTimer(() => 1000)
    wakes.woken.listen(() => does.push('look'))
    this.ownership = new Ownership({
      hookIds: hooks.map(({ id }) => id),
      shared: isShared ? shared : undefined,
      lanes,
      claimed,
      settler: {
        returnClaims: (executions) => {
          for (const { claim } of executions) does.push(`return ${claim.delivery.id}`)
        },
      },
      mover: { begin: () => asked('move') },
      wakes,
      reporter: reporterTo(log),
      now: () => 1000,
    })
  }

  /** One that takes part, and was given both hooks. */
  static async started(): Promise<OwnershipBench> {
    const bench = new OwnershipBench()
    await bench.ownership.start()
    for (const hookId of ['a', 'b']) bench.tells.given(hookId, undefined)
    bench.done()
    return bench
  }

  /** What was done since the last time. */
  done(): readonly string[] {
    return this.does.splice(0)
  }

  /** Something of the hook in hand. @returns what ends it */
  take(hookId: string): () => void {
    const execution = this.claimed.add(claimOf(`of ${hookId}`, { hookId }), held, Infinity)
    return () => {
      if (execution === undefined) return
      this.claimed.finish(execution, execution.current)
      this.claimed.leave(execution)
    }
  }

  /** Something that waits for a place. */
  wait(hookId: string): void {
    this.lanes.add(new Execution(claimOf(`${hookId}1`, { hookId }), held, Infinity))
  }
}
