import type { Db, PgBoss } from 'pg-boss'
import { ReleaseError, StoreError } from '../../errors.ts'
import { Looks } from '../../looks.ts'
import type { Inbox, Intake, ReleaseTaker } from '../inbox.ts'
import type { Database } from './database.ts'
import type { Run } from './in-transaction.ts'
import { isLocked, isOfData } from './faults.ts'
import type { Hints } from './hints.ts'
import { releasesNotice, releasesQueue, type LeftRelease } from './sql-function.ts'
import { Patience } from './patience.ts'
import { OwnTransaction } from './transaction-query.ts'

export interface PostgresInboxOptions {
  readonly database: Pick<Database, 'repeat' | 'transaction'>
  readonly schema: string
  readonly hints: Pick<Hints, 'subscribe'>
  /** A pg-boss of the worker's own. */
  readonly startBoss: (onError: (error: unknown) => void) => Promise<PgBoss>
}

interface Refusal {
  readonly id: string
  readonly error: Error
}

/** Releases taken in one transaction. */
const batchSize = 64
/** A notice makes a worker look; this finds what a lost one told of, and goes on after a fault. */
const pollMs = 5000

/** Releases that were left by the SQL function, as jobs of pg-boss. */
export class PostgresInbox implements Inbox {
  readonly #options: PostgresInboxOptions

  constructor(options: PostgresInboxOptions) {
    this.#options = options
  }

  open(taker: ReleaseTaker): Intake {
    return new PostgresIntake(this.#options, taker)
  }
}

/**
 * Fetches, records and completes in one transaction. So a worker that dies leaves the jobs as they were, a fault of the database uses
 * up no retries, and none is recorded without being completed.
 */
class PostgresIntake implements Intake {
  readonly #options: PostgresInboxOptions
  readonly #taker: ReleaseTaker
  readonly #unsubscribe: () => void
  readonly #timer: NodeJS.Timeout
  readonly #looks: Looks
  #isClosed = false
  #boss: Promise<PgBoss> | undefined

  constructor(options: PostgresInboxOptions, taker: ReleaseTaker) {
    this.#options = options
    this.#taker = taker
    this.#looks = new Looks({
      look: () => this.#takeSome(),
      failed: (error) => {
        if (!this.#isClosed) taker.failed(error) // closed: what it did not take is there for others
      },
    })
    this.#timer = setInterval(() => this.#looks.ask(), pollMs)
    this.#timer.unref()
    this.#unsubscribe = options.hints.subscribe((hint) => {
      if (hint === undefined || hint === releasesNotice) this.#looks.ask()
    })
    this.#looks.ask()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    this.#unsubscribe()
    await this.#looks.close()
    const boss = await this.#boss
    this.#boss = undefined
    await boss?.stop({ graceful: false })
  }

  /** Anew after a fault. */
  async #startedBoss(): Promise<PgBoss> {
    this.#boss ??= this.#options.startBoss((error) => this.#taker.failed(error))
    try {
      return await this.#boss
    } catch (error) {
      this.#boss = undefined
      throw error
    }
  }

  async #takeSome(): Promise<void> {
    const { database } = this.#options
    const boss = await this.#startedBoss()
    const { count, refusals } = await database.repeat(() =>
      database.transaction((run) => this.#takeWithin(run, boss)),
    )
    for (const { id, error } of refusals) this.#taker.refused(id, error)
    if (count === batchSize) this.#looks.ask() // there may be more
  }

  async #takeWithin(
    run: Run,
    boss: PgBoss,
  ): Promise<{ readonly count: number; readonly refusals: readonly Refusal[] }> {
    if (!(await this.#isFirst(run))) return { count: 0, refusals: [] }
    const db = databaseOf(run)
    const jobs = await boss.fetch<string>(releasesQueue, { batchSize, db })
    const refusals: Refusal[] = []
    // Of all of them together: whoever tells of a scope that one has locked waits for the others, too.
    const patience = new Patience()
    for (const { id, left } of inOrder(jobs)) {
      const error = await this.#take(left, run, patience)
      if (error !== undefined) refusals.push({ id, error })
    }
    const refused = new Set(refusals.map(({ id }) => id))
    const taken = jobs.map(({ id }) => id).filter((id) => !refused.has(id))
    if (taken.length > 0) await boss.complete(releasesQueue, taken, undefined, { db })
    for (const { id, error } of refusals)
      await boss.fail(releasesQueue, id, { name: error.name, message: error.message }, { db })
    return { count: jobs.length, refusals }
  }

  /** One worker at a time takes, in the order in which they were left: whether a release is news depends on those before it. */
  async #isFirst(run: Run): Promise<boolean> {
    const key = `deploy-hooks takes releases in order ${this.#options.schema}`
    const [row] = await run(
      'SELECT pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended($1, 0)) AS locked',
      [key],
    )
    return row?.['locked'] === true
  }

  /** @returns why the release never can be recorded */
  async #take(left: LeftRelease | null, run: Run, patience: Patience): Promise<Error | undefined> {
    await run('SAVEPOINT taken')
    try {
      await this.#tell(left, new OwnTransaction(run, patience))
      return undefined
    } catch (error) {
      if (!isOfTheRelease(error) && !isLocked(error)) throw error
      await run('ROLLBACK TO SAVEPOINT taken')
      if (isOfTheRelease(error)) return error
      await this.#tell(left, new OwnTransaction(run, patience, true))
      return undefined
    }
  }

  async #tell(left: LeftRelease | null, transaction: OwnTransaction): Promise<void> {
    await this.#taker.take(left?.release, {
      idempotencyKey: left?.idempotencyKey ?? undefined,
      recordedAt: left?.at,
      transaction,
    })
  }
}

interface LeftJob {
  readonly id: string
  readonly left: LeftRelease | null
}

/** pg-boss fetches by their times, which may be the same. The database gives JSON as text. */
function inOrder(jobs: readonly { readonly id: string; readonly data: string | null }[]): readonly LeftJob[] {
  return jobs
    .map(({ id, data }) => ({ id, left: JSON.parse(data ?? 'null') as LeftRelease | null }))
    .toSorted((one, other) => (one.left?.number ?? 0) - (other.left?.number ?? 0))
}

/** Invalid for this library, or something that the columns do not take. Anything else may pass. */
function isOfTheRelease(error: unknown): error is Error {
  return error instanceof ReleaseError || (error instanceof StoreError && isOfData(error))
}

function databaseOf(run: Run): Db {
  return { executeSql: async (text, values) => ({ rows: [...(await run(text, values))] as never[] }) }
}
