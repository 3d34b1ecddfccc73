import * as z from 'zod'
import type { Logger } from '../logger.ts'
import { callable, flag, listOf, milliseconds, oneOf, wholeNumber, withMethods } from '../option-shapes.ts'
import type { Store } from '../stores/store.ts'
import { dialects, overlaps, signatures } from '../stores/triggers/records.ts'
import { isRefName } from './facts.ts'
import { isPrefix, prefixForm } from './token.ts'

/** Shapes of what triggers are made of. What is within them that has words of its own is read where it is used. */

const textError = 'a string of 1 to 200 characters, none of which is a control or an unpaired surrogate'
/** It stands in tables, in answers and on pages. */
const text = z
  .string({ error: textError })
  .min(1, { error: textError })
  .max(200, { error: textError })
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: textError })
const debounce = z
  .strictObject({ quietMs: milliseconds, maxWaitMs: milliseconds })
  .refine(({ quietMs, maxWaitMs }) => quietMs <= maxWaitMs, {
    path: ['quietMs'],
    error: 'milliseconds, `maxWaitMs` at most',
  })
const time = z.union([z.date(), z.number()], { error: 'a Date, or epoch milliseconds' })

const settings = {
  name: text,
  branch: text.refine(isRefName, { error: 'the name of a branch, as git takes it' }),
  service: text,
  params: listOf(text, 'names of declared parameters').max(50, { error: 'a list of 50 names at most' }),
  overlap: oneOf(overlaps),
  debounce,
  allowFrom: listOf(
    z.string({ error: 'an address or a range such as 203.0.113.0/24' }),
    'addresses and ranges',
    1,
  ).max(100, { error: 'a list of 100 addresses and ranges at most' }),
  signature: oneOf(signatures),
  kind: oneOf(['app', 'job']),
  environmentId: wholeNumber(1),
  preview: flag,
}
/** Of a new trigger. */
export const createSchema: z.ZodObject = z.strictObject({
  ...each(settings, (shape) => shape.optional()),
  app: text,
  environment: text.optional(),
  tenant: text.optional(),
  dialect: oneOf(dialects).optional(),
  expiresAt: time.optional(),
})
/** Of what may be changed of one: `null` takes it away. */
export const updateSchema: z.ZodObject = z.strictObject(
  each({ ...settings, expiresAt: time }, (shape) => shape.nullable().optional()),
)

function each(
  shapes: Readonly<Record<string, z.ZodType>>,
  change: (shape: z.ZodType) => z.ZodType,
): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, change(shape)]))
}

/** Of what createTriggers() takes. */
export const triggersSchema: z.ZodObject = z.strictObject({
  store: z.custom<Pick<Store, 'triggers'>>(
    (value) => typeof (value as Partial<Store> | null | undefined)?.triggers?.take === 'function',
    {
      error:
        'a store that keeps triggers: memoryStore(), sqliteStore({ path }) of deploy-hooks/sqlite, or postgresStore({ connectionString }) of deploy-hooks/postgres\ncall one; for a file write `sqliteStore({ path })`',
    },
  ),
  onTrigger: callable,
  tokenPrefix: z.custom((value) => isPrefix(value), { error: prefixForm }).optional(),
  params: z
    .record(
      text,
      z.custom((value) => value instanceof z.ZodType, { error: 'a schema of zod' }),
      { error: 'an object of schemas by the names of parameters' },
    )
    .optional(),
  publicUrl: z.url({ protocol: /^https?$/u, error: 'an http or https URL' }).optional(),
  trustedProxies: listOf(
    z.string({ error: 'an address or a range such as 203.0.113.0/24' }),
    'addresses and ranges',
  ).optional(),
  perMinute: wholeNumber(1, 1000).optional(),
  overlap: oneOf(overlaps).optional(),
  debounce: debounce.optional(),
  startWithinMs: milliseconds.optional(),
  runsAtMostMs: milliseconds.optional(),
  startsAtOnce: wholeNumber(1, 1000).optional(),
  workers: flag.optional(),
  isApiKey: callable.optional(),
  secrets: callable.optional(),
  logger: withMethods<Logger>(
    'a logger with the methods warn and error, such as `console`',
    'warn',
    'error',
  ).optional(),
  now: callable.optional(),
})
