import type * as z from 'zod'
import type { Logger } from '../logger.ts'
import type { Store } from '../stores/store.ts'
import type {
  CallFacts,
  CallRecord,
  Debounce,
  DeploymentStatus,
  Overlap,
  TriggerDialect,
  TriggerSettings,
} from '../stores/triggers/records.ts'
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

/** What is absent, or `undefined`, stays as it is; `null` takes it away. A new list takes the place of the one before. */
export interface UpdateTrigger extends OrNull<TriggerSettings> {
  readonly expiresAt?: Date | number | null | undefined
}

type OrNull<Settings> = { readonly [Name in keyof Settings]: Settings[Name] | null }

export type FinishedStatus = Extract<DeploymentStatus, 'succeeded' | 'failed' | 'canceled' | 'skipped'>
