import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { memoryStore, type Store, type Transaction } from '../../src/index.ts'
import { migrate, postgresStore } from '../../src/stores/postgres/index.ts'
import { statementsFor } from '../../src/stores/postgres/statements.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { temporaryFolder } from '../stores/temporary.ts'
import type { isolations } from './news-steps.ts'

/** A transaction of the caller's. */
interface Begun {
  readonly transaction: Transaction
  readonly end: (isCommitted: boolean) => Promise<void>
}

/** Where what is told is kept: a store that may be opened several times, as several processes do. */
export interface NewsPlace extends AsyncDisposable {
  readonly open: () => Store
  readonly begin?: (isolation: (typeof isolations)[number]) => Promise<Begun>
  /** Drops what is remembered no longer. Others do that by themselves. */
  readonly sweep?: (now: number) => Promise<void>
}

export type PlaceName = 'memory' | 'SQLite' | 'Postgres'

/** What another process opens: a file, or a schema. */
export type SharedPlace =
  | { readonly name: 'SQLite'; readonly file: string }
  | { readonly name: 'Postgres'; readonly connectionString: string; readonly schema: string }

export async function openPlace(name: PlaceName, connectionString: string): Promise<NewsPlace> {
  if (name === 'memory') return memoryPlace()
  const { shared, [Symbol.asyncDispose]: remove } = await newPlace(name, connectionString)
  const place = placeAt(shared)
  return {
    ...place,
    async [Symbol.asyncDispose]() {
      await place[Symbol.asyncDispose]()
      await remove()
    },
  }
}

function memoryPlace(): NewsPlace {
  const store = memoryStore()
  return { open: () => store, [Symbol.asyncDispose]: () => store.close() }
}

/** A place for any number of processes; `await using` removes it, when they are done with it. */
export async function newPlace(
  name: SharedPlace['name'],
  connectionString: string,
): Promise<AsyncDisposable & { readonly shared: SharedPlace }> {
  if (name === 'SQLite') {
    const folder = await temporaryFolder()
    return {
      shared: { name, file: folder.file('hooks.db') },
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    }
  }
  const schema = `news_${randomUUID().replaceAll('-', '')}`
  await migrate({ connectionString, schema })
  return {
    shared: { name, connectionString, schema },
    async [Symbol.asyncDispose]() {
      const client = new pg.Client(connectionString)
      await client.connect()
      await client.query(`DROP SCHEMA ${schema}, ${schema}_pgboss CASCADE`)
      await client.end()
    },
  }
}

export function placeAt(shared: SharedPlace): NewsPlace {
  return shared.name === 'SQLite' ? sqlitePlace(shared.file) : postgresPlace(shared)
}

/** Opens stores, and closes them. */
function opener(one: () => Store): { readonly open: () => Store; readonly close: () => Promise<void> } {
  const opened: Store[] = []
  return {
    open() {
      const store = one()
      opened.push(store)
      return store
    },
    async close() {
      for (const store of opened) await store.close()
    },
  }
}

function sqlitePlace(file: string): NewsPlace {
  const { open, close } = opener(() => sqliteStore({ path: file }))
  return { open, [Symbol.asyncDispose]: close }
}

function postgresPlace({ connectionString, schema }: SharedPlace & { name: 'Postgres' }): NewsPlace {
  const pool = new pg.Pool({ connectionString, max: 8 })
  const { open, close } = opener(() =>
    postgresStore({ connectionString, schema, keepMs: Infinity, migrate: false }),
  )
  const sql = statementsFor(schema)
  return {
    open,
    async begin(isolation) {
      const client = await pool.connect()
      await client.query(`BEGIN ISOLATION LEVEL ${isolation}`)
      return {
        transaction: client,
        async end(isCommitted) {
          await client.query(isCommitted ? 'COMMIT' : 'ROLLBACK')
          client.release()
        },
      }
    },
    async sweep(now) {
      await pool.query(sql.pruneLedger, [now, 1000])
    },
    async [Symbol.asyncDispose]() {
      await close()
      await pool.end()
    },
  }
}
