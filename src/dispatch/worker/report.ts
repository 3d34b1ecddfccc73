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

export interface LaneReport extends LaneSign {
  /** Whether it counts as failed for the breaker; `undefined`: not at all. */
  readonly failed?: boolean | undefined
  /** The connection never opened: it may be tried again within seconds, and cannot duplicate. */
  readonly mayRepeat: boolean
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

/** @param came of it: an exchange, or why there was none */
export function reportOf(
  hook: Hook,
  execution: Execution,
  came: Exchanged | NotSent | Returned,
  moment: Moment,
): Report {
  if (came.kind !== 'exchanged') {
    const lane = { answered: undefined, isUnsent: execution.isPaced, mayRepeat: false }
    return { lane, delivery: came }
  }
  const { exchange, reading } = came
  const failed = hasFailed(exchange, reading)
  const lane = {
    answered: hasAnswered(exchange),
    closedUntil: pauseAskedFor(exchange, hook.schedule, moment.now, reading),
    failed,
    mayRepeat: mayRepeatAtOnce(exchange),
  }
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
