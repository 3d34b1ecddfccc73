import * as z from 'zod'
import { ConfigurationError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { callable, milliseconds, optionError } from '../option-shapes.ts'
import type { Store } from '../stores/store.ts'
import {
  dialects,
  overlaps,
  signatures,
  type CallFacts,
  type CallRecord,
  type Debounce,
  type DeploymentStatus,
  type Overlap,
  type TriggerDialect,
  type TriggerSettings,
  type TriggerSignature,
} from '../stores/triggers/records.ts'
import { parseRanges } from './http/source.ts'
import type { Trigger } from './trigger.ts'

/** What is to be started. */
export interface TriggerStart {
  readonly trigger: Trigger
  readonly app: string
  readonly environment?: string | undefined
  /** What the newest call gave, by the names that were declared. */
  readonly params: Readonly<Record<string, unknown>>
  /** What of it decides what is deployed. */
  readonly facts: Omit<CallFacts, 'params'>
  /** The newest call that was merged into it. Its `id` is the same when it starts again after a crash: use it as your idempotency key. */
  readonly call: CallRecord
  /** The deployment's id, which the caller was given. Pass it on as `deployment` of the release: it tells where a loop began. */
  readonly deploymentId: string
  /** Ids of deployments that it takes the place of, ours and yours: with `overlap: 'cancel'`. Stop them. */
  readonly cancels: readonly { readonly deploymentId: string; readonly id?: string | undefined }[]
  /** Aborts when it has taken too long, and when the triggers are closed. */
  readonly signal: AbortSignal
}

/** What was started. */
export interface Started {
  /** Your own id of it: `finished()` takes it, too. */
  readonly id: string
  /** Where it is shown: http(s). */
  readonly url?: string | undefined
  /** What was deployed, where you know it better than the call. */
  readonly branch?: string | undefined
  /** @default 'running', until `finished()` says otherwise */
  readonly status?: 'running' | 'succeeded' | 'failed' | 'canceled' | 'skipped' | undefined
}

export interface TriggersOptions {
  /** Where they live: `sqliteStore`, `postgresStore`; or `memoryStore`, for as long as the process lives. */
  readonly store: Pick<Store, 'triggers'>
  /**
   * Starts a deployment. Called after the call is recorded, by one process at a time; again after a crash, and up to three times when it
   * throws.
   */
  readonly onTrigger: (start: TriggerStart) => Started | Promise<Started>
  /** In front of tokens, so that scanners know them: 2 to 16 lower-case letters and digits. @default 'dht' */
  readonly tokenPrefix?: string | undefined
  /**
   * Parameters that a trigger of the library's own dialect may allow (`params` of `create`), each with its shape. `branch`, `pullRequest`, `sha`,
   * `tag` and `user` also decide what is merged, and what is told. Values of a query are texts. @default none
   */
  readonly params?: Readonly<Record<string, z.ZodType>> | undefined
  /** Where the triggers are mounted, as callers see it: `https://api.example.com/hooks`. @default what the request came to */
  readonly publicUrl?: string | undefined
  /** Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: addresses and ranges. @default none */
  readonly trustedProxies?: readonly string[] | undefined
  /** Calls of one trigger in a minute that start something, over all processes. @default 10 */
  readonly perMinute?: number | undefined
  /**
   * What becomes of a call when something of its environment, branch and pull request waits or runs: the newest waits (`latest`), all wait in
   * their order, at most 25 (`queue`), it takes the place of what runs (`cancel`), it starts nothing (`skip`), it is refused (`reject`).
   * @default 'latest'
   */
  readonly overlap?: Overlap | undefined
  /** Waits for quiet before it starts, at most so long. @default none: it starts at once */
  readonly debounce?: Debounce | undefined
  /** How long `onTrigger` may take, in milliseconds. @default 30_000 */
  readonly startWithinMs?: number | undefined
  /** How long a deployment may run of which no end is told; then its status is `unknown`, and the next one starts. @default 3_600_000 */
  readonly runsAtMostMs?: number | undefined
  /** How many `onTrigger` calls run at once in this process. @default 8 */
  readonly startsAtOnce?: number | undefined
  /** False: this process takes calls, and starts nothing. @default true */
  readonly workers?: boolean | undefined
  /** Whether an API key may see the status of a deployment: Flightcontrol's dialect asks for one. @default none may */
  readonly isApiKey?:
    | ((key: string, deployment: { readonly id: string; readonly app: string }) => boolean | Promise<boolean>)
    | undefined
  /**
   * Secrets that calls of a trigger with a `signature` are signed by: old and new ones together, while they rotate. Nothing keeps them.
   * @default none: no trigger may have a `signature`
   */
  readonly secrets?: ((trigger: Trigger) => readonly string[] | Promise<readonly string[]>) | undefined
  readonly logger?: Logger | undefined
  /** Epoch milliseconds. @default Date.now */
  readonly now?: (() => number) | undefined
}

export interface CreateTrigger extends TriggerSettings {
  readonly app: string
  readonly environment?: string | undefined
  readonly tenant?: string | undefined
  /** How it is called and answered. @default 'native' */
  readonly dialect?: TriggerDialect | undefined
  readonly expiresAt?: Date | number | undefined
}

export interface UpdateTrigger extends TriggerSettings {
  /** `null`: it does not expire any more. */
  readonly expiresAt?: Date | number | null | undefined
}

export type FinishedStatus = Extract<DeploymentStatus, 'succeeded' | 'failed' | 'canceled' | 'skipped'>

const longestText = 200
/** It stands in tables, in answers and on pages. */
const text = z
  .string()
  .min(1)
  .max(longestText)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'Expected no control character, and no unpaired surrogate')
const debounce = z
  .strictObject({ quietMs: milliseconds, maxWaitMs: milliseconds })
  .refine(({ quietMs, maxWaitMs }) => quietMs <= maxWaitMs, {
    error: 'Expected `quietMs` to be `maxWaitMs` at most',
  })
const time = z.union([z.date(), z.number()], { error: 'Expected a Date or epoch milliseconds' })

const settings = {
  name: text.optional(),
  branch: text.optional(),
  service: text.optional(),
  params: z.array(text).max(50).optional(),
  overlap: z.enum(overlaps).optional(),
  debounce: debounce.optional(),
  allowFrom: z.array(z.string()).min(1).max(100).optional(),
  signature: z.enum(signatures).optional(),
  kind: z.enum(['app', 'job']).optional(),
  environmentId: z.int().min(1).optional(),
  preview: z.boolean().optional(),
}
const createSchema = z.strictObject({
  ...settings,
  app: text,
  environment: text.optional(),
  tenant: text.optional(),
  dialect: z.enum(dialects).optional(),
  expiresAt: time.optional(),
})
const updateSchema = z.strictObject({ ...settings, expiresAt: time.nullable().optional() })

const schema = z.strictObject({
  store: z.custom<Pick<Store, 'triggers'>>(
    (value) => typeof (value as Partial<Store> | undefined)?.triggers?.take === 'function',
    { error: 'Expected a store that keeps triggers: memoryStore(), sqliteStore() or postgresStore()' },
  ),
  onTrigger: callable,
  tokenPrefix: z.string().optional(), // checkedPrefix() reads it
  params: z
    .record(
      text,
      z.custom((value) => value instanceof z.ZodType, { error: 'Expected a zod schema' }),
    )
    .optional(),
  publicUrl: z.url({ protocol: /^https?$/u, error: 'Expected an http(s) URL' }).optional(),
  trustedProxies: z.array(z.string()).optional(),
  perMinute: z.int().min(1).max(1000).optional(),
  overlap: z.enum(overlaps).optional(),
  debounce: debounce.optional(),
  startWithinMs: milliseconds.optional(),
  runsAtMostMs: milliseconds.optional(),
  startsAtOnce: z.int().min(1).max(1000).optional(),
  workers: z.boolean().optional(),
  isApiKey: callable.optional(),
  secrets: callable.optional(),
  logger: z
    .custom<Logger>((value) => typeof (value as Partial<Logger> | undefined)?.warn === 'function')
    .optional(),
  now: callable.optional(),
})

function checked<Value>(shape: z.ZodType, value: Value): Value {
  const parsed = shape.safeParse(value)
  if (parsed.success) return value
  throw optionError(parsed.error)
}

/** @throws {@link ConfigurationError} `option_invalid` */
export function checkedOptions(options: TriggersOptions): TriggersOptions {
  return checked(schema, options)
}

/** What of the options decides which triggers there may be. */
export interface Allowed {
  readonly params: readonly string[]
  readonly signatures: readonly TriggerSignature[]
}

/** @throws {@link ConfigurationError} `option_invalid` */
export function checkedCreate(input: CreateTrigger, allowed: Allowed): CreateTrigger {
  checked(createSchema, input)
  checkSettings(input, allowed)
  const { dialect = 'native', environmentId } = input
  if ((dialect === 'flightcontrol') !== (environmentId !== undefined))
    throw invalid('environmentId', "Expected one for the dialect 'flightcontrol', and for no other.")
  return input
}

/** @throws {@link ConfigurationError} `option_invalid` */
export function checkedUpdate(input: UpdateTrigger, allowed: Allowed): UpdateTrigger {
  checked(updateSchema, input)
  checkSettings(input, allowed)
  return input
}

function checkSettings({ params = [], allowFrom = [], signature }: TriggerSettings, allowed: Allowed): void {
  parseRanges(allowFrom, 'allowFrom')
  const index = params.findIndex((name) => !allowed.params.includes(name))
  if (index !== -1)
    throw invalid(
      `params[${index}]`,
      'Expected the name of a parameter that is declared in `params` of createTriggers().',
    )
  if (signature !== undefined && !allowed.signatures.includes(signature))
    throw invalid(
      'signature',
      'Expected `secrets` of createTriggers(), and for `deis` its `publicUrl`, to check it by.',
    )
}

function invalid(option: string, message: string): ConfigurationError {
  return new ConfigurationError('option_invalid', option, message)
}

export function timeOf(value: Date | number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value)
}
