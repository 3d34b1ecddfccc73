import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { dueHooksOf, type FirstOfHook } from '../due-hooks.ts'
import { tell } from '../ledger/ledger.ts'
import type { Telling } from '../ledger/telling.ts'
import type { Attempt, Delivery } from '../../delivery.ts'
import type {
  Claim,
  ClaimOptions,
  Count,
  DueHooks,
  DueOptions,
  HookName,
  HookState,
  Moved,
  MoveOptions,
  ToldResult,
} from '../store.ts'
import type { ProcedureName } from '../triggers/procedures.ts'
import { SqliteProcedures } from '../triggers/sqlite-procedures.ts'
import { DeliveryPages } from './delivery-pages.ts'
import { FinalDeliveries } from './final-deliveries.ts'
import { FormerRows } from './former-rows.ts'
import { HookMoves } from './hook-moves.ts'
import { HookNames } from './hook-names.ts'
import { SqliteLedger } from './ledger.ts'
import { isAlive, OwnerLock, removeUnlisted } from './owner.ts'
import { attemptOf, deliveryOf, hookStateOf, jsonOf, newValues, type NewValues, type Value } from '../rows.ts'
import { prepareStatements, type Statements } from './statements.ts'

/** How often to look for processes that died while they had deliveries leased. */
const reapEveryMs = 1000

/** A claim without what only its claimer needs. */
export type ClaimKey = readonly [id: string, token: number]

/** What became of a telling, as flat as can be. */
export interface ToldByEngine {
  readonly news: ToldResult['news']
  readonly known: readonly Delivery[]
  /** Due time null: claimed; token 0: not claimed. */
  readonly fresh: readonly (readonly [
    id: string,
    hookId: string,
    dueAt: number | null,
    token: number,
    again: boolean,
  ])[]
}

/** What the store does to the database, each of it in one synchronous step. Runs in a thread of its own: see thread.ts. */
export class Engine {
  readonly pages: DeliveryPages
  readonly #db: DatabaseSync
  readonly #path: string
  readonly #finals: FinalDeliveries
  readonly #sql: Statements
  readonly #ledger: SqliteLedger
  readonly #former: FormerRows
  readonly #moves: HookMoves
  readonly #names: HookNames
  readonly #triggers: SqliteProcedures
  readonly #lock: OwnerLock
  readonly #owner: number
  #reapedAt = -Infinity
  #tokens = 0

  /** Takes back what processes that died had leased. */
  constructor(db: DatabaseSync, path: string, keep: number) {
    this.#db = db
    this.#path = path
    this.#sql = prepareStatements(db)
    this.pages = new DeliveryPages(db)
    this.#finals = new FinalDeliveries(db, keep)
    this.#ledger = new SqliteLedger(db)
    this.#former = new FormerRows(db)
    this.#moves = new HookMoves(db)
    this.#names = new HookNames(db)
    this.#triggers = new SqliteProcedures(db)
    // The lock file is made and listed by one holder of the write lock, so one that is not listed has lost its process.
    const { lock, owner } = this.transaction(() => {
      removeUnlisted(path, new Set(this.#sql.otherOwners.all(0).map((row) => String(row['lock']))))
      const lock = new OwnerLock(path)
      try {
        return { lock, owner: Number(this.#sql.addOwner.run(lock.name).lastInsertRowid) }
      } catch (error) {
        lock.release()
        throw error
      }
    })
    this.#lock = lock
    this.#owner = owner
    try {
      this.transaction(() => this.#reap())
    } catch (error) {
      this.#lock.release()
      throw error
    }
  }

  /** All of the work is on the disk when it returns, or nothing of it has happened. */
  transaction<Result>(work: () => Result): Result {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#ledger.beforeCommit()
      this.#db.exec('COMMIT')
      return result
    } catch (error) {
      // SQLite has rolled back by itself after some faults, a full disk among them.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      this.#finals.countAnew()
      this.#ledger.rolledBack()
      throw error
    }
  }

  /** @returns for each its token, 0 for one that is fresh and not leased, or what was there before */
  record({ releases, deliveries }: NewValues, until: number): (Delivery | number)[] {
    const seqs = releases.map((values) => this.#sql.addRelease.run(...values).lastInsertRowid)
    const unused = new Set(seqs)
    const results = deliveries.map(
      ([id = '', hookId = '', index, recordedAt = 0, dueAt = null, ...others]) => {
        const release = seqs[Number(index)] as number | bigint
        const token = dueAt === null ? this.#newToken() : 0
        const lease = dueAt === null ? [until, this.#owner, token] : [null, null, null]
        const values = [id, hookId, release, recordedAt, dueAt ?? recordedAt, ...lease, ...others]
        if (this.#sql.addDelivery.run(...values).changes === 0) return this.#delivery(String(id)) as Delivery
        unused.delete(release)
        return token
      },
    )
    for (const seq of unused) this.#sql.dropRelease.run(seq)
    return results
  }

  /** @param given a telling as JSON, which crosses to the thread in half the time of an object */
  tell(given: string, until: number): ToldByEngine {
    const telling = JSON.parse(given) as Telling
    const { news, known, fresh } = tell(this.#ledger, telling, this.#former)
    const results = fresh.length === 0 ? [] : this.record(newValues(fresh), until)
    const standing = known.map((id) => this.#delivery(id)).filter((delivery) => delivery !== undefined)
    return {
      news,
      known: [...standing, ...results.filter((result) => typeof result === 'object')],
      fresh: fresh.flatMap(({ id, hookId, dueAt = null, again = false }, index) => {
        const token = results[index]
        return typeof token === 'number' ? [[id, hookId, dueAt, token, again] as const] : []
      }),
    }
  }

  changeTriggers(name: ProcedureName, args: readonly unknown[]): unknown {
    return this.#triggers.run(name, args)
  }

  readTriggers(name: ProcedureName, args: readonly unknown[]): unknown {
    return this.#triggers.run(name, args)
  }

  /** Of all that any process ever gives: owners are numbered. */
  #newToken(): number {
    this.#tokens += 1
    return this.#owner * 2 ** 32 + this.#tokens
  }

  claim({ hooks, now, until }: ClaimOptions): Claim[] {
    this.#reapAt(now)
    return [...hooks].flatMap(([hook, limit]) => {
      const due = limit > 0 ? this.#sql.claimable.all(hook, now, limit) : []
      return due.map((row) => {
        const token = this.#newToken()
        this.#sql.lease.run(until, this.#owner, token, Number(row['seq']))
        return { delivery: deliveryOf(row), token }
      })
    })
  }

  due(options: DueOptions): DueHooks {
    this.#reapAt(options.now)
    const { firstDue, firstLeased } = this.#sql
    return dueHooksOf([...firstsBy(firstDue), ...firstsBy(firstLeased)], options)
  }

  renew(claims: readonly ClaimKey[], until: number): boolean[] {
    return claims.map(([id, token]) => this.#sql.renew.run(until, this.#owner, id, token).changes === 1)
  }

  release(claims: readonly ClaimKey[], dueAt?: number): void {
    for (const [id, token] of claims) this.#sql.release.run(dueAt ?? null, id, token)
  }

  /** @param progress as jsonOf gives it */
  mark([id, token]: ClaimKey, progress: Value): boolean {
    return this.#sql.mark.run(progress, id, token).changes === 1
  }

  /**
   * @param settled as settledValues gives them
   * @param attempt as attemptValues gives them; `undefined` when there was none
   */
  settle([id, token]: ClaimKey, settled: readonly Value[], attempt: readonly Value[] | undefined): boolean {
    if (this.#sql.settle.run(...settled, id, token).changes === 0) return false
    if (attempt !== undefined) this.#sql.addAttempt.run(id, ...attempt)
    const [state] = settled
    if (state !== 'waiting') this.#finals.add(state as Delivery['state'])
    return true
  }

  reschedule(due: readonly { readonly id: string; readonly dueAt: number }[]): boolean[] {
    return due.map(({ id, dueAt }) => this.#sql.reschedule.run(dueAt, id).changes === 1)
  }

  /** @returns how many, `limit` at most */
  prune(olderThan: number, limit: number): number {
    return this.#finals.prune(olderThan, limit)
  }

  setHookStates(states: readonly HookState[]): void {
    for (const { hookId, enabled, since, reason, url = null, memory } of states)
      this.#sql.setHook.run(hookId, enabled ? 1 : 0, since, reason, url, jsonOf(memory))
  }

  nameHooks(names: string): void {
    this.#names.add(names)
  }

  moveHooks(ids: ReadonlyMap<string, string>, options: MoveOptions): Moved {
    return this.#moves.step(ids, options)
  }

  get(ids: readonly string[]): (Delivery | undefined)[] {
    return ids.map((id) => this.#delivery(id))
  }

  latest(hookId: string, group: string, limit: number): Delivery[] {
    return this.#sql.latest.all(hookId, group, limit).map((row) => deliveryOf(row))
  }

  attempts(deliveryId: string): Attempt[] {
    return this.#sql.attempts.all(deliveryId).map((row) => attemptOf(deliveryId, row))
  }

  counts(): Count[] {
    return this.#sql.counts.all().map((row) => {
      const { hook_id: hookId, state, count } = row
      return { hookId: String(hookId), state: state as Delivery['state'], count: Number(count) }
    })
  }

  hookStates(): HookState[] {
    return this.#sql.hooks.all().map((row) => hookStateOf(row))
  }

  hookNames(ids: readonly string[] | undefined): HookName[] {
    return this.#names.of(ids)
  }

  /** Hands back what this process has leased. */
  close(): void {
    try {
      this.transaction(() => this.#dropOwner(this.#owner))
    } catch {
      // On a full disk, say: the lock goes all the same, and whoever sees that hands it back.
    } finally {
      this.#db.close()
      this.#lock.release()
    }
  }

  #delivery(id: string): Delivery | undefined {
    const row = this.#sql.delivery.get(id)
    return row === undefined ? undefined : deliveryOf(row)
  }

  /** Takes back what processes that died had leased, if that was not looked for just now. */
  #reapAt(now: number): void {
    if (now - this.#reapedAt >= reapEveryMs || now < this.#reapedAt) this.#reap(now)
  }

  #reap(now = -Infinity): void {
    this.#reapedAt = now
    for (const { seq, lock } of this.#sql.otherOwners.all(this.#owner))
      if (!isAlive(this.#path, String(lock))) this.#dropOwner(Number(seq))
  }

  #dropOwner(seq: number): void {
    this.#sql.releaseAll.run(seq)
    this.#sql.dropOwner.run(seq)
  }
}

/** The first of each hook, by one step through the index for each. @param next gives the first of the hook that comes after one */
function* firstsBy(next: StatementSync): Iterable<FirstOfHook> {
  for (let hookId = ''; ;) {
    const row = next.get(hookId)
    if (row === undefined) return
    hookId = String(row['hook_id'])
    yield { hookId, at: Number(row['at']) }
  }
}
