import { checkFields, wholeNumber, type Fields } from '../option-fields.ts'
import { DueHeap } from './due-heap.ts'
import { MemoryHookNames } from './hook-names.ts'
import { Queue } from '../queue.ts'
import { tell, type RecordedBefore } from './ledger/ledger.ts'
import { MemoryLedger } from './ledger/memory-ledger.ts'
import { newDeliveries } from './ledger/new-deliveries.ts'
import type { Telling } from './ledger/telling.ts'
import { RowGroups } from './row-groups.ts'
import { RowLog } from './row-log.ts'
import type { Attempt, Delivery, Progress } from '../delivery.ts'
import type {
  Claim,
  ClaimOptions,
  Count,
  DeliveryFilter,
  HookName,
  HookState,
  Moved,
  MoveOptions,
  NewDelivery,
  Page,
  PageOptions,
  Recorded,
  Store,
  ToldResult,
} from './store.ts'
import { ended, recorded, settled } from './transition.ts'
import { memoryTriggerRecords } from './triggers/memory-procedures.ts'
import type { TriggerRecords } from './triggers/records.ts'

export interface MemoryStoreOptions {
  /**
   * Delivered deliveries that are remembered, and as many dead ones, for `deliveries()` and so that the same release is
   * not sent twice. The oldest are forgotten first; waiting ones never.
   * @default 10_000
   */
  readonly keep?: number | undefined
}

interface Row {
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

/**
 * Keeps deliveries in this process. It promises nothing past the process: what waits when it ends is lost.
 *
 * Only the last attempt of a delivery keeps its excerpt, so a delivery takes 4 KiB of excerpt at most.
 *
 * @throws {@link ConfigurationError} `option_invalid`
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  checkFields(options, fields, { of: 'memoryStore()' })
  return new MemoryStore(options.keep ?? 10_000)
}

const fields: Fields = { keep: wholeNumber(0) }

class MemoryStore implements Store {
  readonly durable = false
  readonly triggers: TriggerRecords = memoryTriggerRecords()
  readonly #rows = new Map<string, Row>()
  /** By `seq`, for pages. */
  readonly #log = new RowLog<Row>()
  readonly #groups = new RowGroups<Row>()
  #seq = 0
  /**
   * Waiting, by hook. An entry counts while its row is unleased and due at that time: whatever changes a row leaves old
   * entries behind, to be passed over.
   */
  readonly #due = new Map<string, DueHeap>()
  readonly #leased = new Map<string, Row>()
  /** Of the last claim of any delivery: one that is recorded anew gets no token again that it had before. */
  #token = 0
  /** No lease ends before this time. */
  #leasesEnd = Infinity
  /** Final ones by state, first settled first. */
  readonly #final = { delivered: new Queue<Row>(), dead: new Queue<Row>() }
  /** By id: how many deliveries send this one again. */
  readonly #replays = new Map<string, number>()
  readonly #hooks = new Map<string, HookState>()
  readonly #names = new MemoryHookNames()
  readonly #ledger = new MemoryLedger()
  /** No version before has left anything in this memory. */
  readonly #before: RecordedBefore = {
    has: (id) => this.#rows.has(id),
    latest: ({ hookId, group = '' }) => this.#groups.latest(hookId, group, 1)[0]?.delivery,
    counts: () => false,
  }
  readonly #keep: number

  constructor(keep: number) {
    this.#keep = keep
  }

  async record(deliveries: readonly NewDelivery[], until: number): Promise<readonly Recorded[]> {
    return deliveries.map((given) => this.#record(given, until))
  }

  async tell(telling: Telling, until: number): Promise<ToldResult> {
    const told = tell(this.#ledger, telling, this.#before)
    const known = told.known.map(({ id }) => this.#rows.get(id)).filter((row) => row !== undefined)
    return {
      news: told.news,
      recorded: [
        ...known.map(({ delivery }) => ({ delivery, fresh: false })),
        ...newDeliveries(telling, told).map((given) => this.#record(given, until)),
      ],
    }
  }

  #record(given: NewDelivery, until: number): Recorded {
    const known = this.#rows.get(given.id)
    if (known !== undefined) return { delivery: known.delivery, fresh: false }
    const delivery = recorded(given)
    this.#seq += 1
    const row: Row = { seq: this.#seq, delivery, attempts: [] }
    this.#rows.set(given.id, row)
    if (given.group !== undefined) row.group = given.group
    this.#log.push(row)
    this.#groups.add(row)
    this.#countReplay(row, 1)
    if (given.dueAt === undefined) {
      return { delivery, fresh: true, token: this.#grant(row, until) }
    }
    this.#wait(row)
    return { delivery, fresh: true }
  }

  async claim({ hooks, now, until }: ClaimOptions): Promise<readonly Claim[]> {
    this.#endLeases(now)
    const claims: Claim[] = []
    for (const [hook, limit] of hooks) {
      for (let left = limit; left > 0; left -= 1) {
        const row = this.#takeDue(hook, now)
        if (row === undefined) break
        claims.push({ delivery: row.delivery, token: this.#grant(row, until) })
      }
    }
    return claims
  }

  async renew(claims: readonly Claim[], until: number): Promise<readonly boolean[]> {
    return claims.map((claim) => {
      const row = this.#claimed(claim)
      if (row !== undefined) this.#holdUntil(row, until)
      return row !== undefined
    })
  }

  async release(claims: readonly Claim[], dueAt?: number): Promise<void> {
    for (const claim of claims) {
      const row = this.#claimed(claim)
      if (row === undefined) continue
      if (dueAt !== undefined) row.delivery = { ...row.delivery, dueAt }
      this.#handBack(row)
    }
  }

  async mark(claim: Claim, progress: Progress): Promise<boolean> {
    const row = this.#claimed(claim)
    if (row === undefined) return false
    row.delivery = { ...row.delivery, progress }
    return true
  }

  async settle(claim: Claim, attempt: Attempt): Promise<Delivery | undefined> {
    const row = this.#claimed(claim)
    if (row === undefined) return undefined
    const last = row.attempts.at(-1)
    if (last?.excerpt !== undefined) {
      const { excerpt: _dropped, ...rest } = last
      row.attempts[row.attempts.length - 1] = rest
    }
    row.attempts.push(attempt)
    return this.#change(row, settled(row.delivery, attempt))
  }

  async end(claim: Claim, outcome: Parameters<Store['end']>[1], now: number): Promise<Delivery | undefined> {
    const row = this.#claimed(claim)
    if (row === undefined) return undefined
    return this.#change(row, ended(row.delivery, outcome, now))
  }

  async reschedule(due: Parameters<Store['reschedule']>[0]): Promise<readonly boolean[]> {
    return due.map(({ id, dueAt }) => {
      const row = this.#rows.get(id)
      if (row?.delivery.state !== 'waiting' || row.leasedUntil !== undefined) return false
      row.delivery = { ...row.delivery, dueAt }
      this.#wait(row)
      return true
    })
  }

  async nextDueAt(hooks: Iterable<string>): Promise<number | undefined> {
    const asked = new Set(hooks)
    let earliest = Infinity
    for (const hook of asked) earliest = Math.min(earliest, this.#nextDue(hook)?.at ?? Infinity)
    for (const { delivery, leasedUntil = Infinity } of this.#leased.values())
      if (leasedUntil < earliest && asked.has(delivery.hookId)) earliest = leasedUntil
    return earliest === Infinity ? undefined : earliest
  }

  async get(ids: readonly string[]): Promise<readonly (Delivery | undefined)[]> {
    return ids.map((id) => this.#rows.get(id)?.delivery)
  }

  async list(filter: DeliveryFilter, { limit, cursor = '0' }: PageOptions): Promise<Page> {
    const deliveries: Delivery[] = []
    let last = Number(cursor)
    const { rows } = this.#log
    for (let index = indexAfter(rows, last); index < rows.length; index += 1) {
      const row = rows[index] as Row
      if (row.forgotten === true || !this.#matches(row, filter)) continue
      if (deliveries.length === limit) return { deliveries, next: String(last) }
      deliveries.push(row.delivery)
      last = row.seq
    }
    return { deliveries }
  }

  async latest(hookId: string, group: string, limit: number): Promise<readonly Delivery[]> {
    return this.#groups.latest(hookId, group, limit).map(({ delivery }) => delivery)
  }

  async attempts(deliveryId: string): Promise<readonly Attempt[]> {
    return [...(this.#rows.get(deliveryId)?.attempts ?? [])]
  }

  async counts(): Promise<readonly Count[]> {
    const counts = new Map<string, Count>()
    for (const { delivery } of this.#rows.values()) {
      const { hookId, state } = delivery
      const key = `${state} ${hookId}`
      counts.set(key, { hookId, state, count: (counts.get(key)?.count ?? 0) + 1 })
    }
    return [...counts.values()]
  }

  async prune(olderThan: number): Promise<number> {
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

  async setHookStates(states: readonly HookState[]): Promise<void> {
    for (const state of states) this.#hooks.set(state.hookId, state)
  }

  async hookStates(): Promise<readonly HookState[]> {
    return [...this.#hooks.values()]
  }

  async nameHooks(names: readonly HookName[]): Promise<void> {
    this.#names.add(names)
  }

  async hookNames(ids?: readonly string[]): Promise<readonly HookName[]> {
    return this.#names.of(ids)
  }

  async moveHooks(ids: ReadonlyMap<string, string>, { limit, now, cursor }: MoveOptions): Promise<Moved> {
    if (cursor === undefined) this.#moveStates(ids)
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
      if (state === 'waiting' && row.leasedUntil === undefined) this.#wait(row)
    }
    this.#groups.move(moved)
    const next = looked.length < limit ? undefined : looked.at(-1)?.seq
    return next === undefined ? { moved: moved.size } : { moved: moved.size, next: String(next) }
  }

  #moveStates(ids: ReadonlyMap<string, string>): void {
    for (const [from, to] of ids) {
      const former = this.#hooks.get(from)
      if (former === undefined) continue
      this.#hooks.delete(from)
      if ((this.#hooks.get(to)?.since ?? -Infinity) < former.since)
        this.#hooks.set(to, { ...former, hookId: to })
    }
  }

  async close(): Promise<void> {
    for (const row of this.#leased.values()) this.#handBack(row)
  }

  /** The row, if the claim still holds. */
  #claimed({ delivery, token }: Claim): Row | undefined {
    const row = this.#rows.get(delivery.id)
    return row?.token === token ? row : undefined
  }

  /** Leases it. @returns the token */
  #grant(row: Row, until: number): number {
    this.#token += 1
    row.token = this.#token
    this.#holdUntil(row, until)
    return this.#token
  }

  #handBack(row: Row): void {
    row.token = undefined
    this.#wait(row)
  }

  #holdUntil(row: Row, until: number): void {
    row.leasedUntil = until
    this.#leased.set(row.delivery.id, row)
    this.#leasesEnd = Math.min(this.#leasesEnd, until)
  }

  /** Makes what was leased until now claimable again. Looks at all leases only when one may have ended. */
  #endLeases(now: number): void {
    if (this.#leasesEnd > now) return
    this.#leasesEnd = Infinity
    for (const row of this.#leased.values()) {
      const { leasedUntil = 0 } = row
      if (leasedUntil <= now) this.#wait(row)
      else this.#leasesEnd = Math.min(this.#leasesEnd, leasedUntil)
    }
  }

  #change(row: Row, delivery: Delivery): Delivery {
    row.delivery = delivery
    row.token = undefined
    if (delivery.state === 'waiting') {
      this.#wait(row)
      return delivery
    }
    this.#unlease(row)
    const final = this.#final[delivery.state]
    final.push(row)
    const oldest = final.size > this.#keep ? final.shift() : undefined
    if (oldest !== undefined) this.#forget(oldest)
    return delivery
  }

  #unlease(row: Row): void {
    row.leasedUntil = undefined
    this.#leased.delete(row.delivery.id)
  }

  #wait(row: Row): void {
    this.#unlease(row)
    const { id, hookId, dueAt = 0 } = row.delivery
    const due = this.#due.get(hookId) ?? new DueHeap()
    this.#due.set(hookId, due)
    due.push({ id, at: dueAt })
  }

  /** The first entry of the hook's heap that counts. */
  #nextDue(hook: string): DueHeap['next'] {
    const due = this.#due.get(hook)
    for (let next = due?.next; next !== undefined; next = due?.next) {
      const row = this.#rows.get(next.id)
      if (row?.delivery.dueAt === next.at && row.delivery.hookId === hook && row.leasedUntil === undefined)
        return next
      due?.pop()
    }
    return undefined
  }

  #takeDue(hook: string, now: number): Row | undefined {
    const next = this.#nextDue(hook)
    if (next === undefined || next.at > now) return undefined
    this.#due.get(hook)?.pop()
    return this.#rows.get(next.id)
  }

  #forget(row: Row): void {
    this.#rows.delete(row.delivery.id)
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

  #matches(
    { delivery }: Row,
    { hook, app, state, since = -Infinity, before = Infinity, replayed }: DeliveryFilter,
  ): boolean {
    return (
      (hook === undefined || delivery.hookId === hook) &&
      (app === undefined || delivery.release.app === app) &&
      (state === undefined || delivery.state === state) &&
      (replayed === undefined || replayed === this.#replays.has(delivery.id)) &&
      delivery.recordedAt >= since &&
      delivery.recordedAt < before
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
