import * as z from 'zod'
import type { Delivery } from '../delivery.ts'
import type { DeliveryFilter } from '../stores/store.ts'
import { checkOptions, flag, oneOf } from '../option-shapes.ts'

/** Which deliveries: those that match every given field. Times are a `Date`, or epoch milliseconds. */
export interface DeliveryQuery {
  /** A hook's id. */
  readonly hook?: string | undefined
  readonly app?: string | undefined
  readonly state?: Delivery['state'] | undefined
  /** Recorded at or after this time. */
  readonly since?: Date | number | undefined
  /** Recorded before this time. */
  readonly before?: Date | number | undefined
  /** Whether another delivery sends it again. */
  readonly replayed?: boolean | undefined
}

const timeError = 'a Date, or epoch milliseconds'
const time = z.union([z.date(), z.number()], { error: timeError }).transform(Number)

const schema = z.strictObject({
  hook: z.string({ error: 'the id of a hook' }).optional(),
  app: z.string({ error: 'the name of an app' }).optional(),
  state: oneOf(['waiting', 'delivered', 'dead']).optional(),
  since: time.optional(),
  before: time.optional(),
  replayed: flag.optional(),
})

/** @throws {@link ConfigurationError} `option_invalid`: a misspelt field would otherwise match everything */
export function checkedQuery(query: DeliveryQuery, of: string): DeliveryFilter {
  checkOptions(schema, query, { of })
  return schema.parse(query)
}

const prune = z.strictObject({ olderThan: time })

/** @throws {@link ConfigurationError} `option_invalid` */
export function checkedPrune(options: { readonly olderThan: Date | number }): number {
  checkOptions(prune, options, { of: 'prune()' })
  return Number(options.olderThan)
}
