import { setMaxListeners } from 'node:events'
import pRetry from 'p-retry'
import { StoreError } from '../../errors.ts'
import type { Row } from '../rows.ts'
import { closedError, isTransient, storeErrorOf } from './faults.ts'
import { inTransaction, isSpoiled, type Run } from './in-transaction.ts'
import { listen, type Listener } from './listener.ts'
import { atMost, pause } from './pause.ts'
import { createPool, statementMs, type PostgresClient, type PostgresPool } from './pool.ts'
import { fixedPath } from './search-path.ts'
import { types } from './types.ts'
import { within } from './within.ts'

export interface QueryOptions {
  /** How long an answer may take, in milliseconds, before the connection is given up. @default 12_000 */
  readonly timeoutMs?: number | undefined
  /** Called when there is a connection, right before it is asked. */
  readonly onSend?: (() => void) | undefined
}

/** How long a connection may take, from an exhausted pool or over the network. */
const checkoutMs = 5000
/** The server ends a statement after 10 s; a server that does not answer at all is given up a little later. */
const answerMs = statementMs + 2000

const mostRepeats = 7
const repeatsForMs = 3600
/** 50 ms, then twice as long each time: about 3.5 s in all. */
const pauseMs = (repeats: number): number => Math.min(50 * 2 ** repeats, 1000)
/** In which connections end to a server that is there. */
const endMs = 100

/**
 * Queries a PostgreSQL database over a pool, the caller's or its own. Every wait has an end, no connection that broke is used again, and
 * whatever goes wrong is a {@link StoreError}.
 */
export class Database {
  readonly #given: PostgresPool | undefined
  readonly #connectionString: string
  readonly #listeners = new Set<Listener>()
  #own: ReturnType<typeof createPool> | undefined
  /** Nothing is repeated any more. */
  readonly #hurry = new AbortController()
  /** Nothing is waited for any more. */
  readonly #closed = new AbortController()

  /** Nothing is loaded or connected before the first query. */
  constructor({
    pool,
    connectionString = '',
  }: {
    pool?: PostgresPool | undefined
    connectionString?: string | undefined
  }) {
    this.#given = pool
    this.#connectionString = connectionString
    setMaxListeners(0, this.#hurry.signal, this.#closed.signal) // one for each query
    if (pool !== undefined) guard(pool)
  }

  /** One statement, or several when there are no values. @returns the rows; of several statements none */
  query(text: string, values?: readonly unknown[], options: QueryOptions = {}): Promise<readonly Row[]> {
    return this.#withClient((run) => {
      options.onSend?.()
      return run(text, values)
    }, options)
  }

  /** All of the work is committed when it resolves, or nothing of it has happened, unless the error says that it may have. */
  transaction<Result>(work: (run: Run) => Promise<Result>, options: QueryOptions = {}): Promise<Result> {
    return this.#withClient((run) => inTransaction(run, () => work(run)), options)
  }

  /**
   * Repeats what a lost connection, a failover or a deadlock undid, for about 3.5 s.
   *
   * @param work may be repeated; is told whether it is, and then may have happened before
   */
  repeat<Result>(work: (isRepeat: boolean) => Promise<Result>): Promise<Result> {
    const { signal } = this.#hurry
    const endsAt = performance.now() + repeatsForMs
    return pRetry((attempt) => work(attempt > 1), {
      retries: mostRepeats,
      minTimeout: 0, // it is waited below, as a signal of p-retry's would reject what was done too
      shouldRetry: async ({ error, retriesConsumed }) => {
        const leftMs = endsAt - performance.now()
        if (leftMs <= 0 || !isTransient(error)) return false
        await pause(Math.min(pauseMs(retriesConsumed), leftMs), signal)
        return !signal.aborted
      },
    })
  }

  /** It will be closed: what is asked may still be answered, and nothing is repeated any more. */
  hurry(): void {
    this.#hurry.abort()
  }

  /**
   * Listens on a connection of its own, which is opened again, with growing pauses, whenever it is lost.
   *
   * @param onConnected whenever it listens: what was notified before was missed
   */
  listen(channel: string, onPayload: (payload: string) => void, onConnected: () => void): Listener {
    const listener = listen({ checkOut: () => this.#checkOut(), channel, onPayload, onConnected })
    this.#listeners.add(listener)
    return {
      close: async () => {
        await listener.close()
        this.#listeners.delete(listener)
      },
    }
  }

  /**
   * What pg-boss runs its SQL by: `IDatabase`. Its values come as `pg` reads them. It names functions without a schema, and the
   * connection may be one of the caller's, or a pooler's, that looks for them elsewhere first: so each runs in a transaction.
   */
  async executeSql(text: string, values?: unknown[]): Promise<{ rows: never[] }> {
    const rows = await this.#withClient((run, client) => {
      const asked = (sql = text): Promise<readonly Row[]> =>
        this.#ask(client, values === undefined ? { text: sql } : { text: sql, values }, answerMs)
      if (standsAlone.test(text)) return asked()
      if (begins.test(text)) return asked(text.replace(begins, `BEGIN; ${fixedPath};`))
      return inTransaction(run, () => asked())
    })
    return { rows: rows as never[] }
  }

  /** Closes what it opened; the caller's pool stays open. What was not answered rejects, and its connection is given up. */
  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return
    this.hurry()
    this.#closed.abort()
    await Promise.all(Array.from(this.#listeners, (listener) => listener.close()))
    this.#given?.off('error', idleConnectionLost)
    this.#given?.off('connect', guardClient)
    const own = await this.#own?.catch(() => undefined)
    if (own !== undefined) await atMost(endMs, own.end())
  }

  async #withClient<Result>(
    work: (run: Run, client: PostgresClient) => Promise<Result>,
    { timeoutMs = answerMs }: QueryOptions = {},
  ): Promise<Result> {
    const client = await this.#checkOut()
    const run: Run = (text, values) =>
      this.#ask(
        client,
        { text, types, ...(values === undefined ? undefined : { values: [...values] }) },
        timeoutMs,
      )
    client.on('error', idleConnectionLost)
    try {
      const result = await work(run, client)
      client.off('error', idleConnectionLost)
      client.release()
      return result
    } catch (error) {
      const isUnusable = isSpoiled(error)
      if (!isUnusable) client.off('error', idleConnectionLost)
      client.release(isUnusable)
      if (isUnusable) client.unref?.() // its end may never come
      throw error
    }
  }

  async #checkOut(): Promise<PostgresClient> {
    if (this.#closed.signal.aborted) throw closedError()
    const pool = this.#given ?? (await this.#pool())
    try {
      const connecting = pool.connect() // throws for a connection string that it cannot read
      return await within(checkoutMs, connecting, this.#closed.signal, (isClosed) => {
        connecting.then(
          (client) => client.release(),
          () => undefined, // it was told that none came in time
        )
        if (isClosed) return closedError()
        return new StoreError(
          'store_busy',
          'Expected a free connection of the pool within 5 s, got none. Nothing has happened. Give the pool more connections, or ask again.',
        )
      })
    } catch (error) {
      throw storeErrorOf(error, 'connecting', 'Connecting to PostgreSQL')
    }
  }

  async #ask(
    client: PostgresClient,
    query: Parameters<PostgresClient['query']>[0],
    timeoutMs: number,
  ): Promise<readonly Row[]> {
    try {
      const asked = client.query(query)
      const answer = await within(timeoutMs, asked, this.#closed.signal, (isClosed) => {
        asked.catch(() => undefined) // it ends with its connection, which is given up
        const waited = isClosed ? 'until the store was closed' : `within ${timeoutMs / 1000} s`
        return new StoreError(
          isClosed ? 'store_closed' : 'store_busy',
          `Expected an answer of PostgreSQL ${waited}, got none. What was asked for may have happened. Ask again.`,
        )
      })
      return (Array.isArray(answer) ? [] : answer.rows) as readonly Row[] // an array of answers to several statements
    } catch (error) {
      throw storeErrorOf(error, 'asking', 'PostgreSQL')
    }
  }

  async #pool(): Promise<PostgresPool> {
    this.#own ??= createPool(this.#connectionString).then(guard)
    try {
      return await this.#own
    } catch (error) {
      this.#own = undefined
      throw error
    }
  }
}

/** A script with a transaction of its own. */
const begins = /^\s*BEGIN;/u
/** What cannot run in a transaction, and calls no function. */
const standsAlone = /^\s*(?:CREATE|DROP|REINDEX)\b[^;]*\bCONCURRENTLY\b/iu

/** The pool replaces a connection that broke while nothing was asked of it; whatever is asked then tells if there is none. */
function idleConnectionLost(): void {}

/** A server may end a connection in the same packet that opens it: then nobody has had the time to listen. */
function guardClient(client: Pick<PostgresClient, 'on'>): void {
  client.on('error', idleConnectionLost)
}

function guard<Guarded extends PostgresPool>(pool: Guarded): Guarded {
  pool.on('error', idleConnectionLost)
  pool.on('connect', guardClient)
  return pool
}
