import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { DeliveryFilter, Page, PageOptions } from '../store.ts'
import { deliveryColumns, deliveryOf } from '../rows.ts'

/** Rows that one page looks at, so that a rare match among a million rows does not hold up commits. */
const rowsInAPage = 5000

type Condition = (value: never) => readonly [text: string, values: readonly SQLInputValue[]]

const conditions: Readonly<Record<keyof DeliveryFilter, Condition>> = {
  hook: (id: string) => ['d.hook_id = ?', [id]],
  app: (name: string) => ['r.app = ?', [name]],
  state: (state: string) => ['d.state = ?', [state]],
  since: (time: number) => ['d.recorded_at >= ?', [time]],
  before: (time: number) => ['d.recorded_at < ?', [time]],
  replayed: (replayed: boolean) => [
    `${replayed ? '' : 'NOT '}EXISTS (SELECT 1 FROM deliveries WHERE replay_of = d.id)`,
    [],
  ],
}

/** Lists deliveries in the order of recording, a page at a time. A cursor is the last row that was looked at. */
export class DeliveryPages {
  readonly #db: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()
  readonly #lastInPage: StatementSync

  constructor(db: DatabaseSync) {
    this.#db = db
    this.#lastInPage = db.prepare(
      `SELECT seq FROM deliveries NOT INDEXED WHERE seq > ? ORDER BY seq LIMIT 1 OFFSET ${rowsInAPage - 1}`,
    )
  }

  /** May give fewer than `limit`, or none, with a `next`: more rows may match further on. */
  list(filter: DeliveryFilter, { limit, cursor = '0' }: PageOptions): Page {
    const after = Number(cursor)
    const end = this.#lastInPage.get(after)?.['seq']
    const parts = Object.entries(filter)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => conditions[name as keyof DeliveryFilter](value as never))
    const values = parts.flatMap(([, given]) => given)
    const rows = this.#statement(parts.map(([text]) => text)).all(after, end ?? null, ...values, limit + 1)
    const deliveries = rows.slice(0, limit).map((row) => deliveryOf(row))
    const next = rows.length > limit ? rows[limit - 1]?.['seq'] : end
    return next === undefined ? { deliveries } : { deliveries, next: String(next) }
  }

  #statement(texts: readonly string[]): StatementSync {
    const where = ['d.seq > ?1 AND d.seq <= coalesce(?2, 9e18)', ...texts].join(' AND ')
    const known = this.#prepared.get(where)
    if (known !== undefined) return known
    const from = 'deliveries d NOT INDEXED JOIN releases r ON r.seq = d.release_seq'
    const text = `SELECT ${deliveryColumns} FROM ${from} WHERE ${where} ORDER BY d.seq LIMIT ?`
    const statement = this.#db.prepare(text)
    this.#prepared.set(where, statement)
    return statement
  }
}
