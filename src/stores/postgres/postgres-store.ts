import type { Telling } from '../ledger/telling.ts'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { aFlag, type Fields } from '../../option-fields.ts'
import { attemptOf, deliveryOf, hookStateOf, type Row } from '../rows.ts'
import type { Attempt, Delivery, Progress } from '../../delivery.ts'
import type {
  Claim,
  ClaimOptions,
  Count,
  DeliveryFilter,
  HookState,
  Moved,
  MoveOptions,
  NewDelivery,
  Page,
  PageOptions,
  Recorded,
  Store,
  ToldResult,
  ToldWithin,
} from '../store.ts'
import type { LaneMember, LaneWorker, SharedLanes } from '../shared-lanes.ts'
import type { Transaction } from '../transaction.ts'
import { ended, settled } from '../transition.ts'
import type { TriggerRecords } from '../triggers/records.ts'
import { Batch, Turn } from './batch.ts'
import { startBoss } from './boss.ts'
import { Database } from './database.ts'
import type { Run } from './in-transaction.ts'
import { DeliveryPages } from './delivery-pages.ts'
import { closedError } from './faults.ts'
import { HeldClaims } from './held-claims.ts'
import { HookMoves } from './hook-moves.ts'
import { Hints } from './hints.ts'
import { PostgresInbox } from './inbox.ts'
import { LaneTable } from './lanes/lane-table.ts'
import { joinLanes } from './lanes/member.ts'
import { checkMigrated, migrateBy } from './migrate.ts'
import { atMost } from './pause.ts'
import { checkPlace, databaseOf, placeFields, schemaOf, type PostgresPlace } from './place.ts'
import { Pruner } from './pruner.ts'
import { record } from './recorder.ts'
import { statementsFor, type Statements } from './statements.ts'
import { tellAll } from './teller.ts'
import { tellingRow, type TellingRow } from './tellings.ts'
import { tellWithin } from './tell-within.ts'
import { kept, keptJson, keptKey } from './text.ts'
import { triggerRecords } from './trigger-procedures.ts'
import { Tokens, tokensOfAClaimer } from './tokens.ts'
import { arrayOf, newRows, type NewRow } from './values.ts'

export type PostgresStoreOptions = PostgresPlace & {
  /**
   * How long deliveries are kept after they became final, with their attempts, in milliseconds. Every hour one of the processes that
   * share the database forgets what is older. `Infinity` keeps all, until `prune()` is called.
   * @default 2_592_000_000, which is 30 days
   */
  readonly keepMs?: number | undefined
  /**
   * Whether the first use makes the tables, or brings them up to date. False: they must be so already, by `migrate()` or
   * `migrationSql()`, and the role needs no right to create anything.
   * @default true
   */
  readonly migrate?: boolean | undefined
}

/** Tellings in one statement: others wait for the scopes that it locks. */
const mostTellings = 100
const thirtyDaysMs = 30 * 24 * 3600 * 1000
/** How long a server that does not answer is waited for, in milliseconds, when the store is closed. */
const closeMs = 1000

/**
 * Keeps deliveries in PostgreSQL, for any number of processes on any number of machines. Needs the packages `pg` and `pg-boss`. What it
 * resolved with is committed: it survives what the server's `synchronous_commit` promises.
 *
 * Nothing is connected before the first use, which makes the tables. A lost connection, a failover or a deadlock is waited out for
 * about 3.5 s, without doing anything twice; after that, what was asked rejects.
 *
 * Close the store after the dispatchers that use it: it hands back what it claimed. One that is not closed loses nothing. What was asked
 * before is done first; what a server has not answered after a second rejects.
 *
 * @throws {@link ConfigurationError} `option_invalid`; methods reject with {@link StoreError} `store_unavailable`,
 * `store_busy`, `store_read_only`, `store_full`, `store_io`, `store_corrupt`, `store_newer`, `store_closed`, `store_failed`
 * @example
 * import { postgresStore } from 'deploy-hooks/postgres'
 *
 * await using store = postgresStore({ connectionString: process.env.DATABASE_URL ?? '' })
 * await using dispatcher = createDispatcher({ hooks, secret, store })
 */
export function postgresStore(options: PostgresStoreOptions): Store & AsyncDisposable {
  checkPlace(options, fields, 'postgresStore()')
  const { keepMs = thirtyDaysMs, migrate = true } = options
  return new PostgresStore(new Database(databaseOf(options)), schemaOf(options), { keepMs, migrate })
}

const fields: Fields = {
  ...placeFields,
  keepMs: {
    expected: 'milliseconds, 0 or more, or Infinity',
    is: (value) => typeof value === 'number' && value >= 0,
  },
  migrate: aFlag,
}

class PostgresStore implements Store, AsyncDisposable {
  readonly durable = true
  readonly inbox: PostgresInbox
  readonly lanes: SharedLanes
  readonly triggers: TriggerRecords
  readonly #database: Database
  readonly #schema: string
  readonly #migrate: boolean
  readonly #run: Run
  readonly #sql: Statements
  readonly #pages: DeliveryPages
  readonly #pruner: Pruner
  readonly #hints: Hints
  readonly #held: HeldClaims
  readonly #moves: HookMoves
  readonly #claiming = new Turn()
  readonly #records: Batch<NewRow, Recorded>
  readonly #tellings: Batch<TellingRow, ToldResult>
  readonly #reads: Batch<string, Delivery | undefined>
  /** Of records, and of claims: what a claim leaves over is used by the next one. */
  readonly #recordTokens: Tokens
  readonly #claimTokens: Tokens
  readonly #pending = new Set<Promise<unknown>>()
  /** Until then, in epoch milliseconds, what a version that kept no ledger recorded counts as told. */
  #formerUntil = -Infinity
  #opened: Promise<void> | undefined
  #closed: Promise<void> | undefined

  constructor(
    database: Database,
    schema: string,
    options: { readonly keepMs: number; readonly migrate: boolean },
  ) {
    this.#database = database
    this.#schema = schema
    this.#migrate = options.migrate
    this.#run = (text, values) => database.query(text, values)
    this.#sql = statementsFor(schema)
    this.#pages = new DeliveryPages(database, schema)
    this.#hints = new Hints(database, schema)
    this.triggers = triggerRecords(database, schema, (work) => this.#do(work))
    this.#pruner = new Pruner({ database, schema, sql: this.#sql, keepMs: options.keepMs })
    this.#held = new HeldClaims(database, this.#sql)
    this.#moves = new HookMoves(database, schema)
    this.#records = new Batch((rows) =>
      database.repeat((isRepeat) => record(this.#run, this.#sql, rows, isRepeat)),
    )
    this.#tellings = new Batch((rows) => tellAll(database, this.#sql, rows), { most: mostTellings })
    this.#reads = new Batch((ids) => this.#read(ids))
    this.inbox = new PostgresInbox({
      database,
      schema,
      hints: this.#hints,
      startBoss: (onError) => this.#do(() => startBoss(database, schema, onError, { supervise: false })),
    })
    const newClaimer = async (): Promise<number> =>
      Number((await this.#ask(this.#sql.claimer))[0]?.['claimer'])
    this.#recordTokens = new Tokens(newClaimer)
    this.#claimTokens = new Tokens(newClaimer)
    this.lanes = { join: (worker) => this.#do(() => this.#joinLanes(worker, newClaimer)) }
  }

  #joinLanes(worker: LaneWorker, newWorker: () => Promise<number>): Promise<LaneMember> {
    return joinLanes(worker, {
      table: new LaneTable({
        database: this.#database,
        schema: this.#schema,
        newWorker,
        claimers: () => this.#claimers,
      }),
      hints: this.#hints,
      startBoss: (onError) => startBoss(this.#database, this.#schema, onError),
      track: (work) => this.#track(work),
    })
  }

  record(deliveries: readonly NewDelivery[], until: number): Promise<readonly Recorded[]> {
    return this.#do(async () => this.#records.add(await this.#newRows(deliveries, until)))
  }

  tell(telling: Telling, until: number): Promise<ToldResult> {
    return this.#do(async () => {
      const [told] = await this.#tellings.add([await this.#tellingRow(telling, until)])
      return told as ToldResult
    })
  }

  tellWithin(transaction: Transaction, telling: Telling): Promise<ToldWithin> {
    return this.#do(async () =>
      tellWithin(transaction, await this.#tellingRow(telling), this.#sql, this.#database),
    )
  }

  async #tellingRow(telling: Telling, until?: number): Promise<TellingRow> {
    const token = await this.#recordTokens.take(telling.hooks.length)
    return tellingRow(telling, { token, until, hasFormer: telling.recordedAt < this.#formerUntil })
  }

  async #newRows(deliveries: readonly NewDelivery[], until?: number): Promise<NewRow[]> {
    const first = await this.#recordTokens.take(deliveries.length)
    const tokens = deliveries.map((_, index) => first + index)
    return newRows(deliveries, tokens, until)
  }

  claim({ hooks, now, until }: ClaimOptions): Promise<readonly Claim[]> {
    const asked = [...hooks].filter(([, most]) => most > 0)
    const largest = Math.max(...asked.map(([, each]) => each))
    const rows = asked.map(([hook, most], position) => keptJson({ position, hook_id: hook, most }))
    const most = asked.reduce((sum, [, each]) => sum + each, 0)
    if (most === 0) return this.#do(async () => [])
    return this.#do(() =>
      this.#claiming.take(() => this.#claim(arrayOf(rows), most, { now, until, largest })),
    )
  }

  async #claim(
    asked: string,
    most: number,
    { now, until, largest }: { readonly now: number; readonly until: number; readonly largest: number },
  ): Promise<readonly Claim[]> {
    const first = await this.#claimTokens.take(most)
    let isSure = true
    const claimed = await this.#database.repeat(async (isRepeat) => {
      isSure = !isRepeat
      const before = isRepeat ? await this.#run(this.#sql.claimed, [asked, first, first + most]) : []
      return before.length > 0 ? before : this.#run(this.#sql.claim, [asked, now, until, first, largest])
    })
    if (isSure) this.#claimTokens.giveBack(most - claimed.length) // otherwise some may be on deliveries that are not among these
    return claimed.map((row) => ({ delivery: deliveryOf(row), token: Number(row['token']) }))
  }

  renew(claims: readonly Claim[], until: number): Promise<readonly boolean[]> {
    return this.#do(() => this.#held.renew(claims, until))
  }

  release(claims: readonly Claim[], dueAt?: number): Promise<void> {
    return this.#do(() => this.#held.release(claims, dueAt))
  }

  mark(claim: Claim, progress: Progress): Promise<boolean> {
    return this.#do(() => this.#held.mark(claim, progress))
  }

  settle(claim: Claim, attempt: Attempt): Promise<Delivery | undefined> {
    const next = settled(this.#held.deliveryOf(claim), attempt)
    return this.#do(() => this.#held.settle(claim, next, attempt))
  }

  end(claim: Claim, outcome: Parameters<Store['end']>[1], now: number): Promise<Delivery | undefined> {
    return this.#do(() => this.#held.settle(claim, ended(claim.delivery, outcome, now)))
  }

  reschedule(due: Parameters<Store['reschedule']>[0]): Promise<readonly boolean[]> {
    return this.#do(() => this.#held.reschedule(due))
  }

  nextDueAt(hooks: Iterable<string>): Promise<number | undefined> {
    const asked = Array.from(hooks, (hook) => keptJson({ hook_id: hook }))
    return this.#do(async () => {
      const at =
        asked.length === 0 ? null : (await this.#ask(this.#sql.nextDueAt, [arrayOf(asked)]))[0]?.['at']
      return at === null ? undefined : Number(at)
    })
  }

  get(ids: readonly string[]): Promise<readonly (Delivery | undefined)[]> {
    return this.#do(() => this.#reads.add(ids))
  }

  async #read(ids: readonly string[]): Promise<readonly (Delivery | undefined)[]> {
    const asked = Array.from(new Set(ids), (id) => keptJson({ id }))
    const rows = await this.#ask(this.#sql.get, [arrayOf(asked)])
    const found = new Map(rows.map((row) => [String(row['id']), deliveryOf(row)]))
    return ids.map((id) => found.get(id))
  }

  /** Looks at some rows a statement, until there is something to give. */
  list(filter: DeliveryFilter, page: PageOptions): Promise<Page> {
    return this.#do(async () => {
      let found = await this.#database.repeat(() => this.#pages.list(filter, page))
      while (found.deliveries.length === 0 && found.next !== undefined) {
        const { next: cursor } = found
        found = await this.#database.repeat(() => this.#pages.list(filter, { ...page, cursor }))
      }
      return found
    })
  }

  latest(hookId: string, group: string, limit: number): Promise<readonly Delivery[]> {
    return this.#do(async () =>
      (await this.#ask(this.#sql.latest, [kept(hookId), keptKey(group), limit])).map(deliveryOf),
    )
  }

  attempts(deliveryId: string): Promise<readonly Attempt[]> {
    return this.#do(async () =>
      (await this.#ask(this.#sql.attempts, [kept(deliveryId)])).map((row) => attemptOf(deliveryId, row)),
    )
  }

  counts(): Promise<readonly Count[]> {
    return this.#do(async () => (await this.#ask(this.#sql.counts)).map(countOf))
  }

  prune(olderThan: number): Promise<number> {
    return this.#do(() => this.#pruner.prune(olderThan))
  }

  setHookStates(states: readonly HookState[]): Promise<void> {
    const rows = states.map(({ hookId, enabled, since, reason, url, memory }): [id: string, json: string] => [
      hookId,
      keptJson({ id: hookId, enabled: enabled ? 1 : 0, since, reason, url, memory }),
    ])
    const last = [...new Map(rows).values()] // no statement changes a row twice
    return this.#do(async () => {
      if (last.length > 0) await this.#ask(this.#sql.setHooks, [arrayOf(last)])
    })
  }

  hookStates(): Promise<readonly HookState[]> {
    return this.#do(async () => (await this.#ask(this.#sql.hooks)).map(hookStateOf))
  }

  moveHooks(ids: ReadonlyMap<string, string>, options: MoveOptions): Promise<Moved> {
    return this.#do(() => this.#moves.step(ids, options))
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#pruner.stop()
    this.#database.hurry()
    await atMost(closeMs, this.#finish())
    await this.#database.close()
  }

  /** After what was called before, and lanes that are handed back once it is done. When the server is away, the leases end by themselves. */
  async #finish(): Promise<void> {
    while (this.#pending.size > 0) {
      await Promise.allSettled(this.#pending)
      await nextTurn()
    }
    const claimers = this.#claimers
    if (claimers.length > 0) await this.#handBack(claimers).catch(() => undefined)
  }

  /** Whose tokens this store gives out. */
  get #claimers(): readonly number[] {
    return [...this.#recordTokens.claimers, ...this.#claimTokens.claimers]
  }

  async #handBack(claimers: readonly number[]): Promise<void> {
    await this.#run(this.#sql.handBack, [
      arrayOf(claimers.map((claimer) => keptJson({ claimer }))),
      tokensOfAClaimer,
    ])
  }

  /** A statement that may be repeated. */
  #ask(text: string, values?: readonly unknown[]): Promise<readonly Row[]> {
    return this.#database.repeat(() => this.#run(text, values))
  }

  async #do<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed !== undefined) throw closedError()
    return this.#track(this.#open().then(work))
  }

  /** {@link close} waits for it. */
  async #track<Result>(work: Promise<Result>): Promise<Result> {
    this.#pending.add(work)
    try {
      return await work
    } finally {
      this.#pending.delete(work)
    }
  }

  /** Once; anew after a fault, whose cause may be gone. */
  #open(): Promise<void> {
    this.#opened ??= this.#prepare().catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  async #prepare(): Promise<void> {
    await (this.#migrate ? migrateBy : checkMigrated)(this.#database, this.#schema)
    const [row] = await this.#ask(this.#sql.former)
    this.#formerUntil = Number(row?.['until'] ?? -Infinity)
    this.#pruner.start()
  }
}

function countOf(row: Row): Count {
  return {
    hookId: String(row['hook_id']),
    state: row['state'] as Delivery['state'],
    count: Number(row['count']),
  }
}
