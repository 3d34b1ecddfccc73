import type { Exchange } from '../../http/transport.ts'
import { readPoll } from '../../targets/answer.ts'
import type { Remote } from '../../targets/remote.ts'
import type { TargetPoll } from '../../targets/shape.ts'
import type { Outcome, Reason } from '../../delivery.ts'
import { retryAfterMs } from '../../schedule.ts'

export interface PollContext {
  readonly poll: TargetPoll
  /** Epoch milliseconds at which the receiver took the release. */
  readonly acceptedAt: number
  /** Epoch milliseconds. */
  readonly now: number
}

/** What an exchange told that asked how it went. `undefined` when it was aborted. */
export function readPollOutcome(
  exchange: Exchange,
  context: PollContext,
): { readonly outcome: Outcome; readonly remote?: Remote } | undefined {
  if (exchange.kind === 'failure') {
    const { cause, malformed } = exchange
    if (cause === 'aborted') return undefined
    if (cause === 'blocked') return { outcome: { kind: 'dead', reason: cause, verdict: 'blocked' } }
    return { outcome: askAgain(malformed ?? cause, context) }
  }
  const { now, poll } = context
  const remote = readPoll(poll, exchange)
  const retryAfter = retryAfterMs(exchange.headers['retry-after'], now)
  if (remote === undefined) return { outcome: askAgain(`status-${exchange.status}`, context, retryAfter) }
  const reason = `remote-${remote.status}` as const
  switch (remote.status) {
    case 'succeeded':
    case 'skipped':
      return { outcome: { kind: 'delivered', reason }, remote }
    case 'failed':
    case 'canceled':
      return { outcome: { kind: 'dead', reason, verdict: 'failed' }, remote }
    default:
      return { outcome: askAgain(reason, context, retryAfter), remote }
  }
}

/** Whatever went wrong with the question, the receiver has the release: it is asked until its time is over. */
function askAgain(reason: Reason, { poll, acceptedAt, now }: PollContext, retryAfter = 0): Outcome {
  const at = now + Math.max(poll.everyMs, retryAfter)
  if (at > acceptedAt + poll.untilMs) return { kind: 'dead', reason, verdict: 'unfinished' }
  return { kind: 'accepted', reason, at }
}
