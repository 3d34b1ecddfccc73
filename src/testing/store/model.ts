import type { Attempt, Delivery, Progress } from '../../delivery.ts'
import type { Claim, DeliveryFilter, NewDelivery, Store } from '../../stores/store.ts'
import { ended, recorded, settled } from '../../stores/transition.ts'
import { matches } from './listing.ts'

/** What is known of a delivery. */
export interface Entry {
  delivery: Delivery
  readonly attempts: Attempt[]
  readonly group: string | undefined
  /** Of the claim that holds. */
  token?: number | undefined
  /** Absent when nobody has claimed it. */
  leasedUntil?: number | undefined
  /** The instance that claimed it. */
  holder?: Store | undefined
}

/**
 * What a store should know: the contract in its plainest form, by looking at everything each time. It leaves to the store
 * which of several deliveries that are equally due it gives out, and which tokens.
 */
export class Model {
  /** In the order of recording. */
  readonly #entries = new Map<string, Entry>()

  get entries(): readonly Entry[] {
    return [...this.#entries.values()]
  }

  entry(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  /** @returns whether it is fresh */
  record(given: NewDelivery): boolean {
    if (this.#entries.has(given.id)) return false
    this.#entries.set(given.id, { delivery: recorded(given), attempts: [], group: given.group })
    return true
  }

  claimable(hook: string, now: number): readonly Entry[] {
    return this.#waiting().filter(
      ({ delivery, leasedUntil = -Infinity }) =>
        delivery.hookId === hook && leasedUntil <= now && (delivery.dueAt ?? Infinity) <= now,
    )
  }

  lease({ delivery, token }: Claim, leasedUntil: number, holder: Store): void {
    const entry = this.#entries.get(delivery.id)
    if (entry !== undefined) Object.assign(entry, { token, leasedUntil, holder })
  }

  /** What the claim is of, if it still holds. */
  held({ delivery, token }: Claim): Entry | undefined {
    const entry = this.#entries.get(delivery.id)
    return entry?.token === token ? entry : undefined
  }

  release(entry: Entry, dueAt?: number): void {
    if (dueAt !== undefined) entry.delivery = { ...entry.delivery, dueAt }
    Object.assign(entry, { token: undefined, leasedUntil: undefined, holder: undefined })
  }

  /** What this instance has claimed. */
  heldBy(holder: Store): readonly Entry[] {
    return this.entries.filter((entry) => entry.holder === holder)
  }

  mark(entry: Entry, progress: Progress): void {
    entry.delivery = { ...entry.delivery, progress }
  }

  settle(entry: Entry, attempt: Attempt): Delivery {
    entry.attempts.push(attempt)
    entry.delivery = settled(entry.delivery, attempt)
    this.release(entry)
    return entry.delivery
  }

  end(entry: Entry, outcome: Parameters<Store['end']>[1], now: number): Delivery {
    entry.delivery = ended(entry.delivery, outcome, now)
    this.release(entry)
    return entry.delivery
  }

  /** @returns whether it waited, unclaimed */
  reschedule(id: string, dueAt: number): boolean {
    const entry = this.#entries.get(id)
    if (entry?.delivery.state !== 'waiting' || entry.leasedUntil !== undefined) return false
    entry.delivery = { ...entry.delivery, dueAt }
    return true
  }

  /** @returns how many it forgot */
  prune(olderThan: number): number {
    const old = this.entries.filter(({ delivery }) => (delivery.settledAt ?? Infinity) < olderThan)
    for (const { delivery } of old) this.#entries.delete(delivery.id)
    return old.length
  }

  nextDueAt(hook: string): number | undefined {
    const times = this.#waiting()
      .filter(({ delivery }) => delivery.hookId === hook)
      .map(({ delivery, leasedUntil }) => leasedUntil ?? delivery.dueAt ?? Infinity)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  list(filter: DeliveryFilter): readonly Delivery[] {
    const all = this.entries.map(({ delivery }) => delivery)
    const sources = new Set(all.map(({ replayOf }) => replayOf))
    return all.filter((delivery) => matches(delivery, filter, sources))
  }

  latest(hook: string, group: string, limit: number): readonly Delivery[] {
    const all = this.entries.filter((entry) => entry.delivery.hookId === hook && entry.group === group)
    return all
      .map(({ delivery }) => delivery)
      .toReversed()
      .slice(0, limit)
  }

  #waiting(): readonly Entry[] {
    return this.entries.filter(({ delivery }) => delivery.state === 'waiting')
  }
}
