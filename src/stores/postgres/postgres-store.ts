import { aFlag, type Fields } from '../../option-fields.ts'
import type { Store } from '../store.ts'
import { startBoss } from './boss.ts'
import { Claimers } from './claimers.ts'
import { Claiming } from './claiming.ts'
import { Database } from './database.ts'
import { HeldClaims } from './held-claims.ts'
import { Hints } from './hints.ts'
import { HookMoves } from './hook-moves.ts'
import { HookNames } from './hook-names.ts'
import { HookStates } from './hook-states.ts'
import { PostgresInbox } from './inbox.ts'
import { LaneTable } from './lanes/lane-table.ts'
import { joinLanes } from './lanes/member.ts'
import { checkMigrated, migrateBy } from './migrate.ts'
import { atMost } from './pause.ts'
import { checkPlace, databaseOf, placeFields, schemaOf, type PostgresPlace } from './place.ts'
import { Pruner } from './pruner.ts'
import { Reading } from './reading.ts'
import { Recording } from './recording.ts'
import { Session } from './session.ts'
import { statementsFor } from './statements.ts'
import { triggerRecords } from './trigger-procedures.ts'

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
  return storeOver(new Database(databaseOf(options)), schemaOf(options), { keepMs, migrate })
}

const fields: Fields = {
  ...placeFields,
  keepMs: {
    expected: 'milliseconds, 0 or more, or Infinity',
    is: (value) => typeof value === 'number' && value >= 0,
  },
  migrate: aFlag,
}

interface Options {
  readonly keepMs: number
  readonly migrate: boolean
}

/** What the parts of a store have in common. */
interface Common {
  readonly database: Database
  readonly schema: string
  readonly session: Session
  readonly claimers: Claimers
}

/** Each part of the contract by what it is about, when the session lets it. */
function storeOver(database: Database, schema: string, options: Options): Store & AsyncDisposable {
  const sql = statementsFor(schema)
  const claimers = new Claimers(database, sql)
  const recording = new Recording(database, sql, claimers.records)
  const claiming = new Claiming(database, sql, claimers.claims)
  const held = new HeldClaims(database, sql)
  const reading = new Reading(database, schema, sql)
  const states = new HookStates(database, sql)
  const moves = new HookMoves(database, schema)
  const names = new HookNames(database, schema)
  const pruner = new Pruner({ database, schema, sql, keepMs: options.keepMs })
  const session = new Session(async () => {
    await (options.migrate ? migrateBy : checkMigrated)(database, schema)
    await recording.open()
    pruner.start()
  })
  const common: Common = { database, schema, session, claimers }
  const close = closing(common, pruner)
  return {
    durable: true,
    ...sharedOf(common),
    record: (deliveries, until) => session.do(() => recording.record(deliveries, until)),
    tell: (telling, until) => session.do(() => recording.tell(telling, until)),
    tellWithin: (transaction, telling) => session.do(() => recording.tellWithin(transaction, telling)),
    claim: ({ hooks, now, until }) => {
      const asked = new Map(hooks) // as they are now
      return session.do(() => claiming.claim({ hooks: asked, now, until }))
    },
    renew: (claims, until) => session.do(() => held.renew(claims, until)),
    release: (claims, dueAt) => session.do(() => held.release(claims, dueAt)),
    mark: (claim, progress) => session.do(() => held.mark(claim, progress)),
    settle: (claim, attempt) => session.do(() => held.settle(claim, attempt)),
    end: (claim, outcome, now) => session.do(() => held.end(claim, outcome, now)),
    reschedule: (due) => session.do(() => held.reschedule(due)),
    due: ({ among, except, ...rest }) => {
      const asked = { ...rest, except: new Set(except), among: among && new Set(among) } // as they are now
      return session.do(() => reading.due(asked))
    },
    get: (ids) => session.do(() => reading.get(ids)),
    list: (filter, page) => session.do(() => reading.list(filter, page)),
    latest: (hookId, group, limit) => session.do(() => reading.latest(hookId, group, limit)),
    attempts: (deliveryId) => session.do(() => reading.attempts(deliveryId)),
    counts: () => session.do(() => reading.counts()),
    prune: (olderThan) => session.do(() => pruner.prune(olderThan)),
    setHookStates: (all) => session.do(() => states.set(all)),
    hookStates: () => session.do(() => states.all()),
    nameHooks: (all) => session.do(() => names.add(all)),
    hookNames: (ids) => session.do(() => names.of(ids)),
    moveHooks: (ids, step) => session.do(() => moves.step(ids, step)),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** What workers share. */
function sharedOf({
  database,
  schema,
  session,
  claimers,
}: Common): Pick<Store, 'inbox' | 'lanes' | 'triggers'> {
  const hints = new Hints(database, schema)
  const table = (): LaneTable =>
    new LaneTable({
      database,
      schema,
      newWorker: () => claimers.newNumber(),
      claimers: () => claimers.all,
    })
  return {
    inbox: new PostgresInbox({
      database,
      schema,
      hints,
      startBoss: (onError) => session.do(() => startBoss(database, schema, onError, { supervise: false })),
    }),
    lanes: {
      join: (worker) =>
        session.do(() =>
          joinLanes(worker, {
            table: table(),
            hints,
            startBoss: (onError) => startBoss(database, schema, onError),
            track: (work) => session.track(work),
          }),
        ),
    },
    triggers: triggerRecords(database, schema, (work) => session.do(work)),
  }
}

/** Once. When the server is away, the leases end by themselves. */
function closing({ database, session, claimers }: Common, pruner: Pruner): () => Promise<void> {
  const finish = async (): Promise<void> => {
    await session.close() // lanes that are handed back among others
    await claimers.handBack().catch(() => undefined)
  }
  const close = async (): Promise<void> => {
    pruner.stop()
    database.hurry()
    await atMost(closeMs, finish())
    await database.close()
  }
  let closed: Promise<void> | undefined
  return () => (closed ??= close())
}
