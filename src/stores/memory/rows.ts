import type { Attempt, Delivery } from '../../delivery.ts'
import { Queue } from '../../queue.ts'
import type { Count, DeliveryFilter, Moved, MoveOptions, NewDelivery, Page, PageOptions } from '../store.ts'
import { recorded } from '../transition.ts'
import { matches } from './matching.ts'
import { RowGroups } from './row-groups.ts'
import { RowLog } from './row-log.ts'

export interface Row {
  /** In the order of recording. */
  readonly seq: number
  delivery: Delivery
  attempts: Attempt[]
  /** Absent for nearly all. */
  group?: string
  /** Of the claim that holds. */
  token?: number | undefined
  leasedUntil?: number | undefined
  forgotten?: boolean
}

/** Every delivery that is kept, by id, in the order of recording, and in its group. Final ones are forgotten when there are too many. */
export class MemoryRows {
  readonly #byId = new Map<string, Row>()
  /** By `seq`, for pages. */
  readonly #log = new RowLog<Row>()
  readonly #groups = new RowGroups<Row>()
  #seq = 0
  /** By state, first settled first. */
  readonly #final = { delivered: new Queue<Row>(), dead: new Queue<Row>() }
  /** By id: how many deliveries send this one again. */
  readonly #replays = new Map<string, number>()
  readonly #keep: number

  constructor(keep: number) {
    this.#keep = keep
  }

  get(id: string): Row | undefined {
    return this.#byId.get(id)
  }

  /** @param given whose id is new */
  add(given: NewDelivery): Row {
    this.#seq += 1
    const row: Row = { seq: this.#seq, delivery: recorded(given), attempts: [] }
    this.#byId.set(given.id, row)
    if (given.group !== undefined) row.group = given.group
    this.#log.push(row)
    this.#groups.add(row)
    this.#countReplay(row, 1)
    return row
  }

  /** Of one that became final: the oldest of its state is forgotten for it. */
  addFinal(row: Row, state: 'delivered' | 'dead'): void {
    const final = this.#final[state]
    final.push(row)
    const oldest = final.size > this.#keep ? final.shift() : undefined
    if (oldest !== undefined) this.#forget(oldest)
  }

  prune(olderThan: number): number {
    let pruned = 0
    for (const final of Object.values(this.#final)) {
      pruned += final.filter((row) => {
        const isOld = (row.delivery.settledAt ?? Infinity) < olderThan
        if (isOld) this.#forget(row)
        return !isOld
      })
    }
    return pruned
  }

  list(filter: DeliveryFilter, { limit, cursor, order = 'oldest' }: PageOptions): Page {
    const { rows } = this.#log
    const step = order === 'oldest' ? 1 : -1
    let last = Number(cursor ?? (order === 'oldest' ? 0 : this.#seq + 1))
    const deliveries: Delivery[] = []
    const first = order === 'oldest' ? indexAfter(rows, last) : indexAfter(rows, last - 1) - 1
    for (let index = first; index >= 0 && index < rows.length; index += step) {
      const row = rows[index] as Row
      if (row.forgotten === true || !this.#matches(row, filter)) continue
      if (deliveries.length === limit) return { deliveries, next: String(last) }
      deliveries.push(row.delivery)
      last = row.seq
    }
    return { deliveries }
  }

  /** The last recorded first. */
  latest(hookId: string, group: string, limit: number): readonly Delivery[] {
    return this.#groups.latest(hookId, group, limit).map(({ delivery }) => delivery)
  }

  counts(): readonly Count[] {
    const counts = new Map<string, Count>()
    for (const { delivery } of this.#byId.values()) {
      const { hookId, state } = delivery
      const key = `${state} ${hookId}`
      counts.set(key, { hookId, state, count: (counts.get(key)?.count ?? 0) + 1 })
    }
    return [...counts.values()]
  }

  /** @param waits told of each that is moved and waits unleased */
  move(
    ids: ReadonlyMap<string, string>,
    { limit, now, cursor }: MoveOptions,
    waits: (row: Row) => void,
  ): Moved {
    const { rows } = this.#log
    const first = indexAfter(rows, Number(cursor ?? 0))
    const looked = rows.slice(first, first + limit)
    const moved = new Map<Row, string>()
    for (const row of looked) {
      const { hookId, state } = row.delivery
      const to = ids.get(hookId)
      if (to === undefined || row.forgotten === true || (row.leasedUntil ?? 0) > now) continue
      row.delivery = { ...row.delivery, hookId: to }
      moved.set(row, hookId)
      if (state === 'waiting' && row.leasedUntil === undefined) waits(row)
    }
    this.#groups.move(moved)
    const next = looked.length < limit ? undefined : looked.at(-1)?.seq
    return next === undefined ? { moved: moved.size } : { moved: moved.size, next: String(next) }
  }

  #forget(row: Row): void {
    this.#byId.delete(row.delivery.id)
    row.forgotten = true
    this.#countReplay(row, -1)
    this.#log.forget()
    this.#groups.forget(row)
  }

  #countReplay({ delivery: { replayOf } }: Row, change: 1 | -1): void {
    if (replayOf === undefined) return
    const count = (this.#replays.get(replayOf) ?? 0) + change
    if (count === 0) this.#replays.delete(replayOf)
    else this.#replays.set(replayOf, count)
  }

  #matches({ delivery }: Row, filter: DeliveryFilter): boolean {
    const { replayed } = filter
    return (
      matches(delivery, filter) && (replayed === undefined || replayed === this.#replays.has(delivery.id))
    )
  }
}

/** Index of the first row after this one, by bisection. */
function indexAfter(rows: readonly Row[], seq: number): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle] as Row).seq <= seq) low = middle + 1
    else high = middle
  }
  return low
}
