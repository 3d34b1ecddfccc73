import { deliveryColumns, deliveryOf } from '../rows.ts'
import type { DeliveryFilter, Page, PageOptions } from '../store.ts'
import type { Database } from './database.ts'
import { quoted } from './schema.ts'
import { kept } from './text.ts'
import { wholeTime } from './values.ts'

/** Rows that one page looks at, so that a rare match among a million rows takes no statement long. */
const rowsInAPage = 5000

type Condition = (value: string) => string

/** Each of the filter's parts, whose value is the parameter. */
const conditions: Readonly<Record<Exclude<keyof DeliveryFilter, 'replayed'>, Condition>> = {
  hook: (value) => `d.hook_id = ${value}`,
  app: (value) => `r.app = ${value}`,
  version: (value) => `r.version = ${value}`,
  user: (value) => `r."user" = ${value}`,
  sha: (value) => `r.sha = ${value}`,
  environment: (value) => `r.facts ->> 'environment' IS NOT DISTINCT FROM ${value}`,
  tenant: (value) => `r.facts ->> 'tenant' IS NOT DISTINCT FROM ${value}`,
  stage: (value) => `coalesce(r.facts ->> 'stage', 'released') = ${value}`,
  state: (value) => `d.state = ${value}`,
  reason: (value) => `d.reason = ${value}`,
  verdict: (value) => `d.verdict = ${value}`,
  since: (value) => `d.recorded_at >= ${value}`,
  before: (value) => `d.recorded_at < ${value}`,
}

/** Of each order: where it begins, and how its rows follow each other. */
const orders = {
  oldest: { start: 0, beyond: '>', last: 'pg_catalog.max', direction: 'ASC' },
  newest: { start: Number.MAX_SAFE_INTEGER, beyond: '<', last: 'pg_catalog.min', direction: 'DESC' },
} as const

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
    const { replayed, ...others } = filter
    const parts = Object.entries(others).filter(([, value]) => value !== undefined)
    const window = parts.length === 0 && replayed === undefined ? limit + 1 : Math.max(rowsInAPage, limit + 1)
    const values = parts.map(([, value]) =>
      typeof value === 'number' ? wholeTime(value) : value === null ? null : kept(String(value)),
    )
    const where = parts.map(([name], index) => conditions[name as keyof typeof conditions](`$${index + 4}`))
    if (replayed !== undefined) where.push(this.#replayed(replayed))
    const after = Number(cursor ?? orders[order].start)
    const rows = await this.#database.query(this.#text(order, where), [after, window, limit + 1, ...values])
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
  #text(order: keyof typeof orders, where: readonly string[]): string {
    const { beyond, last, direction } = orders[order]
    const from = `${this.#schema}.deliveries WHERE seq ${beyond} $1 ORDER BY seq ${direction} LIMIT $2`
    return `WITH looked AS MATERIALIZED (SELECT * FROM ${from})
      SELECT bounds.last, bounds.looked, found.* FROM (SELECT ${last}(seq) AS last, pg_catalog.count(*) AS looked FROM looked) AS bounds
      LEFT JOIN (
        SELECT ${deliveryColumns} FROM looked d JOIN ${this.#schema}.releases r ON r.seq = d.release_seq
        ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`} ORDER BY d.seq ${direction} LIMIT $3
      ) AS found ON true ORDER BY found.seq ${direction}`
  }
}
