import { deliveryOf, type Row } from '../rows.ts'
import type { Recorded } from '../store.ts'
import { recorded } from '../transition.ts'
import type { Run } from './in-transaction.ts'
import type { Statements } from './statements.ts'
import { arrayOf, recordValues, type NewRow } from './values.ts'
import { keptJson } from './text.ts'

/**
 * Records, all or nothing, in the transaction that `run` runs in, or in one of its own.
 *
 * @param isRepeat they may have been recorded before: those that are there with their own token are fresh
 */
export async function record(
  run: Run,
  sql: Statements,
  rows: readonly NewRow[],
  isRepeat = false,
): Promise<readonly Recorded[]> {
  const added = await run(sql.record, recordValues(rows))
  const fresh = new Set(added.map(({ token }) => Number(token)))
  const others = rows.filter(({ token }) => !fresh.has(token))
  const standing = others.length === 0 ? new Map<string, Row>() : await standingOf(run, sql, others)
  for (const { given, token } of isRepeat ? others : [])
    if (Number(standing.get(given.id)?.['token']) === token) fresh.add(token)
  const forgotten = others.filter(({ given, token }) => !fresh.has(token) && !standing.has(given.id))
  for (const { token } of await recordForgotten(run, sql, forgotten)) fresh.add(token)
  return rows.map((row) => {
    const stands = standing.get(row.given.id)
    if (fresh.has(row.token) || stands === undefined) return freshOf(row)
    return { delivery: deliveryOf(stands), fresh: false }
  })
}

/** What was there, and was pruned before it was read. */
async function recordForgotten(
  run: Run,
  sql: Statements,
  rows: readonly NewRow[],
): Promise<readonly NewRow[]> {
  if (rows.length === 0) return rows
  const again = await record(run, sql, rows)
  return rows.filter((_, index) => again[index]?.fresh === true)
}

/** By id. Asked after, not within, the statement that recorded: that does not see what others committed while it ran. */
export async function standingOf(
  run: Run,
  sql: Statements,
  rows: readonly NewRow[],
): Promise<ReadonlyMap<string, Row>> {
  const ids = new Set(rows.map(({ given }) => given.id))
  const found = await run(sql.standing, [arrayOf(Array.from(ids, (id) => keptJson({ id })))])
  return new Map(found.map((row) => [String(row['id']), row]))
}

function freshOf({ given, token, isLeased }: NewRow): Recorded {
  const delivery = recorded(given)
  return isLeased ? { delivery, fresh: true, token } : { delivery, fresh: true }
}
