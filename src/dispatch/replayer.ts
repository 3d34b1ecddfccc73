import { randomUUID } from 'node:crypto'
import { ConfigurationError, ReplayError } from '../errors.ts'
import { deliveryIdOf } from '../stores/ledger/telling.ts'
import type { Delivery } from '../delivery.ts'
import type { NewDelivery, Store } from '../stores/store.ts'
import type { Hooks } from '../hooks/registry.ts'
import { deliveriesIn } from './pages.ts'
import { checkedQuery, type DeliveryQuery } from './query.ts'
import type { Recorder } from './recorder.ts'
import { ReplayPacing } from './worker/replay-pacing.ts'
import type { WakeTimer } from './worker/wake-timer.ts'

export interface ReplayOptions {
  /** First attempts a second to one hook, when there are several: a receiver that has just come back is not flooded. @default 10 */
  readonly perSecond?: number | undefined
  /** What makes a replay the same replay: repeated with this key, it sends nothing again. @default a new one each time */
  readonly idempotencyKey?: string | undefined
}

export interface Replay {
  /** Of the deliveries that are sent: new ones, with `replayOf`, or those that were brought forward. */
  readonly ids: readonly string[]
  /** As the one of a dispatch. */
  readonly settled: (options?: { readonly signal?: AbortSignal | undefined }) => Promise<readonly Delivery[]>
}

/** Replays that are recorded at once. */
const atOnce = 256
const defaultPerSecond = 10

export interface ReplayerOptions {
  readonly store: Store
  readonly hooks: Hooks
  readonly recorder: Pick<Recorder, 'record'>
  readonly wakes: WakeTimer
  readonly now: () => number
}

/** Finds what is to be sent again, and records it at a pace: each delivery a little later than the one before, in the store. */
export class Replayer {
  readonly #options: ReplayerOptions

  constructor(options: ReplayerOptions) {
    this.#options = options
  }

  /** @returns ids of what is sent */
  async replay(target: string | DeliveryQuery, options: ReplayOptions): Promise<readonly string[]> {
    const { perSecond = defaultPerSecond, idempotencyKey = randomUUID() } = options
    const found = typeof target === 'string' ? [target] : await this.#find(target)
    const slots = new ReplayPacing(this.#options.now(), perSecond)
    const ids: string[] = []
    for (let index = 0; index < found.length; index += atOnce) {
      const stored = await this.#options.store.get(found.slice(index, index + atOnce))
      const deliveries = stored.map((delivery) => delivery && this.#options.hooks.former.named(delivery))
      if (typeof target === 'string') this.#checkReplayable(target, deliveries[0])
      ids.push(...(await this.#send(deliveries, slots, idempotencyKey)))
    }
    return ids
  }

  /** All ids before the first is sent, so that what is sent is not found again. */
  async #find(query: DeliveryQuery): Promise<readonly string[]> {
    const filter = { state: 'dead', replayed: false, ...checkedQuery(query, 'replay()') } as const
    if (Object.values(query).every((value) => value === undefined)) {
      const message =
        'Expected a filter, such as `hook`, `app` or `since`, got none: give `{ state: "dead" }` for all that is dead.'
      throw new ConfigurationError('option_invalid', 'query', message)
    }
    if (filter.hook !== undefined && !this.#options.hooks.byId.has(filter.hook))
      throw new ReplayError('hook_unknown', filter.hook)
    const ids: string[] = []
    for await (const { id, hookId } of deliveriesIn(this.#options.store, filter))
      if (this.#options.hooks.byId.has(this.#options.hooks.former.idOf(hookId))) ids.push(id)
    return ids
  }

  #checkReplayable(id: string, delivery: Delivery | undefined): void {
    if (delivery === undefined) throw new ReplayError('delivery_unknown', id)
    if (!this.#options.hooks.byId.has(delivery.hookId))
      throw new ReplayError('hook_unknown', delivery.hookId, { isRecorded: true })
  }

  async #send(
    deliveries: readonly (Delivery | undefined)[],
    slots: ReplayPacing,
    key: string,
  ): Promise<readonly string[]> {
    const forward: { readonly id: string; readonly dueAt: number }[] = []
    const again: NewDelivery[] = []
    const dueBefore: string[] = []
    for (const delivery of deliveries) {
      if (delivery === undefined) continue // pruned since it was found
      const { id, hookId, release } = delivery
      if (delivery.state === 'waiting' && (delivery.dueAt ?? 0) <= slots.next(hookId)) {
        dueBefore.push(id) // its own turn comes before the pace would give it one
        continue
      }
      const dueAt = slots.take(hookId)
      if (delivery.state === 'waiting') forward.push({ id, dueAt })
      else
        again.push({
          id: deliveryIdOf(['replay', key], id),
          hookId,
          release,
          recordedAt: this.#options.now(),
          dueAt,
          replayOf: id,
        })
    }
    await this.#options.store.reschedule(forward) // what is being attempted right now need not be
    for (const { dueAt } of forward) this.#options.wakes.wakeAt(dueAt)
    if (again.length > 0) await this.#options.recorder.record(again)
    return [...dueBefore, ...[...forward, ...again].map(({ id }) => id)]
  }
}
