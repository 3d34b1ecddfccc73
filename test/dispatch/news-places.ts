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

export function openPlace(name: PlaceName, connectionString: string): Promise<NewsPlace> {
  if (name === 'Postgres') return postgresPlace(connectionString)
  return name === 'SQLite' ? sqlitePlace() : memoryPlace()
}

async function memoryPlace(): Promise<NewsPlace> {
  const store = memoryStore()
  return { open: () => store, [Symbol.asyncDispose]: () => store.close() }
}

async function sqlitePlace(): Promise<NewsPlace> {
  const folder = await temporaryFolder()
  const opened: Store[] = []
  return {
    open() {
      opened.push(sqliteStore({ path: folder.file('hooks.db') }))
      return opened.at(-1) as Store
    },
    async [Symbol.asyncDispose]() {
      for (const store of opened) await store.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

async function postgresPlace(connectionString: string): Promise<NewsPlace & { readonly schema: string }> {
  const schema = `news_${randomUUID().replaceAll('-', '')}`
  await migrate({ connectionString, schema })
  const pool = new pg.Pool({ connectionString, max: 8 })
  const opened: Store[] = []
  const sql = statementsFor(schema)
  return {
    schema,
    open() {
      opened.push(postgresStore({ connectionString, schema, keepMs: Infinity, migrate: false }))
      return opened.at(-1) as Store
    },
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
      for (const store of opened) await store.close()
      await pool.query(`DROP SCHEMA ${schema}, ${schema}_pgboss CASCADE`)
      await pool.end()
    },
  }
}
