import * as z from 'zod'
import type { EgressOptions } from '../http/egress.ts'
import type { TlsOptions, Transport } from '../http/transport.ts'
import type { Logger } from '../logger.ts'
import { stages, type Stage } from '../stages.ts'
import type { SignatureAlgorithm } from '../signing/hmac.ts'
import type { Dialect } from '../signing/release-url.ts'
import type { Secrets } from '../signing/secret.ts'
import type { Store } from '../stores/store.ts'
import type { Target } from '../targets/shape.ts'
import { longestTimerMs } from '../longest-timer.ts'
import { longMemoryMs } from '../stores/ledger/telling.ts'
import { callable, milliseconds, optionError, pace } from '../option-shapes.ts'
import type { BreakerOptions } from './breaker.ts'
import type { PaceOptions } from './pace.ts'
import type { ScheduleOptions } from './schedule.ts'

/** One configured destination. */
export interface HookOptions {
  /** Absolute http or https URL. Parameters of its own are kept and signed. @default that of the target, if it has one */
  readonly url?: string | undefined
  /**
   * How a release becomes a request there, and how the answer is read: one of `deploy-hooks/targets`, or your own made by
   * `defineTarget`.
   * @default deis()
   */
  readonly target?: Target | undefined
  /**
   * What counts as delivered: that the receiver took the release, or that what it started there has ended well. The second needs a
   * target that can be asked.
   * @default 'accepted'
   */
  readonly waitFor?: 'accepted' | 'finished' | undefined
  /**
   * Stages of a release that the hook hears of.
   * @default 'released'
   * @example ['succeeded', 'failed', 'rolled-back'] // for a chat that wants to hear once, and of the result
   */
  readonly after?: Stage | readonly Stage[] | undefined
  /**
   * Tells only of changes: a stage that is the same as that of the last release of the same app and environment is not sent.
   * @default false
   * @example { after: ['succeeded', 'failed'], onlyChanges: true } // of the first failure, and of the first success after it
   */
  readonly onlyChanges?: boolean | undefined
  /**
   * A delivery that still waits when a newer one of the same app and environment is recorded is not sent: it ends dead, with the verdict
   * `superseded`.
   * @default false
   */
  readonly supersede?: boolean | undefined
  /**
   * The path of the URL is a secret too, as with Slack's: then scheme and host alone are shown, and its segments are masked in what
   * receivers answer.
   * @default what the target says
   */
  readonly secretPath?: boolean | undefined
  /**
   * Names the hook in deliveries and events, and must stay the same over restarts. Everybody may see it: in Postgres, every role of the
   * database.
   * @default made of what is shown of the hook, scheme, host, path and target, and of its place among hooks that look the same: give
   * those an `id`
   */
  readonly id?: string | undefined
  /** Overrides the dispatcher's secret. One that signs URLs signs no text: a hook whose target signs text has a secret of its own. */
  readonly secret?: Secrets | undefined
  /** Overrides the dispatcher's algorithm. */
  readonly algorithm?: SignatureAlgorithm | undefined
  /** Overrides the dispatcher's dialect. */
  readonly dialect?: Dialect | undefined
  /**
   * Apps whose releases the hook wants; `*` stands for any text.
   * @default every app
   * @example ['web-*', 'api']
   */
  readonly apps?: readonly string[] | undefined
  /** Requests in flight at once. @default `concurrency.perHook` of the dispatcher */
  readonly concurrency?: number | undefined
  /** How often this process sends to the hook at most. @default that of the target, or as often as there is something to send */
  readonly pace?: PaceOptions | undefined
  /** Overrides the dispatcher's breaker. */
  readonly breaker?: BreakerOptions | false | undefined
  /** Overrides the dispatcher's time, in milliseconds. */
  readonly disableAfterMs?: number | undefined
  /** Overrides the dispatcher's timeout. */
  readonly timeout?: TimeoutOptions | undefined
  /** The proxy of this hook instead of that of `egress`, whatever `egress.noProxy` says; `false` for none. @default that of `egress` */
  readonly proxy?: string | false | undefined
  /** A private authority to trust instead of the public ones, and a client certificate (mTLS). */
  readonly tls?: TlsOptions | undefined
}

export interface TimeoutOptions {
  /** One deadline from the name look-up to the last byte of the answer, in milliseconds. @default 15_000 */
  readonly deadlineMs?: number | undefined
}

export interface ConcurrencyOptions {
  /** Requests in flight at once to one hook. @default 4 */
  readonly perHook?: number | undefined
  /**
   * Requests in flight at once in all, shared fairly: a hook gets more than one place only while those that have none can have theirs,
   * and hooks that do not answer take one each, and three quarters together at most. Give it the number of hooks at least.
   * @default 512
   */
  readonly overall?: number | undefined
}

export interface DispatcherOptions {
  /** Where releases are sent: URLs, or options of one hook each. */
  readonly hooks: readonly (string | HookOptions)[]
  /** Secret of every hook that has none of its own. Of several the first signs. Without one, requests are unsigned. */
  readonly secret?: Secrets | undefined
  /** @default 'sha256' */
  readonly algorithm?: SignatureAlgorithm | undefined
  /** `deis` signs the configured URL as typed, as Deis, Hephy and Drycc do. @default 'native' */
  readonly dialect?: Dialect | undefined
  /** @default memoryStore() */
  readonly store?: Store | undefined
  /**
   * Whether this process sends: `false` for one that only records, for workers that share its store. `dispatcher.start()` makes a
   * worker of it.
   * @default true
   */
  readonly workers?: boolean | undefined
  /**
   * After how long without news a rollout without a `deployment` of its own is over, in milliseconds: what is dispatched of it then is
   * told again. At most 30 days, which is what those with a `deployment` have. The same in all processes that share a store.
   * @default 86_400_000, which is a day
   */
  readonly rolloutClosesAfterMs?: number | undefined
  /** How requests are sent. @default got, loaded when first needed */
  readonly transport?: Transport | undefined
  /** Overrides parts of the schedule. */
  readonly retry?: ScheduleOptions | undefined
  readonly concurrency?: ConcurrencyOptions | undefined
  readonly timeout?: TimeoutOptions | undefined
  /** Where requests may go. @default the public Internet alone */
  readonly egress?: EgressOptions | undefined
  /** When a hook that fails is left alone for a while; `false` for never. */
  readonly breaker?: BreakerOptions | false | undefined
  /**
   * A hook that has only failed for so many milliseconds is disabled, until `dispatcher.enable(hookId)`. A day without any attempt begins
   * the time anew. `Infinity` for never.
   * @default 5 days
   */
  readonly disableAfterMs?: number | undefined
  /** @default Node's process warnings */
  readonly logger?: Logger | undefined
  /** Closes the dispatcher at once when aborted, as `close({ deadlineMs: 0 })` does. */
  readonly signal?: AbortSignal | undefined
  /** The clock, in epoch milliseconds. @default Date.now */
  readonly now?: (() => number) | undefined
  /** A number in [0, 1), for the jitter. @default Math.random */
  readonly random?: (() => number) | undefined
}

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
  'nextDueAt',
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

const places = z.int().min(1)

const withMethods = <T>(...names: readonly (keyof T & string)[]): z.ZodType<T> =>
  z.custom<T>(
    (value) =>
      names.every((name) => typeof (value as Partial<Record<string, unknown>> | null)?.[name] === 'function'),
    { error: `Expected an object with ${names.join(', ')}` },
  )

const secret = z.custom<Secrets>() // checkedSecrets() reads it, with an error of its own
const breaker = z.union(
  [
    z.literal(false),
    z.strictObject({
      failureShare: z.number().gt(0).max(1).optional(),
      minimum: z.int().min(1).optional(),
      windowMs: z.number().min(1).optional(),
      openMs: milliseconds.optional(),
      maxOpenMs: milliseconds.optional(),
    }),
  ],
  { error: 'Expected `false`, or failureShare (0 to 1), minimum, windowMs, openMs and maxOpenMs' },
)
const isolation = {
  breaker: breaker.optional(),
  disableAfterMs: z.number({ error: 'Expected milliseconds' }).min(1).or(z.literal(Infinity)).optional(),
}
const signing = {
  secret: secret.optional(),
  algorithm: z.enum(['sha1', 'sha256']).optional(),
  dialect: z.enum(['native', 'deis']).optional(),
  timeout: z.strictObject({ deadlineMs: milliseconds.optional() }).optional(),
}

const pem = z.union([z.string().min(1), z.instanceof(Buffer)], {
  error: 'Expected PEM, as a string or a Buffer',
})
const tls = z.strictObject({
  ca: z.union([pem, z.array(pem).min(1)]).optional(),
  cert: pem.optional(),
  key: pem.optional(),
  passphrase: z.string().optional(),
})

const stage = z.enum(stages)

/** It is a key in stores, a word in log lines, and the payload of a notification. */
const hookId = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'Expected no control character, and no unpaired surrogate')

const hook = z.strictObject({
  ...signing,
  ...isolation,
  pace: pace.optional(),
  url: z.string().optional(),
  target: z
    .custom<Target>((value) => typeof value === 'object' && value !== null, { error: 'Expected a target' })
    .optional(),
  waitFor: z.enum(['accepted', 'finished']).optional(),
  after: z
    .union([stage, z.array(stage).min(1)], { error: `Expected one or several of ${stages.join(', ')}` })
    .optional(),
  onlyChanges: z.boolean().optional(),
  supersede: z.boolean().optional(),
  secretPath: z.boolean().optional(),
  id: hookId.optional(),
  apps: z.array(z.string().min(1)).min(1).optional(),
  concurrency: places.optional(),
  proxy: z
    .union([z.literal(false), z.string()], { error: 'Expected the URL of a proxy, or `false` for none' })
    .optional(),
  tls: tls.optional(),
})

const schema = z.strictObject({
  ...signing,
  ...isolation,
  hooks: z.array(z.union([z.string(), hook], { error: 'Expected a URL or the options of a hook' })),
  egress: z.custom<EgressOptions>().optional(), // createEgressGuard() reads it
  store: withMethods<Store>(...storeMethods).optional(),
  workers: z.boolean().optional(),
  rolloutClosesAfterMs: z
    .number({ error: `Expected milliseconds, from 1 to ${longMemoryMs}` })
    .min(1)
    .max(longMemoryMs)
    .optional(),
  transport: withMethods<Transport>('send', 'close').optional(),
  retry: z
    .strictObject({
      delaysMs: z.array(z.number().min(0)).optional(),
      jitter: z.number().min(0).max(1).optional(),
      refusedAttempts: z.int().min(1).optional(),
      maxRetryAfterMs: z.number().min(0).optional(),
      connect: z
        .strictObject({
          retries: z.int().min(0),
          minTimeout: z.number().min(0).max(longestTimerMs),
          maxTimeout: z.number().min(0).max(longestTimerMs),
          factor: z.number().min(1),
        })
        .optional(),
    })
    .optional(),
  concurrency: z.strictObject({ perHook: places.optional(), overall: places.optional() }).optional(),
  logger: withMethods<Logger>('warn', 'error').optional(),
  signal: z.instanceof(AbortSignal).optional(),
  now: callable.optional(),
  random: callable.optional(),
})

/**
 * Checks the options' shape.
 *
 * @throws {@link ConfigurationError} `option_invalid`, with the option's path
 */
export function checkedOptions(options: DispatcherOptions): DispatcherOptions {
  const parsed = schema.safeParse(options)
  if (parsed.success) return options
  throw optionError(parsed.error)
}
