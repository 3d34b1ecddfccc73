import type { Exchange, FailureCause } from '../http/transport.ts'
import { delayAfter, retryAfterMs, type Schedule } from './schedule.ts'

/** What an attempt means for its delivery: a value, never an exception. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly reason: Reason }
  | {
      readonly kind: 'retry'
      readonly reason: Reason
      /** Epoch milliseconds of the next attempt. */ readonly at: number
    }
  | { readonly kind: 'dead'; readonly reason: Reason; readonly verdict: Verdict }

/** What was seen: `status-503`, `timeout`, `unreachable`. `hook-disabled` when nothing was sent. */
export type Reason = `status-${number}` | Exclude<FailureCause, 'aborted'> | 'hook-disabled'

/**
 * Why nothing more is tried:
 *
 * - `exhausted`: the schedule is used up
 * - `refused`: the receiver answered 3xx or 4xx as often as `refusedAttempts` allows
 * - `gone`: 410, which also disables the hook
 * - `blocked`: the egress guard forbids the address
 * - `retry-after`: the receiver asked for more time than `maxRetryAfterMs`
 * - `hook-disabled`: the hook was disabled before the attempt, which was not made
 */
export type Verdict = 'exhausted' | 'refused' | 'gone' | 'blocked' | 'retry-after' | 'hook-disabled'

export interface OutcomeContext {
  /** Number of this attempt, from 1. */
  readonly attempt: number
  readonly schedule: Schedule
  /** Epoch milliseconds. */
  readonly now: number
  /** A number in [0, 1), for the jitter. */
  readonly random: number
}

type Meaning = 'delivered' | 'retry' | 'refused' | 'gone' | 'blocked'

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
  return exchange.kind === 'failure' && !exchange.opened && repeatable.has(exchange.cause)
}

/** Reads one exchange. `undefined` when it was aborted: that attempt counts for nothing. */
export function readOutcome(exchange: Exchange, context: OutcomeContext): Outcome | undefined {
  if (exchange.kind === 'answer') {
    const meaning = meaningOfStatus(exchange.status)
    return outcomeOf(
      meaning,
      `status-${exchange.status}`,
      context,
      retryAfterMs(exchange.headers['retry-after'], context.now),
    )
  }
  if (exchange.cause === 'aborted') return undefined
  return outcomeOf(exchange.cause === 'blocked' ? 'blocked' : 'retry', exchange.cause, context)
}

function outcomeOf(meaning: Meaning, reason: Reason, context: OutcomeContext, retryAfter = 0): Outcome {
  const { attempt, schedule, now, random } = context
  if (meaning === 'delivered') return { kind: 'delivered', reason }
  if (meaning === 'gone' || meaning === 'blocked') return { kind: 'dead', reason, verdict: meaning }
  if (meaning === 'refused' && attempt >= schedule.refusedAttempts)
    return { kind: 'dead', reason, verdict: 'refused' }
  const delay = delayAfter(attempt, schedule, random)
  if (delay === undefined) return { kind: 'dead', reason, verdict: 'exhausted' }
  if (retryAfter > schedule.maxRetryAfterMs) return { kind: 'dead', reason, verdict: 'retry-after' }
  return { kind: 'retry', reason, at: now + Math.max(delay, retryAfter) }
}
