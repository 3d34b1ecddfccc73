import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { conditionsOf, orders, type Order } from '../listing.ts'
import type { DeliveryFilter, Page, PageOptions } from '../store.ts'
import { deliveryColumns, deliveryOf } from '../rows.ts'

/** Rows that one page looks at, so that a rare match among a million rows does not hold up commits. */
const rowsInAPage = 5000

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
    const { texts, values } = conditionsOf(filter, 'deliveries', () => '?')
    const statement = this.#statement(order, texts)
    const rows = statement.all(after, end ?? orders[order].end, ...values, limit + 1)
    const deliveries = rows.slice(0, limit).map((row) => deliveryOf(row))
    const next = rows.length > limit ? rows[limit - 1]?.['seq'] : end
    return next === undefined ? { deliveries } : { deliveries, next: String(next) }
  }

  #statement(order: Order, texts: readonly string[]): StatementSync {
    const { beyond, within, direction } = orders[order]
    const where = [`d.seq ${beyond} ?1 AND d.seq ${within} ?2`, ...texts].join(' AND ')
    const known = this.#prepared.get(where)
    if (known !== undefined) return known
    const from = 'deliveries d NOT INDEXED JOIN releases r ON r.seq = d.release_seq'
    const text = `SELECT ${deliveryColumns} FROM ${from} WHERE ${where} ORDER BY d.seq ${direction} LIMIT ?`
    const statement = this.#db.prepare(text)
    this.#prepared.set(where, statement)
    return statement
  }
}
