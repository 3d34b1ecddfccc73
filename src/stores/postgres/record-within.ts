import { deliveryOf, type Row } from '../rows.ts'
import type { Recorded, RecordedWithin } from '../store.ts'
import { recorded } from '../transition.ts'
import type { Transaction } from '../transaction.ts'
import type { Database } from './database.ts'
import type { Statements } from './statements.ts'
import { givenJson, keptJson } from './text.ts'
import { queryIn } from './transaction-query.ts'
import { arrayOf, recordValues, type NewRow } from './values.ts'

/** Of one row, as text that no client reads in a way of its own. */
interface Standing {
  /** The transaction's number. */
  readonly xid: string
  /** JSON of the rows that were there before. */
  readonly standing: string
}

/**
 * Records in a transaction of the caller's, by two statements. Nothing is tried again, since an error has aborted the transaction, and
 * errors are the client's own: it may know them as ones after which the whole is to be repeated.
 *
 * @param rows leased to nobody
 */
export async function recordWithin(
  transaction: Transaction,
  rows: readonly NewRow[],
  sql: Pick<Statements, 'recordWithin' | 'standing'>,
  database: Pick<Database, 'query'>,
): Promise<RecordedWithin> {
  const query = queryIn(transaction)
  const added = (await query(sql.recordWithin, recordValues(rows))) as readonly { readonly token: unknown }[]
  const fresh = new Set(added.map(({ token }) => Number(token)))
  const others = rows.filter(({ token }) => !fresh.has(token))
  // Asked after, not within, the statement that recorded: that does not see what others committed while it ran.
  const ids = arrayOf(others.map(({ given }) => keptJson({ id: given.id })))
  const [answer] = (await query(standingIn(sql.standing), [ids])) as readonly [Standing]
  const standing = rowsIn(answer.standing)
  return {
    recorded: rows.map((row) =>
      recordedOf(row, fresh.has(row.token) ? undefined : standing.get(row.given.id)),
    ),
    isOver: () => isOver(database, answer.xid),
  }
}

function standingIn(standing: string): string {
  return `SELECT pg_current_xact_id()::text AS xid, (SELECT coalesce(json_agg(s), '[]')::text FROM (${standing}) AS s) AS standing`
}

/** By id. */
function rowsIn(json: string): ReadonlyMap<string, Row> {
  const rows = JSON.parse(givenJson(json)) as readonly Row[]
  return new Map(rows.map((row) => [String(row['id']), withJson(row)]))
}

/** The columns that are JSON are text in a row. */
function withJson(row: Row): Row {
  const texts = ['facts', 'remote', 'progress'].map((name) => {
    const value = row[name] ?? null
    return [name, value === null ? null : JSON.stringify(value)]
  })
  return { ...row, ...(Object.fromEntries(texts) as Row) }
}

function recordedOf({ given }: NewRow, standing: Row | undefined): Recorded {
  return standing === undefined
    ? { delivery: recorded(given), fresh: true }
    : { delivery: deliveryOf(standing), fresh: false }
}

/** Null when it is so old that the server has forgotten it. */
async function isOver(database: Pick<Database, 'query'>, xid: string): Promise<boolean> {
  const [row] = await database.query('SELECT pg_xact_status($1::text::xid8) AS status', [xid])
  return row?.['status'] !== 'in progress'
}
