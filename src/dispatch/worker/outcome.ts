import { proxyStatusOf } from '../../http/failure-words.ts'
import type { Outcome, Reason } from '../../delivery.ts'
import type { Answer, Exchange, FailureCause } from '../../http/transport.ts'
import { meaningOfStatus, type Reading } from '../../targets/answer.ts'
import type { AnswerMeaning } from '../../targets/shape.ts'
import { delayAfter, retryAfterMs, type Schedule } from '../../schedule.ts'

export interface OutcomeContext {
  /** Number of this attempt, from 1. */
  readonly attempt: number
  readonly schedule: Schedule
  /** Epoch milliseconds. */
  readonly now: number
  /** A number in [0, 1), for the jitter. */
  readonly random: number
  /** What the target reads of the answer. @default what its status means */
  readonly reading?: Reading | undefined
  /** The request must not be made twice. @default false */
  readonly isOnce?: boolean | undefined
}

type Meaning = AnswerMeaning | 'unwanted' | 'blocked' | 'ambiguous'

/** Answers of gateways and proxies that do not know what became of the request behind them (520 and 524 are Cloudflare's). */
const ambiguousStatuses = new Set([502, 504, 520, 524])
/** After which the receiver may have acted, if the connection was open. */
const ambiguousCauses: ReadonlySet<FailureCause> = new Set([
  'timeout',
  'reset',
  'protocol',
  'proxy',
  'aborted',
])

// The request cannot have arrived, and the next moment may be better: a restart, a name not yet published.
const repeatable: ReadonlySet<FailureCause> = new Set(['dns', 'unreachable', 'tls', 'reset', 'proxy'])

/** A proxy that hangs took the whole deadline, name servers half of it: what is repeated within seconds would take as much each time. */
const slow = new Set(['PROXY_TIMEOUT', 'ETIMEOUT'])

/** True for a connection that never opened: it is repeated within seconds, and cannot duplicate. */
export function mayRepeatAtOnce(exchange: Exchange): boolean {
  if (exchange.kind === 'answer' || exchange.opened) return false
  const { cause, code } = exchange
  return repeatable.has(cause) && !slow.has(code) && meaningOfFault(code) === 'retry'
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
export function hasFailed(exchange: Exchange, reading?: Reading): boolean | undefined {
  if (exchange.kind === 'answer') return meaningOf(exchange, reading) === 'retry'
  return isNoFaultOfReceiver(exchange.cause) ? undefined : true
}

function isNoFaultOfReceiver(cause: FailureCause): boolean {
  return cause === 'blocked' || cause === 'proxy' || cause === 'aborted'
}

/** Why the receiver wants nothing more: 410 Gone, or `webhook-delivery: disable` on any answer. `undefined` when it did not say so. */
export function disabledBy(exchange: Exchange, outcome: Outcome): 'gone' | 'unwanted' | undefined {
  if (exchange.kind === 'failure') return undefined
  if (outcome.kind === 'dead' && outcome.verdict === 'gone') return 'gone'
  return wishOf(exchange) === 'disable' ? 'unwanted' : undefined
}

/** Reads one exchange. `undefined` when it was aborted: that attempt counts for nothing. */
export function readOutcome(exchange: Exchange, context: OutcomeContext): Outcome | undefined {
  if (exchange.kind === 'answer') return readAnswered(exchange, context)
  const { cause, code, opened, malformed: reason = cause } = exchange
  if (context.isOnce === true && opened && ambiguousCauses.has(cause))
    return outcomeOf('ambiguous', reason, context)
  if (cause === 'aborted') return undefined
  if (cause === 'protocol') return outcomeOf('refused', reason, context) // it says the same each time
  return outcomeOf(cause === 'blocked' ? 'blocked' : meaningOfFault(code), reason, context)
}

/** What a proxy refuses with means what it would mean of a receiver, but never that the hook is gone. */
function meaningOfFault(code: string): 'retry' | 'refused' {
  const status = proxyStatusOf(code)
  return status === undefined || meaningOfStatus(status) === 'retry' ? 'retry' : 'refused'
}

function readAnswered(answer: Answer, context: OutcomeContext): Outcome {
  const { isOnce, now, reading } = context
  const { status, headers } = answer
  const meaning = meaningOf(answer, reading)
  const isUnwanted = meaning !== 'accepted' && meaning !== 'gone' && wishOf(answer) !== undefined
  const isUnclear = reading?.isUnclear === true || (meaning === 'retry' && ambiguousStatuses.has(status))
  const isAmbiguous = isOnce === true && isUnclear
  const reason = reading?.isRejected === true ? 'rejected' : (`status-${status}` as const)
  const retryAfter = Math.max(
    retryAfterMs(headers['retry-after'], now) ?? 0,
    retryAfterMs(reading?.retryAfter, now) ?? 0,
  )
  return outcomeOf(isUnwanted ? 'unwanted' : isAmbiguous ? 'ambiguous' : meaning, reason, context, retryAfter)
}

function meaningOf({ status }: Answer, reading: Reading | undefined): AnswerMeaning {
  return reading?.meaning ?? meaningOfStatus(status)
}

/** What a receiver may say about this delivery, or all (as those of Svix do): the `webhook-delivery` header. */
function wishOf({ headers }: Answer): 'disable' | 'abort-message' | undefined {
  const wish = headers['webhook-delivery']
  return wish === 'disable' || wish === 'abort-message' ? wish : undefined
}

function outcomeOf(meaning: Meaning, reason: Reason, context: OutcomeContext, retryAfter = 0): Outcome {
  const { attempt, schedule, now, random } = context
  if (meaning === 'accepted') return { kind: 'delivered', reason }
  if (meaning === 'final') return { kind: 'dead', reason, verdict: 'refused' }
  if (meaning !== 'retry' && meaning !== 'refused') return { kind: 'dead', reason, verdict: meaning }
  if (meaning === 'refused' && attempt >= schedule.refusedAttempts)
    return { kind: 'dead', reason, verdict: 'refused' }
  const delay = delayAfter(attempt, schedule, random)
  if (delay === undefined) return { kind: 'dead', reason, verdict: 'exhausted' }
  if (retryAfter > schedule.maxRetryAfterMs) return { kind: 'dead', reason, verdict: 'retry-after' }
  return { kind: 'retry', reason, at: now + Math.max(delay, retryAfter) }
}
