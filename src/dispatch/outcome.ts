import type { Answer, Exchange, FailureCause } from '../http/transport.ts'
import type { RemoteStatus } from '../targets/remote.ts'
import { delayAfter, retryAfterMs, type Schedule } from './schedule.ts'

/** What an attempt means for its delivery: a value, never an exception. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly reason: Reason }
  | {
      /** The receiver took it, and there is more to do: the next request of the target, or to ask how it went. */
      readonly kind: 'accepted'
      readonly reason: Reason
      /** Epoch milliseconds of that. */ readonly at: number
    }
  | {
      readonly kind: 'retry'
      readonly reason: Reason
      /** Epoch milliseconds of the next attempt. */ readonly at: number
    }
  | { readonly kind: 'dead'; readonly reason: Reason; readonly verdict: Verdict }

/**
 * What was seen: `status-503`, `timeout`, `unreachable`.
 *
 * - `rejected`: the status was one that the target accepts, and the body said that it failed
 * - `remote-failed` and the like: how what the receiver started ended
 * - `aborted`: the dispatcher was closed while a request was on its way that may not be made twice
 * - `unrenderable`: the target could make no request of the release
 * - `hook-disabled`, `superseded`: nothing was sent
 */
export type Reason =
  | `status-${number}`
  | FailureCause
  | 'rejected'
  | `remote-${RemoteStatus}`
  | 'unrenderable'
  | 'hook-disabled'
  | 'superseded'

/**
 * Why nothing more is tried:
 *
 * - `exhausted`: the schedule is used up
 * - `refused`: the receiver answered 3xx or 4xx as often as `refusedAttempts` allows
 * - `gone`: 410, which also disables the hook
 * - `unwanted`: the receiver answered `webhook-delivery: disable` or `abort-message`; `disable` disables the hook too
 * - `blocked`: the egress guard forbids the address
 * - `retry-after`: the receiver asked for more time than `maxRetryAfterMs`
 * - `hook-disabled`: the hook was disabled before the attempt, which was not made
 * - `ambiguous`: the receiver may have acted on it, and its target may not be asked twice
 * - `failed`: the receiver took it, and what it started failed or was canceled
 * - `unfinished`: the receiver took it, and did not tell of an end in time
 * - `unrenderable`: the target cannot make a request of this release
 * - `superseded`: a newer release of the app was recorded for the hook
 */
export type Verdict =
  | 'exhausted'
  | 'refused'
  | 'gone'
  | 'unwanted'
  | 'blocked'
  | 'retry-after'
  | 'hook-disabled'
  | 'ambiguous'
  | 'failed'
  | 'unfinished'
  | 'unrenderable'
  | 'superseded'

export interface OutcomeContext {
  /** Number of this attempt, from 1. */
  readonly attempt: number
  readonly schedule: Schedule
  /** Epoch milliseconds. */
  readonly now: number
  /** A number in [0, 1), for the jitter. */
  readonly random: number
}

type Meaning = 'delivered' | 'retry' | 'refused' | 'gone' | 'unwanted' | 'blocked'

// What the receiver could not do now, it may do later; 408 and 425 ask for it (RFC 9110, RFC 8470).
const temporaryStatuses = new Set([408, 425, 429])

/** The table of outcomes, for statuses. A redirect is never followed: a POST would become a GET without its signature. */
function meaningOfStatus(status: number): Meaning {
  if (status >= 200 && status <= 299) return 'delivered'
  if (status === 410) return 'gone'
  if (temporaryStatuses.has(status) || (status >= 500 && status <= 599)) return 'retry'
  return 'refused'
}

// The request cannot have arrived, and the next moment may be better: a restart, a name not yet published.
const repeatable: ReadonlySet<FailureCause> = new Set(['dns', 'unreachable', 'tls', 'reset', 'proxy'])

/** True for a connection that never opened: it is repeated within seconds, and cannot duplicate. */
export function mayRepeatAtOnce(exchange: Exchange): boolean {
  if (exchange.kind === 'answer' || exchange.opened) return false
  // A proxy that hangs took the whole deadline: what is repeated within seconds would take as much each time.
  return repeatable.has(exchange.cause) && exchange.code !== 'PROXY_TIMEOUT'
}

/** Whether the receiver answered at all. `undefined` when nothing was learnt about it. */
export function hasAnswered(exchange: Exchange): boolean | undefined {
  if (exchange.kind === 'answer') return true
  return isNoFaultOfReceiver(exchange.cause) ? undefined : false
}

/**
 * Whether the receiver failed, which says something about its next deliveries too: no answer, or one that says "not now". A refusal
 * of this one delivery is none. `undefined` when nothing was learnt about it.
 */
export function hasFailed(exchange: Exchange): boolean | undefined {
  if (exchange.kind === 'answer') return meaningOfStatus(exchange.status) === 'retry'
  return isNoFaultOfReceiver(exchange.cause) ? undefined : true
}

function isNoFaultOfReceiver(cause: FailureCause): boolean {
  return cause === 'blocked' || cause === 'proxy' || cause === 'aborted'
}

/** Why the receiver wants nothing more: 410 Gone, or `webhook-delivery: disable` on any answer. `undefined` when it did not say so. */
export function disabledBy(exchange: Exchange): 'gone' | 'unwanted' | undefined {
  if (exchange.kind === 'failure') return undefined
  if (exchange.status === 410) return 'gone'
  return wishOf(exchange) === 'disable' ? 'unwanted' : undefined
}

/** Reads one exchange. `undefined` when it was aborted: that attempt counts for nothing. */
export function readOutcome(exchange: Exchange, context: OutcomeContext): Outcome | undefined {
  if (exchange.kind === 'answer') {
    const meaning = meaningOfStatus(exchange.status)
    const isUnwanted = meaning !== 'delivered' && meaning !== 'gone' && wishOf(exchange) !== undefined
    const retryAfter = retryAfterMs(exchange.headers['retry-after'], context.now)
    return outcomeOf(isUnwanted ? 'unwanted' : meaning, `status-${exchange.status}`, context, retryAfter)
  }
  if (exchange.cause === 'aborted') return undefined
  if (exchange.cause === 'proxy') return outcomeOf('retry', 'proxy', withDelayLeft(context))
  return outcomeOf(exchange.cause === 'blocked' ? 'blocked' : 'retry', exchange.cause, context)
}

/** What a receiver may say about this delivery, or all (as those of Svix do): the `webhook-delivery` header. */
function wishOf({ headers }: Answer): 'disable' | 'abort-message' | undefined {
  const wish = headers['webhook-delivery']
  return wish === 'disable' || wish === 'abort-message' ? wish : undefined
}

/** A fault of the proxy is not the receiver's: it delays the delivery, and never ends it. */
function withDelayLeft(context: OutcomeContext): OutcomeContext {
  return { ...context, attempt: Math.min(context.attempt, context.schedule.delaysMs.length) }
}

function outcomeOf(meaning: Meaning, reason: Reason, context: OutcomeContext, retryAfter = 0): Outcome {
  const { attempt, schedule, now, random } = context
  if (meaning === 'delivered') return { kind: 'delivered', reason }
  if (meaning === 'gone' || meaning === 'unwanted' || meaning === 'blocked')
    return { kind: 'dead', reason, verdict: meaning }
  if (meaning === 'refused' && attempt >= schedule.refusedAttempts)
    return { kind: 'dead', reason, verdict: 'refused' }
  const delay = delayAfter(attempt, schedule, random)
  if (delay === undefined) return { kind: 'dead', reason, verdict: 'exhausted' }
  if (retryAfter > schedule.maxRetryAfterMs) return { kind: 'dead', reason, verdict: 'retry-after' }
  return { kind: 'retry', reason, at: now + Math.max(delay, retryAfter) }
}
