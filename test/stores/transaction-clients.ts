import { sql as drizzleSql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import knexFrom from 'knex'
import { CamelCasePlugin, Kysely, PostgresDialect, sql as kyselySql } from 'kysely'
import pg from 'pg'
import type { Transaction } from '../../src/index.ts'

/** A client or query builder, as a controller has it. */
export interface TransactionClient extends AsyncDisposable {
  /** Commits what the work did, unless it throws. */
  transaction<Result>(work: (given: Given) => Promise<Result>): Promise<Result>
  /** What is no transaction, and looks like one. */
  readonly outside: unknown
}

interface Given {
  readonly transaction: Transaction
  /** SQL without values. */
  readonly run: (sql: string) => Promise<unknown>
}

export type OpenClient = (connectionString: string) => TransactionClient

export const clients: Readonly<Record<string, OpenClient>> = {
  pg(connectionString) {
    const pool = new pg.Pool({ connectionString, max: 4 })
    return {
      async transaction(work) {
        const client = await pool.connect()
        try {
          await client.query('BEGIN')
          const result = await work({ transaction: client, run: (text) => client.query(text) })
          await client.query('COMMIT')
          return result
        } catch (error) {
          await client.query('ROLLBACK')
          throw error
        } finally {
          client.release()
        }
      },
      outside: pool,
      [Symbol.asyncDispose]: () => pool.end(),
    }
  },
  drizzle(connectionString) {
    const pool = new pg.Pool({ connectionString, max: 4 })
    const db = drizzle(pool)
    return {
      transaction: (work) =>
        db.transaction((tx) => work({ transaction: tx, run: (text) => tx.execute(drizzleSql.raw(text)) })),
      outside: db,
      [Symbol.asyncDispose]: () => pool.end(),
    }
  },
  kysely(connectionString) {
    const dialect = new PostgresDialect({ pool: new pg.Pool({ connectionString, max: 4 }) })
    const db = new Kysely<object>({ dialect, plugins: [new CamelCasePlugin()] })
    return {
      transaction: (work) =>
        db
          .transaction()
          .execute((trx) => work({ transaction: trx, run: (text) => kyselySql.raw(text).execute(trx) })),
      outside: db,
      [Symbol.asyncDispose]: () => db.destroy(),
    }
  },
  knex(connectionString) {
    const db = knexFrom({ client: 'pg', connection: connectionString })
    return {
      transaction: (work) =>
        db.transaction((trx) => work({ transaction: trx, run: async (text) => trx.raw(text) })),
      outside: db,
      [Symbol.asyncDispose]: () => db.destroy(),
    }
  },
  prisma: prismaLike,
  'by hand'(connectionString) {
    const inner = clients['pg']?.(connectionString) as TransactionClient
    return {
      transaction: (work) =>
        inner.transaction(({ transaction, run }) =>
          work({
            transaction: { query: (text, values) => (transaction as pg.PoolClient).query(text, values) },
            run,
          }),
        ),
      outside: { ask: () => undefined },
      [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    }
  },
}

/**
 * In the shape of Prisma's interactive transactions, and reading what comes as Prisma 7 does with its adapter for `pg`: bigints as
 * `BigInt`, JSON as objects, no more than the rows. The client itself is too large to be installed for tests.
 */
function prismaLike(connectionString: string): TransactionClient {
  const pool = new pg.Pool({ connectionString, max: 4 })
  const types = {
    getTypeParser: (type: number) => (value: string) =>
      type === 20 ? BigInt(value) : type === 114 || type === 3802 ? (JSON.parse(value) as unknown) : value,
  }
  return {
    async transaction(work) {
      const client = await pool.connect()
      const $queryRawUnsafe = async (text: string, ...values: unknown[]): Promise<unknown> => {
        if (values.some((value) => typeof value !== 'string'))
          throw new TypeError('Only text is known to work')
        return (await client.query({ text, values, types } as pg.QueryConfig)).rows
      }
      try {
        await client.query('BEGIN')
        const result = await work({
          transaction: { $queryRawUnsafe },
          run: (text) => $queryRawUnsafe(text),
        })
        await client.query('COMMIT')
        return result
      } catch (error) {
        await client.query('ROLLBACK')
        throw error
      } finally {
        client.release()
      }
    },
    outside: { $queryRawUnsafe: async () => [], $connect: async () => undefined },
    [Symbol.asyncDispose]: () => pool.end(),
  }
}
