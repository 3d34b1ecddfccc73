import type { Attempt, Delivery } from '../../delivery.ts'
import type { Store } from '../../stores/store.ts'
import type { Hook } from '../../hooks/hook.ts'
import { deliveriesIn } from '../pages.ts'
import type { Schedule } from '../../schedule.ts'
import { Slots } from './replay-pacing.ts'

/** So long, in milliseconds, a hook has only failed when its next success is a recovery: what waits is not to wait for the rest of its delay. */
export const recoversAfterMs = 60_000

const perSecond = 10

/** Brings forward what waits for a receiver that answers again. */
export class Recovery {
  readonly #store: Store
  readonly #now: () => number
  /**
   * By hook: what was brought forward, and still waits. Each delivery is once: one that its receiver always fails on would use up its attempts
   * each time another one arrives.
   */
  readonly #forwarded = new Map<string, ReadonlySet<string>>()

  constructor(store: Store, now: () => number) {
    this.#store = store
    this.#now = now
  }

  /** @returns epoch milliseconds at which the first one is due; `undefined` when there is none */
  async bringForward(hook: Hook): Promise<number | undefined> {
    const before = this.#forwarded.get(hook.id)
    const waiting = new Set<string>()
    const slots = new Slots(this.#now(), perSecond)
    const due: { readonly id: string; readonly dueAt: number }[] = []
    for await (const delivery of deliveriesIn(this.#store, { hook: hook.id, state: 'waiting' })) {
      if (delivery.attempts === 0) continue // it is due already
      waiting.add(delivery.id)
      if (before?.has(delivery.id) !== true && (await this.#mayComeEarlier(delivery, hook.schedule, slots)))
        due.push({ id: delivery.id, dueAt: slots.take(hook.id) })
    }
    this.#forwarded.set(hook.id, waiting)
    await this.#store.reschedule(due)
    return due[0]?.dueAt
  }

  async #mayComeEarlier(
    { id, hookId, dueAt = 0 }: Delivery,
    schedule: Schedule,
    slots: Slots,
  ): Promise<boolean> {
    if (dueAt <= slots.next(hookId)) return false
    const last = (await this.#store.attempts(id)).at(-1)
    return last !== undefined && !hasAskedForTime(last, schedule)
  }
}

/** Whether it waits for longer than the schedule would have it, since its receiver said `Retry-After`: that is never undercut. */
function hasAskedForTime({ number, endedAt, outcome }: Attempt, { delaysMs, jitter }: Schedule): boolean {
  const longest = (delaysMs[number - 1] ?? 0) * (1 + jitter) + 1
  return outcome.kind === 'retry' && outcome.at - endedAt > longest
}
