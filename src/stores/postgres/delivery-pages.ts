import { deliveryColumns, deliveryOf } from '../rows.ts'
import type { DeliveryFilter, Page, PageOptions } from '../store.ts'
import type { Database } from './database.ts'
import { quoted } from './schema.ts'
import { kept } from './text.ts'
import { wholeTime } from './values.ts'

/** Rows that one page looks at, so that a rare match among a million rows takes no statement long. */
const rowsInAPage = 5000

type Condition = (schema: string, value: string) => string

/** Each of the filter's parts, whose value is the parameter. */
const conditions: Readonly<Record<Exclude<keyof DeliveryFilter, 'replayed'>, Condition>> = {
  hook: (_, value) => `d.hook_id = ${value}`,
  app: (_, value) => `r.app = ${value}`,
  state: (_, value) => `d.state = ${value}`,
  since: (_, value) => `d.recorded_at >= ${value}`,
  before: (_, value) => `d.recorded_at < ${value}`,
}

/** Lists deliveries in the order of recording, a page at a time. A cursor is the last row that was looked at. */
export class DeliveryPages {
  readonly #database: Database
  readonly #schema: string

  constructor(database: Database, schema: string) {
    this.#database = database
    this.#schema = quoted(schema)
  }

  /** May give fewer than `limit`, or none, with a `next`: more rows may match further on. */
  async list(filter: DeliveryFilter, { limit, cursor = '0' }: PageOptions): Promise<Page> {
    const { replayed, ...others } = filter
    const parts = Object.entries(others).filter(([, value]) => value !== undefined)
    const window = parts.length === 0 && replayed === undefined ? limit + 1 : Math.max(rowsInAPage, limit + 1)
    const values = parts.map(([, value]) =>
      typeof value === 'string' ? kept(value) : wholeTime(Number(value)),
    )
    const where = parts.map(([name], index) =>
      conditions[name as keyof typeof conditions](this.#schema, `$${index + 4}`),
    )
    if (replayed !== undefined) where.push(this.#replayed(replayed))
    const rows = await this.#database.query(this.#text(where), [Number(cursor), window, limit + 1, ...values])
    const found = rows.filter(({ id }) => id !== null)
    const deliveries = found.slice(0, limit).map(deliveryOf)
    const { last, looked } = rows[0] ?? {}
    const next = found.length > limit ? found[limit - 1]?.['seq'] : looked === window ? last : undefined
    return next === undefined ? { deliveries } : { deliveries, next: String(Number(next)) }
  }

  #replayed(replayed: boolean): string {
    return `${replayed ? '' : 'NOT '}EXISTS (SELECT FROM ${this.#schema}.deliveries s WHERE s.replay_of = d.id)`
  }

  /** The inner LIMIT keeps the planner from looking at more rows than it says. */
  #text(where: readonly string[]): string {
    return `WITH looked AS MATERIALIZED (SELECT * FROM ${this.#schema}.deliveries WHERE seq > $1 ORDER BY seq LIMIT $2)
      SELECT bounds.last, bounds.looked, found.* FROM (SELECT pg_catalog.max(seq) AS last, pg_catalog.count(*) AS looked FROM looked) AS bounds
      LEFT JOIN (
        SELECT ${deliveryColumns} FROM looked d JOIN ${this.#schema}.releases r ON r.seq = d.release_seq
        ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`} ORDER BY d.seq LIMIT $3
      ) AS found ON true ORDER BY found.seq`
  }
}
