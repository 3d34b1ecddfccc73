import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { Stage } from '../../release.ts'
import type { DeliveryFilter, Page, PageOptions } from '../store.ts'
import { deliveryColumns, deliveryOf } from '../rows.ts'

/** Rows that one page looks at, so that a rare match among a million rows does not hold up commits. */
const rowsInAPage = 5000

type Condition = (value: never) => readonly [text: string, values: readonly SQLInputValue[]]

const conditions: Readonly<Record<keyof DeliveryFilter, Condition>> = {
  hook: (id: string) => ['d.hook_id = ?', [id]],
  app: (name: string) => ['r.app = ?', [name]],
  version: (version: string) => ['r.version = ?', [version]],
  user: (user: string) => ['r.user = ?', [user]],
  sha: (sha: string) => ['r.sha = ?', [sha]],
  environment: (name: string | null) => ["r.facts ->> '$.environment' IS ?", [name]],
  tenant: (name: string | null) => ["r.facts ->> '$.tenant' IS ?", [name]],
  stage: (stage: Stage) => ["coalesce(r.facts ->> '$.stage', 'released') = ?", [stage]],
  state: (state: string) => ['d.state = ?', [state]],
  reason: (reason: string) => ['d.reason = ?', [reason]],
  verdict: (verdict: string) => ['d.verdict = ?', [verdict]],
  since: (time: number) => ['d.recorded_at >= ?', [time]],
  before: (time: number) => ['d.recorded_at < ?', [time]],
  replayed: (replayed: boolean) => [
    `${replayed ? '' : 'NOT '}EXISTS (SELECT 1 FROM deliveries WHERE replay_of = d.id)`,
    [],
  ],
}

/** Of each order: where it begins, and how its rows follow each other. */
const orders = {
  oldest: { start: 0, beyond: '>', within: '<=', end: '9e18', direction: 'ASC' },
  newest: { start: Number.MAX_SAFE_INTEGER, beyond: '<', within: '>=', end: '0', direction: 'DESC' },
} as const
type Order = keyof typeof orders

/** Lists deliveries in the order of recording, a page at a time. A cursor is the last row that was looked at. */
export class DeliveryPages {
  readonly #db: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()
  readonly #lastInPage: Readonly<Record<Order, StatementSync>>

  constructor(db: DatabaseSync) {
    this.#db = db
    const lastOf = ({ beyond, direction }: (typeof orders)[Order]): StatementSync =>
      db.prepare(
        `SELECT seq FROM deliveries NOT INDEXED WHERE seq ${beyond} ? ORDER BY seq ${direction} LIMIT 1 OFFSET ${rowsInAPage - 1}`,
      )
    this.#lastInPage = { oldest: lastOf(orders.oldest), newest: lastOf(orders.newest) }
  }

  /** May give fewer than `limit`, or none, with a `next`: more rows may match further on. */
  list(filter: DeliveryFilter, { limit, cursor, order = 'oldest' }: PageOptions): Page {
    const after = Number(cursor ?? orders[order].start)
    const end = this.#lastInPage[order].get(after)?.['seq']
    const parts = Object.entries(filter)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => conditions[name as keyof DeliveryFilter](value as never))
    const values = parts.flatMap(([, given]) => given)
    const statement = this.#statement(
      order,
      parts.map(([text]) => text),
    )
    const rows = statement.all(after, end ?? null, ...values, limit + 1)
    const deliveries = rows.slice(0, limit).map((row) => deliveryOf(row))
    const next = rows.length > limit ? rows[limit - 1]?.['seq'] : end
    return next === undefined ? { deliveries } : { deliveries, next: String(next) }
  }

  #statement(order: Order, texts: readonly string[]): StatementSync {
    const { beyond, within, end, direction } = orders[order]
    const where = [`d.seq ${beyond} ?1 AND d.seq ${within} coalesce(?2, ${end})`, ...texts].join(' AND ')
    const known = this.#prepared.get(where)
    if (known !== undefined) return known
    const from = 'deliveries d NOT INDEXED JOIN releases r ON r.seq = d.release_seq'
    const text = `SELECT ${deliveryColumns} FROM ${from} WHERE ${where} ORDER BY d.seq ${direction} LIMIT ?`
    const statement = this.#db.prepare(text)
    this.#prepared.set(where, statement)
    return statement
  }
}
