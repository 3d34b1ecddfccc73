import type { DeliveryFilter, PageOptions } from './store.ts'

/** How deliveries are listed in SQL: of `deliveries d` and `releases r`, the same for each database. */

type Asked = Omit<DeliveryFilter, 'replayed'>

/** Each part of a filter, by what stands for its value. */
const conditions: Readonly<Record<keyof Asked, (value: string) => string>> = {
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

/** Of a filter, with the values of their parameters. */
interface Conditions {
  readonly texts: readonly string[]
  readonly values: readonly (string | number | null)[]
}

/**
 * @param deliveries the name of the table
 * @param parameter what stands for the value of this index
 */
export function conditionsOf(
  { replayed, ...asked }: DeliveryFilter,
  deliveries: string,
  parameter: (index: number) => string,
): Conditions {
  const parts = Object.entries(asked).filter(([, value]) => value !== undefined)
  const texts = parts.map(([name], index) => conditions[name as keyof Asked](parameter(index)))
  if (replayed !== undefined)
    texts.push(`${replayed ? '' : 'NOT '}EXISTS (SELECT 1 FROM ${deliveries} s WHERE s.replay_of = d.id)`)
  return { texts, values: parts.map(([, value]) => value ?? null) }
}

export type Order = NonNullable<PageOptions['order']>

/** Before the first row of an order and after its last one, and how the rows follow each other. */
interface OrderOfRows {
  readonly start: number
  readonly end: number
  readonly beyond: '>' | '<'
  readonly within: '<=' | '>='
  readonly direction: 'ASC' | 'DESC'
}

export const orders: Readonly<Record<Order, OrderOfRows>> = {
  oldest: { start: 0, end: Number.MAX_SAFE_INTEGER, beyond: '>', within: '<=', direction: 'ASC' },
  newest: { start: Number.MAX_SAFE_INTEGER, end: 0, beyond: '<', within: '>=', direction: 'DESC' },
}
