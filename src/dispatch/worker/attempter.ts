import { ReleaseError } from '../../errors.ts'
import { longestError, textOfError } from '../../shown-text.ts'
import { maxAnswerBytes, type Exchange, type Failure, type Transport } from '../../http/transport.ts'
import { readAnswer, type Reading } from '../../targets/answer.ts'
import type { Remote } from '../../targets/remote.ts'
import { renderPoll, renderRequest, type RenderedRequest } from '../../targets/render.ts'
import type { TargetContext } from '../../targets/shape.ts'
import { sensitiveIn } from './attempt.ts'
import type { Hook } from '../../hooks/hook.ts'
import type { Work } from './lane.ts'
import type { Outcome } from '../../delivery.ts'
import { excerptOf } from '../../masking/excerpt.ts'
import type { Reporter } from '../reporter.ts'
import { mayNotRepeat, stepOf } from '../../hooks/steps.ts'
import { isAgain } from '../summary-cut.ts'

export interface CourierOptions {
  readonly transport: Transport
  readonly reporter: Reporter
  readonly now: () => number
}

/** Why nothing was sent, and never will be. */
export type NotSent = Extract<Outcome, { readonly kind: 'dead' }>

const aborted: Failure = failure('aborted', 'ABORT_ERR', false)

/** A transport has rejected, against its contract: the delivery must not be sent for ever because of it. Nobody knows what was sent. */
export const transportRejected: Failure = failure('reset', 'TRANSPORT_REJECTED', true)

const unrenderable: NotSent = { kind: 'dead', reason: 'unrenderable', verdict: 'unrenderable' }
const urlTooLong: NotSent = { kind: 'dead', reason: 'url-too-long', verdict: 'url-too-long' }
/** The receiver took it, and told nothing to ask it by. */
const unaskable: NotSent = { kind: 'dead', reason: 'unrenderable', verdict: 'unfinished' }
const noRemote: Remote = {}

/** Makes the exchange of an attempt, and has the target read its answer. Waits for nothing else, and stores nothing. */
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
    const request = work.request ?? this.#request(hook, work)
    if ('verdict' in request) return Promise.resolve(request)
    work.request = request
    const { transport, now } = this.#options
    work.connects += 1
    if (work.connects === 1) work.startedAt = now()
    const { deadlineMs } = hook
    const { method, url, headers, body } = request
    const step = stepOf(hook, work)
    const connection = mayNotRepeat(hook, work) ? { ...hook.connection } : hook.connection // a new object has no kept-alive ones
    const keepBytes = step.kind === 'request' && !step.readsBody ? undefined : maxAnswerBytes
    const statusDecides = step.kind === 'none' ? undefined : step.statusDecides
    const limits = { keepBytes, statusDecides, deadlineMs }
    return transport.send({ method, url, headers, body, ...limits, connection, signal })
  }

  /** What the hook's target reads of an answer; `undefined` when there was none, or it was that to a poll. */
  understand(hook: Hook, work: Work, exchange: Exchange): Reading | undefined {
    const step = stepOf(hook, work)
    if (exchange.kind === 'failure' || step.kind !== 'request') return undefined
    try {
      return readAnswer(step.request, exchange, hook.target.poll)
    } catch (error) {
      this.#report('An answer could not be read by its target', hook, work, error)
      return { meaning: 'refused', isRejected: true, isUnclear: true, remote: noRemote }
    }
  }

  #request(hook: Hook, work: Work): RenderedRequest | NotSent {
    const { delivery } = work.claim
    const { url, dialect, target } = hook
    const step = stepOf(hook, work)
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
      this.#report('A target could make no request of a release', hook, work, error)
      if (step.kind === 'poll') return unaskable
      return error instanceof ReleaseError && error.code === 'url_too_long' ? urlTooLong : unrenderable
    }
  }

  /** A target's own error, which may hold its secrets, and what it read of an answer. */
  #report(what: string, hook: Hook, work: Work, error: unknown): void {
    const fields = { hookId: hook.id, target: hook.target.name, deliveryId: work.claim.delivery.id }
    const text = textOfError(error)
    const isCut = text.length >= longestError
    this.#options.reporter.fault(what, excerptOf(Buffer.from(text), sensitiveIn(hook, work), isCut), fields)
  }
}

function failure(cause: Failure['cause'], code: string, opened: boolean): Failure {
  return { kind: 'failure', cause, code, opened, timings: { totalMs: 0 } }
}
