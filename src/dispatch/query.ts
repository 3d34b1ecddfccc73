import * as z from 'zod'
import { verdicts, type Reason } from '../delivery.ts'
import { checkOptions, flag, oneOf } from '../option-shapes.ts'
import { stages } from '../stages.ts'
import type { DeliveryFilter, PageOptions } from '../stores/store.ts'

/** Which deliveries: those that match every given field. Times are a `Date`, or epoch milliseconds. */
export interface DeliveryQuery extends Omit<DeliveryFilter, 'since' | 'before'> {
  /** Recorded at or after this time. */
  readonly since?: Date | number | undefined
  /** Recorded before this time. */
  readonly before?: Date | number | undefined
}

/** A list of them. */
export interface DeliveryListQuery extends DeliveryQuery {
  /** Which come first, by when they were recorded. @default 'oldest' */
  readonly order?: 'oldest' | 'newest' | undefined
}

const timeError = 'a Date, or epoch milliseconds'
const isText = (value: unknown): boolean => typeof value === 'string'
const time = z.union([z.date(), z.number()], { error: timeError }).transform(Number)

const filter = z.strictObject({
  hook: z.string({ error: 'the id of a hook' }).optional(),
  app: z.string({ error: 'the name of an app' }).optional(),
  version: z.string({ error: "the version of a release, such as 'v4'" }).optional(),
  user: z.string({ error: 'the name of a user' }).optional(),
  sha: z.string({ error: 'the SHA of a release' }).optional(),
  environment: z.string({ error: 'the name of an environment, or null for none' }).nullable().optional(),
  tenant: z.string({ error: 'the name of a tenant, or null for none' }).nullable().optional(),
  stage: oneOf(stages).optional(),
  reason: z.custom<Reason>(isText, { error: "the reason of an outcome, such as 'status-503'" }).optional(),
  verdict: oneOf(verdicts).optional(),
  state: oneOf(['waiting', 'delivered', 'dead']).optional(),
  since: time.optional(),
  before: time.optional(),
  replayed: flag.optional(),
})

/** @throws {@link ConfigurationError} `option_invalid`: a misspelt field would otherwise match everything */
export function checkedQuery(query: DeliveryQuery, of: string): DeliveryFilter {
  checkOptions(filter, query, { of })
  return filter.parse(query)
}

const list = filter.extend({ order: oneOf(['oldest', 'newest']).optional() })

/** @throws {@link ConfigurationError} `option_invalid` */
export function checkedListQuery(
  query: DeliveryListQuery,
  of: string,
): { readonly filter: DeliveryFilter; readonly order: PageOptions['order'] } {
  checkOptions(list, query, { of })
  const { order, ...filter } = list.parse(query)
  return { filter, order }
}

const prune = z.strictObject({ olderThan: time })

/** @throws {@link ConfigurationError} `option_invalid` */
export function checkedPrune(options: { readonly olderThan: Date | number }): number {
  checkOptions(prune, options, { of: 'prune()' })
  return Number(options.olderThan)
}
