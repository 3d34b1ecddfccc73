import type { Attempt, Delivery } from '../../delivery.ts'
import type { Store } from '../../stores/store.ts'
import type { Hook } from '../../hooks/hook.ts'
import { deliveriesIn } from '../pages.ts'
import type { Schedule } from '../../schedule.ts'
import type { Reporter } from '../reporter.ts'
import type { Chores } from './chores.ts'
import { ReplayPacing } from './replay-pacing.ts'
import type { WakeTimer } from './wake-timer.ts'

/** So long, in milliseconds, a hook has only failed when its next success is a recovery: what waits is not to wait for the rest of its delay. */
export const recoversAfterMs = 60_000

const perSecond = 10

export interface RecoveryOptions {
  readonly store: Store
  readonly chores: Chores
  readonly wakes: WakeTimer
  readonly reporter: Pick<Reporter, 'fault'>
  readonly now: () => number
}

/** Brings forward what waits for a receiver that answers again. */
export class Recovery {
  readonly #options: RecoveryOptions
  /**
   * By hook: what was brought forward, and still waits. Each delivery is once: one that its receiver always fails on would use up its attempts
   * each time another one arrives.
   */
  readonly #forwarded = new Map<string, ReadonlySet<string>>()

  constructor(options: RecoveryOptions) {
    this.#options = options
  }

  /** A receiver answers again that had failed for a while: what waits for it waits no longer. As a chore. */
  start(hook: Hook): void {
    const { chores, reporter, wakes } = this.#options
    if (wakes.isClosed) return // nothing more is claimed
    void chores.add(async () => {
      try {
        wakes.wakeAt(await this.#bringForward(hook))
      } catch (error) {
        reporter.fault('What waits could not be brought forward', error, { hookId: hook.id })
      }
    })
  }

  /** @returns epoch milliseconds at which the first one is due; `undefined` when there is none */
  async #bringForward(hook: Hook): Promise<number | undefined> {
    const { store, now } = this.#options
    const before = this.#forwarded.get(hook.id)
    const waiting = new Set<string>()
    const slots = new ReplayPacing(now(), perSecond)
    const due: { readonly id: string; readonly dueAt: number }[] = []
    for await (const delivery of deliveriesIn(store, { hook: hook.id, state: 'waiting' })) {
      if (delivery.attempts === 0) continue // it is due already
      waiting.add(delivery.id)
      if (before?.has(delivery.id) !== true && (await this.#mayComeEarlier(delivery, hook.schedule, slots)))
        due.push({ id: delivery.id, dueAt: slots.take(hook.id) })
    }
    this.#forwarded.set(hook.id, waiting)
    await store.reschedule(due)
    return due[0]?.dueAt
  }

  async #mayComeEarlier(
    { id, hookId, dueAt = 0 }: Delivery,
    schedule: Schedule,
    slots: ReplayPacing,
  ): Promise<boolean> {
    if (dueAt <= slots.next(hookId)) return false
    const last = (await this.#options.store.attempts(id)).at(-1)
    return last !== undefined && !hasAskedForTime(last, schedule)
  }
}

/** Whether it waits for longer than the schedule would have it, since its receiver said `Retry-After`: that is never undercut. */
function hasAskedForTime({ number, endedAt, outcome }: Attempt, { delaysMs, jitter }: Schedule): boolean {
  const longest = (delaysMs[number - 1] ?? 0) * (1 + jitter) + 1
  return outcome.kind === 'retry' && outcome.at - endedAt > longest
}
