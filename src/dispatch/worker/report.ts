import type { Attempt, Outcome, Verdict } from '../../delivery.ts'
import type { Hook } from '../../hooks/hook.ts'
import { pauseAskedFor } from '../../schedule.ts'
import type { NotSent, Returned } from './admission.ts'
import { attemptOf, type Moment } from './attempt.ts'
import type { Exchanged } from './attempter.ts'
import type { Execution } from './execution.ts'
import type { LaneSign } from './lane.ts'
import { disabledBy, hasAnswered, hasFailed, mayRepeatAtOnce } from './outcome.ts'

/** What came of one execution, read once: what follows from it for the lane, for the receiver's health, and for the delivery. */
export interface Report {
  readonly lane: LaneReport
  /** Absent when nothing was learnt about the receiver. */
  readonly receiver?: ReceiverReport
  readonly delivery: DeliveryReport
}

/** The connection is tried again: that is no attempt of its own. */
export interface RepeatReport {
  readonly lane: LaneReport
  readonly delivery?: undefined
}

export interface LaneReport extends LaneSign {
  /** Whether it counts as failed for the breaker; `undefined`: not at all. */
  readonly failed?: boolean | undefined
  /** The attempt is over because the connection never opened. */
  readonly hasMissed: boolean
}

export interface ReceiverReport {
  /** Why it wants nothing more. */
  readonly disabled: 'gone' | 'unwanted' | undefined
  /** The attempt failed, and the receiver is why. */
  readonly hasFailed: boolean
  /** It took what was sent. */
  readonly hasTaken: boolean
  /** It answered, and not to say "not now". */
  readonly isWell: boolean
}

/** An attempt to record, why there was none, or nothing to record at all. */
type DeliveryReport = Attempt | NotSent | Returned

/**
 * @param came of it: an exchange, or why there was none
 * @param mayTryAgain whether a connection that never opened is tried again within seconds, which cannot duplicate
 */
export function reportOf(
  hook: Hook,
  execution: Execution,
  came: Exchanged | NotSent | Returned,
  moment: Moment,
  mayTryAgain: boolean,
): Report | RepeatReport {
  if (came.kind !== 'exchanged') {
    const lane = { answered: undefined, isUnsent: execution.isPaced, hasMissed: false }
    return { lane, delivery: came }
  }
  const { exchange, reading } = came
  const answered = hasAnswered(exchange)
  const hasMissed = mayRepeatAtOnce(exchange)
  if (hasMissed && mayTryAgain) return { lane: { answered, hasMissed: false } }
  const failed = hasFailed(exchange, reading)
  const closedUntil = pauseAskedFor(exchange, hook.schedule, moment.now, reading)
  const lane = { answered, closedUntil, failed, hasMissed }
  const delivery = attemptOf(hook, execution, exchange, reading, moment)
  if ('kind' in delivery) return { lane, delivery }
  const { outcome } = delivery
  const hasTaken = isTaken(outcome)
  const receiver = {
    disabled: disabledBy(exchange, outcome),
    hasFailed: !hasTaken && isOfReceiver(outcome),
    hasTaken,
    isWell: failed === false,
  }
  return { lane, receiver, delivery }
}

/** What a receiver took has reached it, whatever became of it there. */
function isTaken(outcome: Outcome): boolean {
  return outcome.kind !== 'retry' && (outcome.kind !== 'dead' || isRemote(outcome.verdict))
}

/** A fault of the proxy, or a forbidden address, tells nothing about the receiver. */
function isOfReceiver({ reason }: Outcome): boolean {
  return reason !== 'proxy' && reason !== 'blocked'
}

function isRemote(verdict: Verdict): boolean {
  return verdict === 'failed' || verdict === 'unfinished'
}
