import * as z from 'zod'
import type { EgressOptions } from '../http/egress-options.ts'
import type { Transport } from '../http/transport.ts'
import type { Logger } from '../logger.ts'
import { longestTimerMs } from '../longest-timer.ts'
import type { Elsewhere } from '../option-problems.ts'
import {
  atLeast,
  between,
  callable,
  filled,
  flag,
  listOf,
  milliseconds,
  namesOf,
  oneOf,
  pace,
  text,
  wholeNumber,
  withMethods,
} from '../option-shapes.ts'
import { signatureAlgorithms } from '../signing/hmac.ts'
import { dialects } from '../signing/dialect.ts'
import { stages } from '../stages.ts'
import type { Secrets } from '../signing/secret.ts'
import { longMemoryMs } from '../stores/ledger/telling.ts'
import type { Store } from '../stores/store.ts'
import type { Target } from '../targets/shape.ts'

/** Shapes of what a dispatcher is made of. What is within them that has words of its own is read where it is used. */

const storeMethods = [
  'record',
  'tell',
  'claim',
  'renew',
  'release',
  'mark',
  'settle',
  'end',
  'reschedule',
  'due',
  'get',
  'latest',
  'list',
  'attempts',
  'counts',
  'prune',
  'setHookStates',
  'hookStates',
  'moveHooks',
  'close',
] as const

const places = wholeNumber(1)
const secret = z.custom<Secrets>() // checkedSecrets() reads it
const share = 'a number above 0, 1 at most'
const breaker = z.union(
  [
    z.literal(false),
    z.strictObject({
      failureShare: z.number({ error: share }).gt(0, { error: share }).max(1, { error: share }).optional(),
      minimum: wholeNumber(1).optional(),
      windowMs: atLeast(1, 'milliseconds').optional(),
      openMs: milliseconds.optional(),
      maxOpenMs: milliseconds.optional(),
    }),
  ],
  { error: '`false`, or an object of failureShare, minimum, windowMs, openMs and maxOpenMs' },
)
const isolation = {
  breaker: breaker.optional(),
  disableAfterMs: z
    .union([z.number().min(1), z.literal(Infinity)], { error: 'milliseconds of 1 or more, or Infinity' })
    .optional(),
}
const signing = {
  secret: secret.optional(),
  algorithm: oneOf(signatureAlgorithms).optional(),
  dialect: oneOf(dialects).optional(),
  timeout: z.strictObject({ deadlineMs: milliseconds.optional() }).optional(),
}

const pemError = { error: 'PEM, as a string or a Buffer' }
const pem = z.union([z.string().min(1), z.instanceof(Buffer)], pemError)
const tls = z.strictObject({
  ca: z
    .union([pem, z.array(pem).min(1)], { error: 'PEM, as a string or a Buffer, or a list of them' })
    .optional(),
  cert: pem.optional(),
  key: pem.optional(),
  passphrase: text.optional(),
})

const stage = oneOf(stages)

const idError = 'a string of 1 to 200 characters, none of which is a control or an unpaired surrogate'
/** It is a key in stores, a word in log lines, and the payload of a notification. */
const hookId = z
  .string({ error: idError })
  .min(1, { error: idError })
  .max(200, { error: idError })
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: idError })

const ofTargets =
  'what a function of deploy-hooks/targets gives, such as `slack()`, or `defineTarget()`\nimport it, and call it: `target: slack()`'

/** Of one hook. */
export const hookSchema: z.ZodObject = z.strictObject({
  ...signing,
  ...isolation,
  pace: pace.optional(),
  url: z.string({ error: 'an http or https URL, as a string' }).optional(),
  target: z
    .custom<Target>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
      error: ofTargets,
    })
    .optional(),
  waitFor: oneOf(['accepted', 'finished']).optional(),
  after: z
    .union([stage, z.array(stage).min(1)], {
      error: `${namesOf(stages)}, or a list of them`,
    })
    .optional(),
  onlyChanges: flag.optional(),
  supersede: flag.optional(),
  secretPath: flag.optional(),
  id: hookId.optional(),
  apps: listOf(filled, "names of apps, such as ['web-*', 'api']", 1).optional(),
  environments: listOf(filled, "names of environments, such as ['production', 'eu-*']", 1).optional(),
  concurrency: places.optional(),
  proxy: z
    .union([z.literal(false), z.string()], { error: 'the URL of a proxy, or `false` for none' })
    .optional(),
  tls: tls.optional(),
})

const storeError =
  'a store: memoryStore(), sqliteStore({ path }) of deploy-hooks/sqlite, or postgresStore({ connectionString }) of deploy-hooks/postgres\ncall one; for a file write `sqliteStore({ path })`'

const connect = z
  .strictObject({
    retries: wholeNumber(0).optional(),
    minTimeout: between(0, longestTimerMs, 'milliseconds').optional(),
    maxTimeout: between(0, longestTimerMs, 'milliseconds').optional(),
    factor: atLeast(1).optional(),
  })
  .refine(({ minTimeout = 0, maxTimeout = Infinity }) => minTimeout <= maxTimeout, {
    path: ['minTimeout'],
    error: 'milliseconds, `maxTimeout` at most',
  })

const common = {
  ...signing,
  ...isolation,
  egress: z.custom<EgressOptions>().optional(), // createEgressGuard() reads it
  store: withMethods<Store>(storeError, ...storeMethods).optional(),
  workers: flag.optional(),
  rolloutClosesAfterMs: between(1, longMemoryMs, 'milliseconds').optional(),
  transport: withMethods<Transport>(
    'a transport: gotTransport(), or undiciTransport() of deploy-hooks/undici\ncall one, or leave it out for got',
    'send',
    'close',
  ).optional(),
  retry: z
    .strictObject({
      delaysMs: listOf(atLeast(0, 'milliseconds'), 'milliseconds, such as [5_000, 60_000]').optional(),
      jitter: between(0, 1).optional(),
      refusedAttempts: wholeNumber(1).optional(),
      maxRetryAfterMs: atLeast(0, 'milliseconds').optional(),
      connect: connect.optional(),
    })
    .optional(),
  concurrency: z.strictObject({ perHook: places.optional(), overall: places.optional() }).optional(),
  logger: withMethods<Logger>(
    'a logger with the methods warn and error, such as `console`',
    'warn',
    'error',
  ).optional(),
  signal: z.instanceof(AbortSignal, { error: 'an AbortSignal' }).optional(),
  now: callable.optional(),
  random: callable.optional(),
  onInvalidHook: callable.optional(),
}

/** Of all that hooks have in common. */
export const commonSchema: z.ZodObject = z.strictObject(common)

/** Hooks are read one by one. */
export const dispatcherSchema: z.ZodObject = z.strictObject({
  hooks: listOf(z.unknown(), 'URLs and options of hooks'),
  ...common,
})

/** What people look for in the options of the other. */
export const hookNamesElsewhere: Elsewhere = ofOthers(
  common,
  hookSchema.shape,
  'an option of createDispatcher()',
)
export const commonNamesElsewhere: Elsewhere = ofOthers(
  hookSchema.shape,
  common,
  'an option of one hook, within `hooks`',
)

function ofOthers(others: object, own: object, what: string): Elsewhere {
  const names = Object.keys(others).filter((name) => !Object.hasOwn(own, name))
  return Object.fromEntries(names.map((name) => [name, `it is ${what}`]))
}
