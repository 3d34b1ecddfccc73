import type { Outcome } from '../dispatch/outcome.ts'
import { DueHeap } from './due-heap.ts'
import type { Attempt, Delivery, DeliveryFilter, NewDelivery, Recorded, Store } from './store.ts'

export interface MemoryStoreOptions {
  /**
   * Final deliveries that are remembered, for `deliveries()` and so that the same release is not sent twice.
   * The oldest are forgotten first; waiting ones never.
   * @default 10_000
   */
  readonly keep?: number | undefined
}

interface Row {
  delivery: Delivery
  attempts: Attempt[]
}

/**
 * Keeps deliveries in this process. It promises nothing past the process: what waits when it ends is lost.
 *
 * Only the last attempt of a delivery keeps its excerpt, so a delivery takes 4 KiB of excerpt at most.
 */
export function memoryStore({ keep = 10_000 }: MemoryStoreOptions = {}): Store {
  if (!Number.isSafeInteger(keep) || keep < 0) {
    throw new RangeError(`Expected \`keep\` to be a non-negative integer, got \`${keep}\` (${typeof keep})`)
  }
  return new MemoryStore(keep)
}

class MemoryStore implements Store {
  readonly #rows = new Map<string, Row>()
  /** Waiting and unclaimed, by hook. A claimed delivery is in no heap, so nothing can claim it again. */
  readonly #due = new Map<string, DueHeap>()
  /** Final ones, oldest first. */
  readonly #final = new Set<string>()
  /** One for good: a new one would walk over every slot that was deleted, 51 µs at 100,000. What is behind it is deleted. */
  readonly #oldestFinal = this.#final.values()
  readonly #disabledHooks = new Set<string>()
  readonly #keep: number

  constructor(keep: number) {
    this.#keep = keep
  }

  async record(deliveries: readonly NewDelivery[]): Promise<readonly Recorded[]> {
    return deliveries.map((given) => {
      const known = this.#rows.get(given.id)
      if (known !== undefined) return { delivery: known.delivery, fresh: false }
      const delivery: Delivery = { ...given, state: 'waiting', attempts: 0, dueAt: given.recordedAt }
      this.#rows.set(given.id, { delivery, attempts: [] })
      return { delivery, fresh: true }
    })
  }

  async claim({ hooks, now, limit }: Parameters<Store['claim']>[0]): Promise<readonly Delivery[]> {
    const claimed: Delivery[] = []
    for (const hook of hooks) {
      const due = this.#due.get(hook)
      while (claimed.length < limit && due?.next !== undefined && due.next.at <= now) {
        claimed.push(this.#row(due.next.id).delivery)
        due.pop()
      }
    }
    return claimed
  }

  async release(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#wait(this.#row(id).delivery)
  }

  async settle(attempt: Attempt): Promise<Delivery> {
    const row = this.#row(attempt.deliveryId)
    const last = row.attempts.at(-1)
    if (last !== undefined) {
      const { excerpt: _dropped, ...rest } = last
      row.attempts[row.attempts.length - 1] = rest
    }
    row.attempts.push(attempt)
    return this.#apply(row, attempt.outcome, attempt.number, attempt.endedAt)
  }

  async end(id: string, outcome: Outcome & { kind: 'dead' }, now: number): Promise<Delivery> {
    const row = this.#row(id)
    return this.#apply(row, outcome, row.delivery.attempts, now)
  }

  async nextDueAt(hooks: Iterable<string>): Promise<number | undefined> {
    let earliest: number | undefined
    for (const hook of hooks) {
      const at = this.#due.get(hook)?.next?.at
      if (at !== undefined && at < (earliest ?? Infinity)) earliest = at
    }
    return earliest
  }

  async get(ids: readonly string[]): Promise<readonly (Delivery | undefined)[]> {
    return ids.map((id) => this.#rows.get(id)?.delivery)
  }

  async *list({ hook, app, state, since = 0 }: DeliveryFilter): AsyncIterable<Delivery> {
    for (const { delivery } of this.#rows.values()) {
      const matches =
        (hook === undefined || delivery.hookId === hook) &&
        (app === undefined || delivery.release.app === app) &&
        (state === undefined || delivery.state === state) &&
        delivery.recordedAt >= since
      if (matches) yield delivery
    }
  }

  async attempts(deliveryId: string): Promise<readonly Attempt[]> {
    return [...(this.#rows.get(deliveryId)?.attempts ?? [])]
  }

  async disableHook(hookId: string): Promise<void> {
    this.#disabledHooks.add(hookId)
  }

  async disabledHooks(): Promise<ReadonlySet<string>> {
    return new Set(this.#disabledHooks)
  }

  #row(id: string): Row {
    const row = this.#rows.get(id)
    if (row === undefined) throw new RangeError(`Expected a recorded delivery, got \`${id}\``)
    return row
  }

  #apply(row: Row, outcome: Outcome, attempts: number, now: number): Delivery {
    const { dueAt: _past, ...facts } = row.delivery
    if (outcome.kind === 'retry') {
      row.delivery = { ...facts, attempts, outcome, dueAt: outcome.at }
      this.#wait(row.delivery)
    } else {
      row.delivery = { ...facts, attempts, outcome, state: outcome.kind, settledAt: now }
      this.#forgetOldest(facts.id)
    }
    return row.delivery
  }

  #wait({ id, hookId, dueAt = 0 }: Delivery): void {
    const due = this.#due.get(hookId) ?? new DueHeap()
    this.#due.set(hookId, due)
    due.push({ id, at: dueAt })
  }

  #forgetOldest(settled: string): void {
    this.#final.add(settled)
    while (this.#final.size > this.#keep) {
      const { value: id = '' } = this.#oldestFinal.next()
      this.#final.delete(id)
      this.#rows.delete(id)
    }
  }
}
