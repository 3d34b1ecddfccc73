import * as z from 'zod'
import { ConfigurationError } from '../errors.ts'
import type { Delivery, DeliveryFilter } from '../stores/store.ts'
import { optionError } from '../option-shapes.ts'

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

const time = z
  .union([z.date(), z.number()], { error: 'Expected a Date or epoch milliseconds' })
  .transform(Number)

const schema = z.strictObject({
  hook: z.string().optional(),
  app: z.string().optional(),
  state: z.enum(['waiting', 'delivered', 'dead']).optional(),
  since: time.optional(),
  before: time.optional(),
  replayed: z.boolean().optional(),
})

/** @throws {@link ConfigurationError} `option_invalid`: a misspelt field would otherwise match everything */
export function checkedQuery(query: DeliveryQuery): DeliveryFilter {
  const parsed = schema.safeParse(query)
  if (parsed.success) return parsed.data
  throw optionError(parsed.error)
}

/** @throws {@link ConfigurationError} `option_invalid` */
export function timeOf(value: Date | number, option: string): number {
  const parsed = time.safeParse(value)
  if (parsed.success) return parsed.data
  throw new ConfigurationError('option_invalid', option, 'Expected a Date or epoch milliseconds.')
}
