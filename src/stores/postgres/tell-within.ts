import { deliveryOf, type Row } from '../rows.ts'
import type { Recorded, ToldWithin } from '../store.ts'
import { recorded } from '../transition.ts'
import type { Transaction } from '../transaction.ts'
import type { Database } from './database.ts'
import type { Statements } from './statements.ts'
import {
  apartDeliveries,
  doubtful,
  freshIn,
  newcomerDeliveries,
  resultOf,
  rowsOf,
  toldDeliveries,
  type Answer,
} from './teller.ts'
import { tellValues, type TellingRow } from './tellings.ts'
import { given, givenJson, keptJson } from './text.ts'
import { OwnTransaction, queryIn } from './transaction-query.ts'
import { arrayOf, recordValues, type NewRow } from './values.ts'

/** Of one row, as text that no client reads in a way of its own. */
interface Standing {
  /** The transaction's number. */
  readonly xid: string
  /** JSON of the rows that were there before. */
  readonly standing: string
}

/**
 * Tells in a transaction of the caller's, by two statements, or more when hooks were added since it was told. Nothing is tried again,
 * since an error has aborted the transaction, and errors are the client's own: it may know them as ones after which the whole is to be
 * repeated.
 *
 * @param row leased to nobody
 */
export async function tellWithin(
  transaction: Transaction,
  row: TellingRow,
  sql: Pick<Statements, 'tellWithin' | 'recordWithin' | 'standing'>,
  database: Pick<Database, 'query'>,
): Promise<ToldWithin> {
  const query = queryIn(transaction)
  const record: RecordWithin = async (rows) =>
    freshIn((await query(sql.recordWithin, recordValues(rows))) as readonly Row[])
  const own = transaction instanceof OwnTransaction ? transaction : undefined
  const { answer, rows, fresh } =
    own?.isInDoubt === true
      ? await recordInDoubt(row, record)
      : await tell(row, record, async () => {
          const patience = own === undefined ? '' : String(own.patience.leftMs)
          return (await query(sql.tellWithin, [...tellValues([row]), patience])) as readonly Row[]
        })
  const others = rows.filter(({ token }) => !fresh.has(token))
  // Asked after, not within, the statement that recorded: that does not see what others committed while it ran.
  const ids = arrayOf(others.map((each) => keptJson({ id: each.given.id })))
  const [said] = (await query(standingIn(sql.standing), [ids])) as readonly [Standing]
  const standing = rowsIn(said.standing)
  return {
    ...resultOf(
      answer,
      rows.flatMap((each) => recordedOf(each, fresh, standing)),
    ),
    isOver: () => isOver(database, said.xid),
  }
}

/** @returns tokens of those that were not there */
type RecordWithin = (rows: readonly NewRow[]) => Promise<ReadonlySet<number>>

interface RecordedWithin {
  readonly rows: readonly NewRow[]
  /** Tokens of those that were not there. */
  readonly fresh: ReadonlySet<number>
}

async function recordInDoubt(
  row: TellingRow,
  record: RecordWithin,
): Promise<RecordedWithin & { readonly answer: Answer }> {
  const answer = doubtful(row)
  const rows = rowsOf(row, toldDeliveries(row, answer))
  return { answer, rows, fresh: rows.length === 0 ? new Set() : await record(rows) }
}

async function tell(
  row: TellingRow,
  record: RecordWithin,
  ask: () => Promise<readonly Row[]>,
): Promise<RecordedWithin & { readonly answer: Answer }> {
  const answered = await ask()
  const answer = answerOf(answered.find(({ n }) => n !== null) as Row)
  const added = await recordNewcomers(row, answer, record)
  return {
    answer,
    rows: [...rowsOf(row, toldDeliveries(row, answer)), ...added.rows],
    fresh: new Set([...freshIn(answered), ...added.fresh]),
  }
}

async function recordNewcomers(
  row: TellingRow,
  answer: Answer,
  record: RecordWithin,
): Promise<RecordedWithin> {
  const rows = rowsOf(row, newcomerDeliveries(row, answer))
  if (rows.length === 0) return { rows, fresh: new Set() }
  const fresh = await record(rows)
  const standing = rows.filter(({ token }) => !fresh.has(token)).map(({ given: { hookId } }) => hookId)
  const apart = rowsOf(row, apartDeliveries(row, answer, new Set(standing)))
  if (apart.length === 0) return { rows, fresh }
  const others = await record(apart)
  return {
    rows: [...rows.filter(({ token }) => fresh.has(token)), ...apart],
    fresh: new Set([...fresh, ...others]),
  }
}

/** All of it is text, however the client reads other types. */
function answerOf(row: Row): Answer {
  return {
    news: row['news'] as Answer['news'],
    ordinal: given(String(row['ordinal'])),
    hooks: JSON.parse(givenJson(String(row['hooks']))) as string[],
    isUnsure: row['unsure'] === 'true',
  }
}

function standingIn(standing: string): string {
  return `SELECT pg_catalog.pg_current_xact_id()::pg_catalog.text AS xid,
    (SELECT coalesce(pg_catalog.json_agg(s), '[]')::pg_catalog.text FROM (${standing}) AS s) AS standing`
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

/** None for what was pruned. */
function recordedOf(
  row: NewRow,
  fresh: ReadonlySet<number>,
  standing: ReadonlyMap<string, Row>,
): readonly Recorded[] {
  if (fresh.has(row.token)) return [{ delivery: recorded(row.given), fresh: true }]
  const stands = standing.get(row.given.id)
  return stands === undefined ? [] : [{ delivery: deliveryOf(stands), fresh: false }]
}

/** Null when it is so old that the server has forgotten it. */
async function isOver(database: Pick<Database, 'query'>, xid: string): Promise<boolean> {
  const text = 'SELECT pg_catalog.pg_xact_status($1::pg_catalog.text::pg_catalog.xid8) AS status'
  const [row] = await database.query(text, [xid])
  return row?.['status'] !== 'in progress'
}
