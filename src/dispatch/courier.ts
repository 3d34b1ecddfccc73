import { keptBytes, type Exchange, type Failure, type Transport } from '../http/transport.ts'
import type { Attempt } from '../stores/store.ts'
import { renderDeis, type RenderedRequest } from '../targets/deis.ts'
import type { Hook } from './hook.ts'
import type { Work } from './lane.ts'
import { readOutcome } from './outcome.ts'
import { excerptOf, mayHold } from './redact.ts'
import { sensitive } from './spellings.ts'

export interface CourierOptions {
  readonly transport: Transport
  readonly now: () => number
  readonly random: () => number
}

const aborted: Failure = failure('aborted', 'ABORT_ERR', false)

/** A transport has rejected, against its contract: the delivery must not be sent for ever because of it. */
export const transportRejected: Failure = failure('protocol', 'TRANSPORT_REJECTED', true)

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
  send(hook: Hook, work: Work, signal: AbortSignal): Promise<Exchange> {
    if (signal.aborted) return Promise.resolve(aborted)
    const { transport, now } = this.#options
    work.connects += 1
    if (work.connects === 1) work.startedAt = now()
    const { deadlineMs, connection } = hook
    const { method, url, headers } = (work.request ??= requestOf(hook, work))
    return transport.send({ method, url, headers, deadlineMs, connection, signal })
  }

  /** The attempt that an exchange was, or `undefined` when it was aborted and counts for nothing. */
  read(hook: Hook, work: Work, exchange: Exchange): Attempt | undefined {
    const { now, random } = this.#options
    const { schedule } = hook
    const { connects, startedAt } = work
    const { delivery } = work.claim
    const endedAt = now()
    const number = delivery.attempts + 1
    const outcome = readOutcome(exchange, { attempt: number, schedule, now: endedAt, random: random() })
    if (outcome === undefined) return undefined
    const { id: deliveryId } = delivery
    const { timings } = exchange
    if (exchange.kind === 'failure') {
      const { code } = exchange
      return { deliveryId, number, startedAt, endedAt, connects, timings, code, outcome }
    }
    const { status, body } = exchange
    const excerpt = excerptOfAnswer(hook, work, body)
    return { deliveryId, number, startedAt, endedAt, connects, timings, status, excerpt, outcome }
  }
}

function requestOf(hook: Hook, { claim: { delivery } }: Work): RenderedRequest {
  return renderDeis(hook, delivery.release, delivery.id)
}

function excerptOfAnswer(hook: Hook, { request }: Work, body: Uint8Array): string {
  if (body.byteLength === 0) return ''
  const authorization = request?.headers['authorization']
  const isEchoed = authorization !== undefined && mayHold(body, authorization)
  const texts = isEchoed ? [sensitive(authorization), ...hook.sensitive] : hook.sensitive
  return excerptOf(body.subarray(0, keptBytes), texts, body.byteLength >= keptBytes)
}

function failure(cause: Failure['cause'], code: string, opened: boolean): Failure {
  return { kind: 'failure', cause, code, opened, timings: { totalMs: 0 } }
}
