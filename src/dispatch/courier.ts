import { keptBytes, maxAnswerBytes, type Exchange, type Failure, type Transport } from '../http/transport.ts'
import type { Attempt, Delivery } from '../stores/store.ts'
import { readAnswer, type Reading } from '../targets/answer.ts'
import type { Remote } from '../targets/remote.ts'
import { renderPoll, renderRequest, type RenderedRequest } from '../targets/render.ts'
import type { TargetContext } from '../targets/shape.ts'
import type { Hook } from './hook.ts'
import type { Work } from './lane.ts'
import { readOutcome, type Outcome } from './outcome.ts'
import { readPollOutcome } from './poll-outcome.ts'
import { excerptOf, mayHold } from './redact.ts'
import type { Reporter } from './reporter.ts'
import { sensitive } from './spellings.ts'
import { nextStep, type Step } from './steps.ts'

export interface CourierOptions {
  readonly transport: Transport
  readonly reporter: Reporter
  readonly now: () => number
  readonly random: () => number
}

/** Why nothing was sent, and never will be. */
export type NotSent = Extract<Outcome, { readonly kind: 'dead' }>

/** The claim is to be handed back: the attempt counts for nothing, or nothing new was told. */
export interface PutOff {
  readonly kind: 'put-off'
  /** Epoch milliseconds; absent: due as before. */
  readonly dueAt?: number
}

const aborted: Failure = failure('aborted', 'ABORT_ERR', false)

/** A transport has rejected, against its contract: the delivery must not be sent for ever because of it. */
export const transportRejected: Failure = failure('protocol', 'TRANSPORT_REJECTED', true)

const unrenderable: NotSent = { kind: 'dead', reason: 'unrenderable', verdict: 'unrenderable' }
/** The receiver took it, and told nothing to ask it by. */
const unaskable: NotSent = { kind: 'dead', reason: 'unrenderable', verdict: 'unfinished' }
const noRemote: Remote = {}

/** Makes the exchange of an attempt, and reads what came of it. Waits for nothing else, and stores nothing. */
export class Courier {
  readonly #options: CourierOptions

  constructor(options: CourierOptions) {
    this.#options = options
  }

  /**
   * Renders, signs and sends.
   *
   * @param signal ends what is in flight
   */
  send(hook: Hook, work: Work, signal: AbortSignal): Promise<Exchange | NotSent> {
    if (signal.aborted) return Promise.resolve(aborted)
    const request = (work.request ??= this.#request(hook, work))
    if (request === undefined)
      return Promise.resolve(stepOf(hook, work).kind === 'request' ? unrenderable : unaskable)
    const { transport, now } = this.#options
    work.connects += 1
    if (work.connects === 1) work.startedAt = now()
    const { deadlineMs } = hook
    const { method, url, headers, body } = request
    const step = stepOf(hook, work)
    const connection = mayNotRepeat(hook, work) ? { ...hook.connection } : hook.connection // a new object has no kept-alive ones
    const keepBytes = step.kind === 'request' && !step.readsBody ? undefined : maxAnswerBytes
    return transport.send({ method, url, headers, body, keepBytes, deadlineMs, connection, signal })
  }

  /** What the hook's target reads of an answer; `undefined` when there was none, or it was that to a poll. */
  understand(hook: Hook, work: Work, exchange: Exchange): Reading | undefined {
    const step = stepOf(hook, work)
    if (exchange.kind === 'failure' || step.kind !== 'request') return undefined
    try {
      return readAnswer(step.request, exchange, hook.target.poll)
    } catch (error) {
      this.#report('An answer could not be read by its target', hook, work, error)
      return { meaning: 'refused', isRejected: true, remote: noRemote }
    }
  }

  /** The attempt that an exchange was. */
  read(hook: Hook, work: Work, exchange: Exchange, reading: Reading | undefined): Attempt | PutOff {
    const now = this.#options.now()
    const told = this.#told(hook, work, exchange, reading, now)
    if (told === undefined) return { kind: 'put-off' }
    const { outcome, step } = told
    const { claim, connects, startedAt } = work
    const remote = maskedRemote(told.remote, hook)
    if (step === 'poll' && isNoNews(claim.delivery, outcome, remote))
      return { kind: 'put-off', dueAt: outcome.at }
    const { timings } = exchange
    const { id: deliveryId, attempts } = claim.delivery
    const number = attempts + 1
    let attempt: Attempt
    if (exchange.kind === 'failure') {
      const { code } = exchange
      attempt = { deliveryId, number, startedAt, endedAt: now, connects, timings, code, outcome }
    } else {
      const { status, body } = exchange
      const excerpt = excerptOfAnswer(hook, work, body)
      attempt = { deliveryId, number, startedAt, endedAt: now, connects, timings, status, excerpt, outcome }
    }
    if (step === undefined && remote === undefined) return attempt // nearly always
    return {
      ...attempt,
      ...(step === undefined ? undefined : { step }),
      ...(remote === undefined ? undefined : { remote }),
    }
  }

  #told(
    hook: Hook,
    work: Work,
    exchange: Exchange,
    reading: Reading | undefined,
    now: number,
  ): Told | undefined {
    const { delivery } = work.claim
    const { progress } = delivery
    const step = stepOf(hook, work)
    if (step.kind === 'none') return undefined // nothing was sent
    if (step.kind === 'poll') {
      const polled = readPollOutcome(exchange, { poll: step.poll, acceptedAt: progress?.at ?? now, now })
      return polled && { ...polled, step: 'poll' }
    }
    const outcome = readOutcome(exchange, {
      attempt: delivery.attempts + 1 - (progress?.attempt ?? 0),
      schedule: hook.schedule,
      now,
      random: this.#options.random(),
      reading,
      isOnce: step.isOnce,
    })
    if (outcome === undefined) return undefined
    const remote = reading?.remote
    return { outcome: goesOn(hook, step, outcome, remote, now), remote, step: step.number }
  }

  #request(hook: Hook, work: Work): RenderedRequest | undefined {
    const { delivery } = work.claim
    const { url, dialect, target } = hook
    const step = stepOf(hook, work)
    if (step.kind === 'none') return undefined
    const context: TargetContext = {
      release: delivery.release,
      deliveryId: delivery.id,
      recordedAt: delivery.recordedAt,
      secrets: target.secrets ?? {},
      remote: delivery.remote ?? noRemote,
    }
    try {
      if (step.kind === 'poll') return renderPoll(step.poll, context, url)
      const { number = 1 } = step
      const signer = hook.signers[number - 1]
      return renderRequest(step.request, number, context, {
        url,
        dialect,
        signer,
        now: this.#options.now(),
      })
    } catch (error) {
      this.#report('A target could make no request of a release', hook, work, error)
      return undefined
    }
  }

  /** A target's own error, which may hold its secrets. */
  #report(what: string, hook: Hook, { claim }: Work, error: unknown): void {
    const fields = { hookId: hook.id, target: hook.target.name, deliveryId: claim.delivery.id }
    this.#options.reporter.fault(what, excerptOf(Buffer.from(String(error)), hook.sensitive), fields)
  }
}

interface Told {
  readonly outcome: Outcome
  readonly remote?: Remote | undefined
  readonly step: number | 'poll' | undefined
}

/** True for a request that must not be made twice. */
export function mayNotRepeat(hook: Hook, work: Work): boolean {
  const step = stepOf(hook, work)
  return step.kind === 'request' && step.isOnce
}

function stepOf({ steps }: Hook, work: Work): Step {
  return (work.step ??= nextStep(steps, work.claim.delivery.progress))
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

function maskedRemote(remote: Remote | undefined, { sensitive: texts }: Hook): Remote | undefined {
  const entries = Object.entries(remote ?? noRemote)
  if (entries.length === 0) return undefined
  return Object.fromEntries(
    entries.map(([name, text]) => [name, excerptOf(Buffer.from(String(text)), texts)]),
  )
}

function excerptOfAnswer(hook: Hook, { request }: Work, body: Uint8Array): string {
  if (body.byteLength === 0) return ''
  const proof = request?.proof
  const isEchoed = proof !== undefined && mayHold(body, proof)
  const texts = isEchoed ? [sensitive(proof), ...hook.sensitive] : hook.sensitive
  return excerptOf(body.subarray(0, keptBytes), texts, body.byteLength >= keptBytes)
}

function failure(cause: Failure['cause'], code: string, opened: boolean): Failure {
  return { kind: 'failure', cause, code, opened, timings: { totalMs: 0 } }
}
