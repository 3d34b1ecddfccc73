import { ReleaseError } from '../../errors.ts'
import { longestError, textOfError } from '../../shown-text.ts'
import { maxAnswerBytes, type Exchange, type Failure, type Transport } from '../../http/transport.ts'
import { readAnswer, type Reading } from '../../targets/answer.ts'
import type { Remote } from '../../targets/remote.ts'
import { renderPoll, renderRequest, type RenderedRequest } from '../../targets/render.ts'
import type { TargetContext } from '../../targets/shape.ts'
import { sensitiveIn } from './attempt.ts'
import type { Hook } from '../../hooks/hook.ts'
import type { NotSent } from './admission.ts'
import type { Execution } from './execution.ts'
import { excerptOf } from '../../masking/excerpt.ts'
import type { Reporter } from '../reporter.ts'
import { isAgain } from '../summary-cut.ts'

export interface AttempterOptions {
  readonly transport: Transport
  readonly reporter: Pick<Reporter, 'fault'>
  readonly now: () => number
}

/** A request was made, or tried, and its target has read the answer. */
export interface Exchanged {
  readonly kind: 'exchanged'
  readonly exchange: Exchange
  /** What the target read of the answer; `undefined` when there was none, or it was that to a poll. */
  readonly reading: Reading | undefined
}

const aborted: Failure = failure('aborted', 'ABORT_ERR', false)

/** A transport has rejected, or given no exchange, against its contract: the delivery must not be sent for ever because of it. Nobody knows what was sent. */
const rejected: Failure = failure('reset', 'TRANSPORT_REJECTED', true)
export const transportRejected: Exchanged = { kind: 'exchanged', exchange: rejected, reading: undefined }

const unrenderable: NotSent = { kind: 'dead', reason: 'unrenderable', verdict: 'unrenderable' }
const urlTooLong: NotSent = { kind: 'dead', reason: 'url-too-long', verdict: 'url-too-long' }
/** The receiver took it, and told nothing to ask it by. */
const unaskable: NotSent = { kind: 'dead', reason: 'unrenderable', verdict: 'unfinished' }
const noRemote: Remote = {}

/** Makes the exchange of an attempt, and has the target read its answer. Waits for nothing else, and stores nothing. */
export class Attempter {
  readonly #options: AttempterOptions

  constructor(options: AttempterOptions) {
    this.#options = options
  }

  /**
   * Renders, signs, sends, and reads the answer. Never rejects.
   *
   * @param signal ends what is in flight
   */
  async attempt(hook: Hook, execution: Execution, signal: AbortSignal): Promise<Exchanged | NotSent> {
    if (signal.aborted) return { kind: 'exchanged', exchange: aborted, reading: undefined }
    const request = execution.request ?? this.#request(hook, execution)
    if ('verdict' in request) return request
    execution.request = request
    let exchange: Exchange
    try {
      exchange = await this.#send(hook, execution, request, signal)
    } catch {
      exchange = rejected
    }
    return { kind: 'exchanged', exchange, reading: this.#read(hook, execution, exchange) }
  }

  #send(
    hook: Hook,
    execution: Execution,
    { method, url, headers, body }: RenderedRequest,
    signal: AbortSignal,
  ): Promise<Exchange> {
    const { transport, now } = this.#options
    execution.connects += 1
    if (execution.connects === 1) execution.startedAt = now()
    const { deadlineMs } = hook
    const { step } = execution
    const connection = step.isOnce ? { ...hook.connection } : hook.connection // a new object has no kept-alive ones
    const keepBytes = step.kind === 'request' && !step.readsBody ? undefined : maxAnswerBytes
    const statusDecides = step.kind === 'none' ? undefined : step.statusDecides
    const sent = { method, url, headers, body, keepBytes, statusDecides, deadlineMs, connection, signal }
    return transport.send(sent)
  }

  #read(hook: Hook, execution: Execution, exchange: Exchange): Reading | undefined {
    const { step } = execution
    if (exchange.kind === 'failure' || step.kind !== 'request') return undefined
    try {
      return readAnswer(step.request, exchange, hook.target.poll)
    } catch (error) {
      this.#report('An answer could not be read by its target', hook, execution, error)
      return { meaning: 'refused', isRejected: true, isUnclear: true, remote: noRemote }
    }
  }

  #request(hook: Hook, execution: Execution): RenderedRequest | NotSent {
    const { delivery } = execution.claim
    const { url, dialect, target } = hook
    const { step } = execution
    if (step.kind === 'none') return unaskable
    const context: TargetContext = {
      release: delivery.release,
      deliveryId: delivery.id,
      again: isAgain(delivery),
      recordedAt: delivery.recordedAt,
      secrets: target.secrets ?? {},
      remote: delivery.remote ?? noRemote,
    }
    try {
      if (step.kind === 'poll') return renderPoll(step.poll, context, { url, dialect })
      const { number = 1 } = step
      const signer = hook.signers[number - 1]
      return renderRequest(step.request, number, context, {
        url,
        dialect,
        signer,
        now: this.#options.now(),
      })
    } catch (error) {
      this.#report('A target could make no request of a release', hook, execution, error)
      if (step.kind === 'poll') return unaskable
      return error instanceof ReleaseError && error.code === 'url_too_long' ? urlTooLong : unrenderable
    }
  }

  /** A target's own error, which may hold its secrets, and what it read of an answer. */
  #report(what: string, hook: Hook, execution: Execution, error: unknown): void {
    const fields = { hookId: hook.id, target: hook.target.name, deliveryId: execution.claim.delivery.id }
    const text = textOfError(error)
    const isCut = text.length >= longestError
    this.#options.reporter.fault(
      what,
      excerptOf(Buffer.from(text), sensitiveIn(hook, execution), isCut),
      fields,
    )
  }
}

function failure(cause: Failure['cause'], code: string, opened: boolean): Failure {
  return { kind: 'failure', cause, code, opened, timings: { totalMs: 0 } }
}
