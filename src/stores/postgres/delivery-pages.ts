import { conditionsOf, orders, type Order } from '../listing.ts'
import { deliveryColumns, deliveryOf } from '../rows.ts'
import type { DeliveryFilter, Page, PageOptions } from '../store.ts'
import type { Database } from './database.ts'
import { quoted } from './schema.ts'
import { kept } from './text.ts'
import { wholeTime } from './values.ts'

/** Rows that one page looks at, so that a rare match among a million rows takes no statement long. */
const rowsInAPage = 5000

const last: Readonly<Record<Order, string>> = { oldest: 'pg_catalog.max', newest: 'pg_catalog.min' }

/** Lists deliveries in the order of recording, a page at a time. A cursor is the last row that was looked at. */
export class DeliveryPages {
  readonly #database: Database
  readonly #schema: string

  constructor(database: Database, schema: string) {
    this.#database = database
    this.#schema = quoted(schema)
  }

  /** May give fewer than `limit`, or none, with a `next`: more rows may match further on. */
  async list(filter: DeliveryFilter, { limit, cursor, order = 'oldest' }: PageOptions): Promise<Page> {
    const { texts, values } = conditionsOf(filter, `${this.#schema}.deliveries`, (index) => `$${index + 4}`)
    const window = texts.length === 0 ? limit + 1 : Math.max(rowsInAPage, limit + 1)
    const asked = values.map((value) => (typeof value === 'number' ? wholeTime(value) : value && kept(value)))
    const after = Number(cursor ?? orders[order].start)
    const rows = await this.#database.query(this.#text(order, texts), [after, window, limit + 1, ...asked])
    const found = rows.filter(({ id }) => id !== null)
    const deliveries = found.slice(0, limit).map(deliveryOf)
    const { last, looked } = rows[0] ?? {}
    const next = found.length > limit ? found[limit - 1]?.['seq'] : looked === window ? last : undefined
    return next === undefined ? { deliveries } : { deliveries, next: String(Number(next)) }
  }

  /** The inner LIMIT keeps the planner from looking at more rows than it says. */
  #text(order: Order, where: readonly string[]): string {
    const { beyond, direction } = orders[order]
    const from = `${this.#schema}.deliveries WHERE seq ${beyond} $1 ORDER BY seq ${direction} LIMIT $2`
    return `WITH looked AS MATERIALIZED (SELECT * FROM ${from})
      SELECT bounds.last, bounds.looked, found.* FROM (SELECT ${last[order]}(seq) AS last, pg_catalog.count(*) AS looked FROM looked) AS bounds
      LEFT JOIN (
        SELECT ${deliveryColumns} FROM looked d JOIN ${this.#schema}.releases r ON r.seq = d.release_seq
        ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`} ORDER BY d.seq ${direction} LIMIT $3
      ) AS found ON true ORDER BY found.seq ${direction}`
  }
}
