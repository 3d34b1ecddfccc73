import { Chores } from '../../../src/dispatch/worker/chores.ts'
import { ClaimedDeliveries } from '../../../src/dispatch/worker/claimed-deliveries.ts'
import type { Execution } from '../../../src/dispatch/worker/execution.ts'
import { Worker } from '../../../src/dispatch/worker/worker.ts'
import { claimOf, held } from './fakes.ts'

/** A worker of parts that tell what is asked of them. */
export class WorkerBench {
  readonly does: string[] = []
  readonly chores: Chores = new Chores()
  readonly claimed: ClaimedDeliveries = new ClaimedDeliveries({ mostHeld: () => 10 })
  /** Parts that do not come to an end before these. */
  readonly gates: Record<string, Promise<void>> = {}
  /** What is done besides when a part is asked. */
  also: Record<string, () => void> = {}
  readonly worker: Worker

  constructor({ isDurable = true, isShared = false }: { isDurable?: boolean; isShared?: boolean } = {}) {
    const asked = (what: string): void => {
      this.does.push(what)
      this.also[what]?.()
    }
    const waited = async (what: string): Promise<void> => {
      asked(what)
      await this.gates[what]
    }
    this.worker = new Worker({
      claimLoop: {
        stop: () => waited('claim loop stops'),
        claimTheRest: () => waited('the rest is claimed'),
      },
      executor: {
        isStopped: false,
        retire: () => asked('executor retires'),
        stop: () => asked('executor stops'),
      },
      ownership: {
        isShared,
        start: () => waited('ownership starts'),
        ids: new Set(['a']),
        retire: () => asked('ownership retires'),
        leave: () => waited('ownership leaves'),
        abandon: () => asked('ownership is abandoned'),
      },
      healthSync: {
        becomeWorker: () => asked('health is to be read anew'),
        probe: (hookId) => asked(`${hookId} is tried`),
        letGo: (hookId) => asked(`${hookId} is let go`),
        close: () => asked('health moves nothing more'),
        saveLast: () => waited('health is saved'),
        giveUp: () => asked('health gives up'),
      },
      upkeep: { stop: () => asked('upkeep stops') },
      leases: { stop: () => asked('leases stop') },
      chores: this.chores,
      claimed: this.claimed,
      isDurable,
    })
  }

  take(id = 'dlv'): () => void {
    const execution = this.claimed.add(claimOf(id), held, Infinity) as Execution
    return () => {
      this.claimed.finish(execution, execution.current)
      this.claimed.leave(execution)
    }
  }
}
