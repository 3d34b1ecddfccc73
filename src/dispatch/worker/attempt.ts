import { keptBytes, type Exchange } from '../../http/transport.ts'
import type { Attempt, Delivery, Outcome } from '../../delivery.ts'
import { mayBeCut, type Reading } from '../../targets/answer.ts'
import { isCoded } from '../../targets/coding.ts'
import type { Remote } from '../../targets/remote.ts'
import { webUrl } from '../../targets/web-url.ts'
import type { Hook } from '../../hooks/hook.ts'
import type { Returned } from './admission.ts'
import type { Execution } from './execution.ts'
import { readOutcome } from './outcome.ts'
import { readPollOutcome } from './poll-outcome.ts'
import { locationOf } from './redirect.ts'
import { excerptOf, signatures } from '../../masking/excerpt.ts'
import type { Sensitive } from '../../masking/sensitive.ts'
import type { Step } from '../../hooks/steps.ts'

export interface Moment {
  /** Epoch milliseconds. */
  readonly now: number
  /** Gives a number in [0, 1), for the jitter of an attempt. */
  readonly random: () => number
}

/** A token has more characters; a part of an id may have as few. */
const shortestToken = 8
/** It says nothing to who reads it, and hides what would be masked. */
const leftOut = '[left out: it is in a coding that is not read]'

/**
 * The attempt that an exchange was.
 *
 * @param reading what the target read of the answer
 */
export function attemptOf(
  hook: Hook,
  execution: Execution,
  exchange: Exchange,
  reading: Reading | undefined,
  moment: Moment,
): Attempt | Returned {
  const { now } = moment
  const told = toldBy(hook, execution, exchange, reading, moment)
  if (told === undefined) return { kind: 'returned' }
  const { outcome, step } = told
  const { claim, connects, startedAt } = execution
  const texts = sensitiveIn(hook, execution)
  const location = locationOf(hook, execution, exchange)
  const seen = location === undefined ? told.remote : { ...told.remote, location }
  const remote = seen && maskedRemote(seen, texts)
  if (step === 'poll' && isNoNews(claim.delivery, outcome, remote))
    return { kind: 'returned', dueAt: outcome.at }
  const { timings } = exchange
  const { id: deliveryId, attempts } = claim.delivery
  const number = attempts + 1
  let attempt: Attempt
  if (exchange.kind === 'failure') {
    const { code } = exchange
    attempt = { deliveryId, number, startedAt, endedAt: now, connects, timings, code, outcome }
  } else {
    const { status, body, code } = exchange
    const excerpt = isCoded(exchange) ? leftOut : excerptOf(body, texts, body.byteLength >= keptBytes)
    attempt = { deliveryId, number, startedAt, endedAt: now, connects, timings, status, excerpt, outcome }
    if (code !== undefined) attempt = { ...attempt, code }
  }
  if (step === undefined && remote === undefined) return attempt // nearly always
  return {
    ...attempt,
    ...(step === undefined ? undefined : { step }),
    ...(remote === undefined ? undefined : { remote }),
  }
}

function toldBy(
  hook: Hook,
  execution: Execution,
  exchange: Exchange,
  reading: Reading | undefined,
  { now, random }: Moment,
): Told | undefined {
  const { delivery } = execution.claim
  const { progress } = delivery
  const { step } = execution
  if (step.kind === 'none') return undefined // nothing was sent
  if (step.kind === 'poll') {
    const polled = readPollOutcome(exchange, { poll: step.poll, acceptedAt: progress?.at ?? now, now })
    return polled && { ...polled, step: 'poll' }
  }
  const outcome = readOutcome(exchange, {
    attempt: delivery.attempts + 1 - (progress?.attempt ?? 0),
    schedule: hook.schedule,
    now,
    random: random(),
    reading,
    isOnce: step.isOnce,
  })
  if (outcome === undefined) return undefined
  const remote = reading?.remote
  return { outcome: goesOn(hook, step, outcome, remote, now), remote, step: step.number }
}

interface Told {
  readonly outcome: Outcome
  readonly remote?: Remote | undefined
  readonly step: number | 'poll' | undefined
}

/** An accepted request is not the end when another one follows, or when the end of what it started is waited for. */
function goesOn(
  hook: Hook,
  { isLast }: Step & { kind: 'request' },
  outcome: Outcome,
  remote: Remote | undefined,
  now: number,
): Outcome {
  if (outcome.kind !== 'delivered') return outcome
  const { reason } = outcome
  if (!isLast) return { kind: 'accepted', reason, at: now }
  const { poll } = hook.target
  if (poll === undefined || hook.waitFor === 'accepted') return outcome
  if (remote?.status === 'succeeded' || remote?.status === 'skipped') return outcome
  if (remote?.status === 'failed' || remote?.status === 'canceled')
    return { kind: 'dead', reason, verdict: 'failed' }
  return { kind: 'accepted', reason, at: now + poll.everyMs }
}

/** A poll that told what the one before it told is no attempt of its own: there may be hundreds. */
function isNoNews(
  { outcome: before, remote: known }: Delivery,
  outcome: Outcome,
  remote: Remote | undefined,
): outcome is Extract<Outcome, { kind: 'accepted' }> {
  if (outcome.kind !== 'accepted') return false
  const isSameAnswer =
    before?.reason === outcome.reason || (remote?.status !== undefined && remote.status === known?.status)
  return isSameAnswer && (remote?.url === undefined || remote.url === known?.url)
}

function maskedRemote(remote: Remote, texts: readonly Sensitive[]): Remote | undefined {
  const entries = Object.entries(remote)
  // Polls need the id as it is, and short parameters of URLs stand in many.
  const masked = (name: string, text: string): string =>
    excerptOf(Buffer.from(text), texts, mayBeCut(name, text), name === 'id' ? shortestToken : undefined)
  const shown = entries
    .map(([name, text]) => [name, name === 'status' ? text : masked(name, String(text))] as const)
    .filter(([name, text]) => name !== 'url' || webUrl(text) !== undefined) // with a host that is masked it is none
  return shown.length === 0 ? undefined : Object.fromEntries(shown)
}

/** What must not be kept of an answer, or of what is made of it: what proves its request too, if it is echoed. */
export function sensitiveIn(hook: Hook, { request }: Execution): readonly Sensitive[] {
  const proof = request?.proof
  return proof === undefined ? hook.sensitive : [...hook.sensitive, signatures(proof)]
}
