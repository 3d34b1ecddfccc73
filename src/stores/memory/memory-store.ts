import { checkFields, wholeNumber, type Fields } from '../../option-fields.ts'
import type { Attempt, Delivery, Progress } from '../../delivery.ts'
import { dueHooksOf } from '../due-hooks.ts'
import { MemoryHookNames } from '../hook-names.ts'
import { tell, type RecordedBefore } from '../ledger/ledger.ts'
import type { Telling } from '../ledger/telling.ts'
import type {
  Claim,
  ClaimOptions,
  Count,
  DeliveryFilter,
  DueHooks,
  DueOptions,
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
} from '../store.ts'
import { ended, settled } from '../transition.ts'
import { memoryTriggerRecords } from '../triggers/memory-procedures.ts'
import type { TriggerRecords } from '../triggers/records.ts'
import { MemoryClaims } from './claims.ts'
import { MemoryLedger } from './ledger.ts'
import { MemoryRows, type Row } from './rows.ts'

export interface MemoryStoreOptions {
  /**
   * Delivered deliveries that are remembered, and as many dead ones, for `deliveries()` and so that the same release is
   * not sent twice. The oldest are forgotten first; waiting ones never.
   * @default 10_000
   */
  readonly keep?: number | undefined
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
  readonly #rows: MemoryRows
  readonly #claims: MemoryClaims
  readonly #hooks = new Map<string, HookState>()
  readonly #names = new MemoryHookNames()
  readonly #ledger = new MemoryLedger()
  /** No version before has left anything in this memory. */
  readonly #before: RecordedBefore = {
    has: (id) => this.#rows.get(id) !== undefined,
    latest: ({ hookId, group = '' }) => this.#rows.latest(hookId, group, 1)[0],
    counts: () => false,
  }

  constructor(keep: number) {
    this.#rows = new MemoryRows(keep)
    this.#claims = new MemoryClaims(this.#rows)
  }

  async record(deliveries: readonly NewDelivery[], until: number): Promise<readonly Recorded[]> {
    return deliveries.map((given) => this.#record(given, until))
  }

  async tell(telling: Telling, until: number): Promise<ToldResult> {
    const { news, known, fresh } = tell(this.#ledger, telling, this.#before)
    const recorded: Recorded[] = []
    for (const id of known) {
      const row = this.#rows.get(id)
      if (row !== undefined) recorded.push({ delivery: row.delivery, fresh: false })
    }
    for (const given of fresh) recorded.push(this.#record(given, until))
    return { news, recorded }
  }

  #record(given: NewDelivery, until: number): Recorded {
    const known = this.#rows.get(given.id)
    if (known !== undefined) return { delivery: known.delivery, fresh: false }
    const row = this.#rows.add(given)
    const { delivery } = row
    if (given.dueAt === undefined) return { delivery, fresh: true, token: this.#claims.grant(row, until) }
    this.#claims.wait(row)
    return { delivery, fresh: true }
  }

  async claim({ hooks, now, until }: ClaimOptions): Promise<readonly Claim[]> {
    this.#claims.endLeases(now)
    const claims: Claim[] = []
    for (const [hook, limit] of hooks) {
      for (let left = limit; left > 0; left -= 1) {
        const row = this.#claims.takeDue(hook, now)
        if (row === undefined) break
        claims.push({ delivery: row.delivery, token: this.#claims.grant(row, until) })
      }
    }
    return claims
  }

  async renew(claims: readonly Claim[], until: number): Promise<readonly boolean[]> {
    return claims.map((claim) => {
      const row = this.#claimed(claim)
      if (row !== undefined) this.#claims.hold(row, until)
      return row !== undefined
    })
  }

  async release(claims: readonly Claim[], dueAt?: number): Promise<void> {
    for (const claim of claims) {
      const row = this.#claimed(claim)
      if (row === undefined) continue
      if (dueAt !== undefined) row.delivery = { ...row.delivery, dueAt }
      this.#claims.handBack(row)
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
      this.#claims.wait(row)
      return true
    })
  }

  async due(options: DueOptions): Promise<DueHooks> {
    return dueHooksOf(this.#claims.firsts(), options)
  }

  async get(ids: readonly string[]): Promise<readonly (Delivery | undefined)[]> {
    return ids.map((id) => this.#rows.get(id)?.delivery)
  }

  async list(filter: DeliveryFilter, page: PageOptions): Promise<Page> {
    return this.#rows.list(filter, page)
  }

  async latest(hookId: string, group: string, limit: number): Promise<readonly Delivery[]> {
    return this.#rows.latest(hookId, group, limit)
  }

  async attempts(deliveryId: string): Promise<readonly Attempt[]> {
    return [...(this.#rows.get(deliveryId)?.attempts ?? [])]
  }

  async counts(): Promise<readonly Count[]> {
    return this.#rows.counts()
  }

  async prune(olderThan: number): Promise<number> {
    return this.#rows.prune(olderThan)
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

  async moveHooks(ids: ReadonlyMap<string, string>, options: MoveOptions): Promise<Moved> {
    if (options.cursor === undefined) this.#moveStates(ids)
    return this.#rows.move(ids, options, (row) => this.#claims.wait(row))
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
    this.#claims.handBackAll()
  }

  /** The row, if the claim still holds. */
  #claimed({ delivery, token }: Claim): Row | undefined {
    const row = this.#rows.get(delivery.id)
    return row?.token === token ? row : undefined
  }

  #change(row: Row, delivery: Delivery): Delivery {
    row.delivery = delivery
    if (delivery.state === 'waiting') this.#claims.handBack(row)
    else {
      this.#claims.drop(row)
      this.#rows.addFinal(row, delivery.state)
    }
    return delivery
  }
}
