import { ClaimedDeliveries } from '../../../src/dispatch/worker/claimed-deliveries.ts'
import type { Execution, Term } from '../../../src/dispatch/worker/execution.ts'
import type { Executor } from '../../../src/dispatch/worker/executor.ts'
import { Lanes } from '../../../src/dispatch/worker/lanes.ts'
import type { Ownership } from '../../../src/dispatch/worker/ownership.ts'
import { WakeTimer } from '../../../src/dispatch/worker/wake-timer.ts'
import { newLog, type Log } from '../log.ts'
import { byIdOf, hooksOf } from './fakes.ts'

/** How long a lease lasts. */
export const leaseMs = 30_000
const hooks = hooksOf(['a', 'b'].map((id) => ({ id, url: `http://${id}.example/`, concurrency: 300 })))

/** What claims, or records what is claimed, goes by: real lanes, and who sends to which of two hooks. */
export class Claiming {
  readonly does: string[] = []
  readonly log: Log = newLog()
  readonly lanes: Lanes = new Lanes({ hooks: byIdOf(hooks), overall: 512, now: Date.now })
  readonly claimed: ClaimedDeliveries = new ClaimedDeliveries(this.lanes)
  readonly wakes: WakeTimer = new WakeTimer(Date.now)
  /** What was handed to the executor. */
  readonly added: Execution[] = []
  readonly executor: Pick<Executor, 'add' | 'clear'> = {
    add: (execution) => void this.added.push(execution),
    clear: (hookId) => void this.does.push(`clear ${hookId}`),
  }
  readonly held: Set<string> = new Set(['a', 'b'])
  /** Of those that are held: whether they still are is not certain. */
  readonly unsure: Set<string> = new Set<string>()
  readonly terms: Record<string, { holds: boolean; stays: boolean }> = {
    a: { holds: true, stays: true },
    b: { holds: true, stays: true },
  }
  readonly ownership: Pick<Ownership, 'ids' | 'mayClaim' | 'term'> & { isShared: boolean } = {
    isShared: false,
    ids: this.held,
    mayClaim: (hookId) => this.held.has(hookId) && !this.unsure.has(hookId),
    term: (hookId) => this.terms[hookId] as Term,
  }
  readonly healthSync: { isOpen: boolean; open: () => Promise<void> } = {
    isOpen: true,
    open: async () => {
      this.does.push('open')
      this.healthSync.isOpen = true
    },
  }
  /** All of it, for those that go by it. */
  get parts(): Pick<Claiming, 'lanes' | 'claimed' | 'wakes' | 'executor' | 'ownership' | 'healthSync'> {
    const { lanes, claimed, wakes, executor, ownership, healthSync } = this
    return { lanes, claimed, wakes, executor, ownership, healthSync }
  }
}
