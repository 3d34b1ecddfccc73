import { Events } from '../../../src/dispatch/events.ts'
import { Reporter } from '../../../src/dispatch/reporter.ts'
import { Waiters } from '../../../src/dispatch/waiters.ts'
import { Chores } from '../../../src/dispatch/worker/chores.ts'
import { ClaimedDeliveries } from '../../../src/dispatch/worker/claimed-deliveries.ts'
import type { Execution } from '../../../src/dispatch/worker/execution.ts'
import { HookHealth } from '../../../src/dispatch/worker/health.ts'
import type { ReceiverReport, Report } from '../../../src/dispatch/worker/report.ts'
import { Settler, type SettlerOptions } from '../../../src/dispatch/worker/settler.ts'
import type { Hook } from '../../../src/hooks/hook.ts'
import { memoryStore, type Attempt, type Claim, type Delivery, type Outcome } from '../../../src/index.ts'
import { ended, settled } from '../../../src/stores/transition.ts'
import { attemptOf } from '../../../src/testing/store/samples.ts'
import { altered } from '../../testing/altered-store.ts'
import { newLog, type Log } from '../log.ts'
import { claimOf, held, hookOf } from './fakes.ts'

export const hook: Hook = hookOf({ disableAfterMs: 60_000 })
export const well: ReceiverReport = { disabled: undefined, hasFailed: false, hasTaken: true, isWell: true }
export const failing: ReceiverReport = { ...well, hasFailed: true, hasTaken: false, isWell: false }

/** What a store makes of attempts; a fault of it is thrown. */
type Settle = (claim: Claim, attempt: Attempt) => Delivery | undefined

/** A settler over a store that does as it is told, and what it asks and tells in order. */
export class SettlerBench {
  readonly does: string[] = []
  readonly log: Log = newLog()
  readonly claimed: ClaimedDeliveries = new ClaimedDeliveries({ mostHeld: () => 10 })
  readonly waiters: Waiters = new Waiters()
  readonly chores: Chores = new Chores()
  readonly stop: AbortController = new AbortController()
  readonly health: HookHealth
  readonly settler: Settler
  /** Until it resolves no state of a hook is saved. */
  saves: Promise<void> = Promise.resolve()
  settles: Settle = ({ delivery }, attempt) => settled(delivery, attempt)
  returns: () => void = () => undefined
  ends: SettlerOptions['store']['end'] = async ({ delivery }, outcome, now) => ended(delivery, outcome, now)

  constructor() {
    const { chores, claimed, does, log, waiters } = this
    const now = Date.now
    const events = new Events(log)
    events.on('attempt', ({ attempt }) => void does.push(`attempt ${attempt.number}`))
    events.on('hook-disabled', ({ reason }) => void does.push(`disabled: ${reason}`))
    events.on('hook-failing', ({ share }) => void does.push(`failing: ${share}`))
    events.on('dead', ({ outcome }) => void does.push(`dead: ${outcome.verdict}`))
    const saving = memoryStore()
    const setHookStates: typeof saving.setHookStates = async (states) => {
      await this.saves
      await saving.setHookStates(states)
    }
    this.health = new HookHealth(altered(saving, { setHookStates }), () => hook)
    this.settler = new Settler({
      store: {
        settle: async (claim, attempt) => {
          does.push(`settle ${claim.token}: attempt ${attempt.number} at ${now()}`)
          return this.settles(claim, attempt)
        },
        end: async (...given) => this.ends(...given),
        release: async (claims, dueAt) => {
          does.push(`return ${claims.map(({ token }) => token).join(' ')} due ${dueAt}`)
          this.returns()
        },
      },
      health: this.health,
      claimed,
      reporter: new Reporter(events, log, now),
      waiters,
      chores,
      now,
      signal: this.stop.signal,
    })
  }

  /** One in hand, under a claim of this token. */
  take(token = 1, id = `dlv_${token}`): Execution {
    return this.claimed.add(claimOf(id, {}, token), held, Infinity) as Execution
  }

  /** As if its lease had ended, and this process had claimed it again. */
  takeAgain(execution: Execution, facts: Partial<Delivery> = {}, token = 2): void {
    this.claimed.add(claimOf(execution.claim.delivery.id, facts, token), held, Infinity)
  }

  report(
    { claim }: Execution,
    outcome: Outcome,
    receiver: ReceiverReport = well,
  ): Report & { readonly delivery: Attempt } {
    return { lane: { answered: true, hasMissed: false }, receiver, delivery: attemptOf(claim, outcome) }
  }
}
