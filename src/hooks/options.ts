import type { ConfigurationError } from '../errors.ts'
import type { EgressOptions } from '../http/egress-options.ts'
import type { TlsOptions, Transport } from '../http/transport.ts'
import type { Logger } from '../logger.ts'
import type { Stage } from '../stages.ts'
import type { SignatureAlgorithm } from '../signing/hmac.ts'
import type { Dialect } from '../signing/dialect.ts'
import type { Secrets } from '../signing/secret.ts'
import type { Store } from '../stores/store.ts'
import type { LocatedTarget, PollableTarget, Target } from '../targets/shape.ts'
import type { PaceOptions } from '../pace.ts'
import type { ScheduleOptions } from '../schedule.ts'
import type { BreakerOptions } from './breaker-settings.ts'

/** A hook that has a URL. */
interface HookAtUrl {
  /** Absolute http or https URL. Parameters of its own are kept and signed. @default that of the target, if it has one */
  readonly url: string
  /**
   * How a release becomes a request there, and how the answer is read: one of `deploy-hooks/targets`, or your own made by
   * `defineTarget`.
   * @default deis()
   */
  readonly target?: Target | undefined
}

/** A hook whose target knows where it is. */
interface HookAtTarget {
  readonly url?: string | undefined
  readonly target: LocatedTarget
}

/** What counts as delivered: that the receiver took the release. */
interface HookUntilAccepted {
  /** @default 'accepted' */
  readonly waitFor?: 'accepted' | undefined
}

/** That what the receiver started has ended well, which needs a target that can be asked. */
interface HookUntilFinished {
  readonly waitFor: 'finished'
  readonly target: PollableTarget
}

/** One configured destination. What comes from a form or a table, and is not known to be one, is for `parseHook()`. */
export type HookOptions = (HookAtUrl | HookAtTarget) & (HookUntilAccepted | HookUntilFinished) & HookSettings

/** What a hook may say besides where it is. */
export interface HookSettings {
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
  /**
   * Environments whose releases the hook wants; `*` stands for any text. Releases without an environment are in none of them.
   * @default every environment, and none
   * @example ['production', 'eu-*']
   */
  readonly environments?: readonly string[] | undefined
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
  /**
   * Called for each of `hooks` that cannot be used, with all that is wrong with it and its index; the dispatcher is made of the others. What
   * waits for such a hook stays in the store until it is there again. What is wrong with other options is thrown all the same, and so is
   * what it throws itself.
   * @default what is wrong is thrown, and there is no dispatcher
   * @example ({ message }, index) => console.error(rows[index]?.id, message)
   */
  readonly onInvalidHook?: ((error: ConfigurationError, index: number) => void) | undefined
  /**
   * Secret of every hook that has none of its own. Of several the first signs. Left out, requests are unsigned; `undefined` is refused, as
   * that of an environment variable that is not set.
   */
  readonly secret?: Secrets
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
