import { ConfigurationError } from '../../errors.ts'
import type {
  DrizzleTransaction,
  KnexTransaction,
  KyselyTransaction,
  PostgresJsTransaction,
  PrismaTransaction,
  QueryTransaction,
  SqlExecutor,
  Transaction,
} from '../transaction.ts'
import type { Run } from './in-transaction.ts'
import type { Patience } from './patience.ts'

/**
 * Runs SQL with `$1`, `$2` for its values, which are text. Text goes through every client unaltered, as arrays, JSON and bigints do
 * not: Drizzle spreads arrays, postgres.js writes JSON once more, Prisma has types of its own. Cast it in the SQL: `$1::text::json`.
 */
export type TransactionQuery = (text: string, values: readonly string[]) => Promise<readonly unknown[]>

/** A transaction of the store's own, in which others are waited for as long as its patience lasts. */
export class OwnTransaction implements QueryTransaction {
  readonly patience: Patience
  /** Nothing is asked of what others tell: it is told. */
  readonly isInDoubt: boolean
  readonly #run: Run

  constructor(run: Run, patience: Patience, isInDoubt = false) {
    this.#run = run
    this.patience = patience
    this.isInDoubt = isInDoubt
  }

  query(text: string, values?: unknown[]): Promise<unknown> {
    return this.#run(text, values)
  }
}

/** Either narrows what came to a kind of transaction and runs SQL in it, or is not for it. */
type Adapter = (transaction: Transaction) => TransactionQuery | undefined

/**
 * What runs SQL in a transaction of the caller's, by whichever client. The client's errors are thrown as they are.
 *
 * @throws {@link ConfigurationError} `option_invalid` for anything else, and for what is certainly in no transaction
 */
export function queryIn(transaction: Transaction): TransactionQuery {
  for (const adapter of adapters) {
    const query = adapter(transaction)
    if (query !== undefined) return query
  }
  const message = `Expected a transaction of pg, Drizzle, Kysely, Knex, Prisma or postgres.js that has begun, or an object with \`query(text, values)\`, got ${shown(transaction)}: begin one, and give what its client gives.`
  throw new ConfigurationError('option_invalid', 'transaction', message)
}

function bySqlExecutor(transaction: Transaction): TransactionQuery | undefined {
  if (!has<SqlExecutor>(transaction, 'executeSql')) return undefined
  return async (text, values) => rowsOf(await transaction.executeSql(text, [...values]))
}

function byPrisma(transaction: Transaction): TransactionQuery | undefined {
  if (!has<PrismaTransaction>(transaction, '$queryRawUnsafe')) return undefined
  if (can(transaction, '$connect')) return undefined // the client itself
  return async (text, values) => rowsOf(await transaction.$queryRawUnsafe(text, ...values))
}

function byKysely(transaction: Transaction): TransactionQuery | undefined {
  if (!has<KyselyTransaction>(transaction, 'executeQuery') || !transaction.isTransaction) return undefined
  return async (sql, parameters) => {
    const query = { kind: 'RawNode', sqlFragments: [sql], parameters: [] }
    return rowsOf(
      await transaction.executeQuery({ sql, parameters, query, queryId: { queryId: 'deploy-hooks' } }),
    )
  }
}

/** Drizzle takes values only by its own `sql`, which would have to be asked for. */
function byDrizzle(transaction: Transaction): TransactionQuery | undefined {
  if (!has<DrizzleTransaction>(transaction, 'execute') || !can(transaction, 'rollback')) return undefined
  return async (text, values) => {
    const { parts, placed } = dissected(text, values)
    const sql = parts.map((part, index) => part + (index < placed.length ? literalOf(placed[index]) : ''))
    return rowsOf(await transaction.execute(sql.join('')))
  }
}

/** Knex counts `?`, unless it stands behind a backslash. */
function byKnex(transaction: Transaction): TransactionQuery | undefined {
  if (!has<KnexTransaction>(transaction, 'raw') || transaction.isTransaction !== true) return undefined
  return async (text, values) => {
    const { parts, placed } = dissected(text, values)
    const sql = parts.map((part) => part.replaceAll('?', String.raw`\?`)).join('?')
    return rowsOf(await transaction.raw(sql, placed))
  }
}

function byPostgresJs(transaction: Transaction): TransactionQuery | undefined {
  if (!has<PostgresJsTransaction>(transaction, 'unsafe') || !can(transaction, 'savepoint')) return undefined
  return async (text, values) => rowsOf(await transaction.unsafe(text, [...values]))
}

/** A pool runs each query in another connection; a client of pg knows whether it is in a transaction. */
function byQuery(transaction: Transaction): TransactionQuery | undefined {
  if (!has<QueryTransaction>(transaction, 'query') || 'totalCount' in transaction) return undefined
  const { getTransactionStatus } = transaction as { getTransactionStatus?: () => unknown }
  if (getTransactionStatus?.call(transaction) === 'I') return undefined
  return async (text, values) => rowsOf(await transaction.query(text, [...values]))
}

/** Those with telling names first: any of them may have a `query` too. */
const adapters: readonly Adapter[] = [
  bySqlExecutor,
  byPrisma,
  byKysely,
  byDrizzle,
  byKnex,
  byPostgresJs,
  byQuery,
]

function has<Kind extends Transaction>(
  transaction: Transaction,
  method: keyof Kind & string,
): transaction is Kind {
  return can(transaction, method)
}

function can(value: unknown, method: string): boolean {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
  return typeof (value as Record<string, unknown>)[method] === 'function'
}

/** Clients give the rows, or an object that has them. */
function rowsOf(result: unknown): readonly unknown[] {
  const rows = Array.isArray(result) ? result : (result as { rows?: unknown } | null)?.rows
  if (Array.isArray(rows)) return rows as readonly unknown[]
  const message = `Expected its query to give the rows, or an object with \`rows\`, got a value of type ${typeof result}: give what the client gives.`
  throw new ConfigurationError('option_invalid', 'transaction', message)
}

/** The SQL between the placeholders, and the value of each, which may be used several times. */
function dissected(
  text: string,
  values: readonly string[],
): { readonly parts: readonly string[]; readonly placed: readonly string[] } {
  const pieces = text.split(/\$(\d+)/u)
  return {
    parts: pieces.filter((_, index) => index % 2 === 0),
    placed: pieces.filter((_, index) => index % 2 === 1).map((number) => values[Number(number) - 1] ?? ''),
  }
}

/** Text as SQL that needs no escaping, whatever the server's settings. */
function literalOf(value = ''): string {
  const bytes = `pg_catalog.decode('${Buffer.from(value).toString('base64')}', 'base64')`
  return `pg_catalog.convert_from(${bytes}, 'UTF8')`
}

function shown(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value !== 'object' && typeof value !== 'function') return `a value of type ${typeof value}`
  if (can(value, 'getTransactionStatus')) return 'a client of pg that has not begun one'
  const isConnection = ['query', '$connect', 'executeQuery', 'execute', 'raw', 'unsafe'].some((method) =>
    can(value, method),
  )
  return isConnection ? 'a pool or client outside of one' : 'an object that runs no SQL'
}
