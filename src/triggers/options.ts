import * as z from 'zod'
import { ConfigurationError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import {
  aFlag,
  aText,
  checkFields,
  required,
  wholeNumber as wholeNumberField,
  type Fields,
} from '../option-fields.ts'
import { mismatch, Problems } from '../option-problems.ts'
import {
  callable,
  flag,
  listOf,
  milliseconds,
  namesOf,
  oneOf,
  optionProblems,
  wholeNumber,
  withMethods,
} from '../option-shapes.ts'
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
import { isPrefix } from './token.ts'
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
  /** How it is called and answered. Flightcontrol's needs an `environmentId`, and no other has one. @default 'native' */
  readonly dialect?: TriggerDialect | undefined
  readonly expiresAt?: Date | number | undefined
}

export interface UpdateTrigger extends TriggerSettings {
  /** `null`: it does not expire any more. */
  readonly expiresAt?: Date | number | null | undefined
}

export type FinishedStatus = Extract<DeploymentStatus, 'succeeded' | 'failed' | 'canceled' | 'skipped'>

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
  name: text.optional(),
  branch: text.optional(),
  service: text.optional(),
  params: listOf(text, 'names of declared parameters')
    .max(50, { error: 'a list of 50 names at most' })
    .optional(),
  overlap: oneOf(overlaps).optional(),
  debounce: debounce.optional(),
  allowFrom: listOf(
    z.string({ error: 'an address or a range such as 203.0.113.0/24' }),
    'addresses and ranges',
    1,
  )
    .max(100, { error: 'a list of 100 addresses and ranges at most' })
    .optional(),
  signature: oneOf(signatures).optional(),
  kind: oneOf(['app', 'job']).optional(),
  environmentId: wholeNumber(1).optional(),
  preview: flag.optional(),
}
const createSchema = z.strictObject({
  ...settings,
  app: text,
  environment: text.optional(),
  tenant: text.optional(),
  dialect: oneOf(dialects).optional(),
  expiresAt: time.optional(),
})
const updateSchema = z.strictObject({ ...settings, expiresAt: time.nullable().optional() })

const schema = z.strictObject({
  store: z.custom<Pick<Store, 'triggers'>>(
    (value) => typeof (value as Partial<Store> | null | undefined)?.triggers?.take === 'function',
    {
      error:
        'a store that keeps triggers: memoryStore(), sqliteStore({ path }) of deploy-hooks/sqlite, or postgresStore({ connectionString }) of deploy-hooks/postgres\ncall one; for a file write `sqliteStore({ path })`',
    },
  ),
  onTrigger: callable,
  tokenPrefix: z
    .custom((value) => isPrefix(value), { error: '2 to 16 lower-case letters and digits, a letter first' })
    .optional(),
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

/** @throws {@link ConfigurationError} `option_invalid`, with all that is wrong */
export function checkedOptions(options: TriggersOptions): TriggersOptions {
  const problems = new Problems()
  problems.add(...optionProblems(schema, options, { of: 'createTriggers()' }))
  const { trustedProxies } = (options as Partial<TriggersOptions> | undefined) ?? {}
  if (isListOfTexts(trustedProxies)) problems.of(() => parseRanges(trustedProxies, 'trustedProxies'))
  problems.throwAny()
  return options
}

/** What of the options decides which triggers there may be. */
export interface Allowed {
  readonly params: readonly string[]
  readonly signatures: readonly TriggerSignature[]
}

/** @throws {@link ConfigurationError} `option_invalid`, with all that is wrong */
export function checkedCreate(input: CreateTrigger, allowed: Allowed): CreateTrigger {
  const problems = new Problems()
  problems.add(...optionProblems(createSchema, input, { of: 'create()' }))
  if (problems.all.length === 0) {
    addSettings(problems, input, allowed)
    const { dialect = 'native', environmentId } = input
    if (dialect === 'flightcontrol' && environmentId === undefined)
      problems.refuse(
        'environmentId',
        mismatch(numberOf, environmentId, 'give the one that the URL shall have'),
      )
    if (dialect !== 'flightcontrol' && environmentId !== undefined)
      problems.refuse('environmentId', mismatch('none in this dialect', environmentId, 'leave it out'))
  }
  problems.throwAny()
  return input
}

const numberOf = "a whole number in the dialect 'flightcontrol'"

/** @throws {@link ConfigurationError} `option_invalid`, with all that is wrong */
export function checkedUpdate(input: UpdateTrigger, allowed: Allowed): UpdateTrigger {
  const problems = new Problems()
  problems.add(...optionProblems(updateSchema, input, { of: 'update()' }))
  if (problems.all.length === 0) addSettings(problems, input, allowed)
  problems.throwAny()
  return input
}

function addSettings(
  problems: Problems,
  { params = [], allowFrom = [], signature }: TriggerSettings,
  allowed: Allowed,
): void {
  problems.of(() => parseRanges(allowFrom, 'allowFrom'))
  for (const [index, name] of params.entries()) {
    if (allowed.params.includes(name)) continue
    const declared =
      allowed.params.length === 0 ? 'none is declared' : `declared are ${allowed.params.join(', ')}`
    const message = `Expected a parameter that is declared in \`params\` of createTriggers(), got another name: ${declared}.`
    problems.refuse(`params[${index}]`, message)
  }
  if (signature !== undefined && !allowed.signatures.includes(signature))
    problems.refuse(
      'signature',
      `Expected none, since there is nothing to check it by, got '${signature}': give createTriggers() \`secrets\`, and for 'deis' a \`publicUrl\`.`,
    )
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

const aLimit = wholeNumberField(1)
const aString = { ...aText, expected: 'a string' }
const methods: Readonly<Record<Method, Fields>> = {
  list: { tenant: aString, app: aString, environment: aString },
  page: { after: aString, limit: aLimit },
  rotate: {
    overlapMs: {
      expected: 'milliseconds, 0 or more',
      is: (value) => typeof value === 'number' && value >= 0,
    },
  },
  revoke: { dropWaiting: aFlag },
  calls: { limit: aLimit },
  finished: { url: aString, error: aString },
  prune: {
    olderThan: required({
      expected: 'a Date, or epoch milliseconds',
      is: (value) => typeof value === 'number' || value instanceof Date,
    }),
  },
  fetch: { address: aString },
}

type Method = 'list' | 'page' | 'rotate' | 'revoke' | 'calls' | 'finished' | 'prune' | 'fetch'

/** @throws {@link ConfigurationError} `option_invalid` for what a method of triggers does not take */
export function checkMethod(name: Method, options: object): void {
  checkFields(options, methods[name], { of: `${name}()` })
}

/** @throws {@link ConfigurationError} `option_invalid` */
export function checkId(id: unknown): void {
  if (typeof id === 'string') return
  const message = mismatch('an id, as create() and the answers to calls give it', id, 'give one')
  throw new ConfigurationError('option_invalid', 'id', message)
}

/** @throws {@link ConfigurationError} `option_invalid` */
export function checkRequest(request: unknown): void {
  if (typeof request === 'object' && request !== null) return
  const message = mismatch(
    'a request of Node or Fetch, or an object with method, url and headers',
    request,
    'give one',
  )
  throw new ConfigurationError('option_invalid', 'request', message)
}

const ends: readonly FinishedStatus[] = ['succeeded', 'failed', 'canceled', 'skipped']

/** @throws {@link ConfigurationError} `option_invalid` */
export function checkStatus(status: FinishedStatus): void {
  if (ends.includes(status)) return
  throw new ConfigurationError('option_invalid', 'status', mismatch(namesOf(ends), status, 'correct it'))
}

export function timeOf(value: Date | number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value)
}
