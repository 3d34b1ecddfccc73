import pRetry from 'p-retry'
import { keptBytes, type Exchange, type Failure, type Transport } from '../http/transport.ts'
import type { Attempt, Delivery } from '../stores/store.ts'
import { renderDeis, type RenderedRequest } from '../targets/deis.ts'
import type { Hook } from './hook.ts'
import type { Lanes } from './lanes.ts'
import { mayRepeatAtOnce, readOutcome } from './outcome.ts'
import { excerptOf } from './redact.ts'
import type { Schedule } from './schedule.ts'

export interface CourierOptions {
  readonly transport: Transport
  readonly lanes: Lanes
  readonly schedule: Schedule
  readonly now: () => number
  readonly random: () => number
}

interface Exchanged {
  readonly exchange: Exchange
  readonly connects: number
  readonly startedAt: number
}

/** Tells p-retry, which repeats what throws, to try once more. */
class NeverOpened extends Error {}

const abortedBeforeSending: Failure = {
  kind: 'failure',
  cause: 'aborted',
  code: 'ABORT_ERR',
  opened: false,
  timings: { totalMs: 0 },
}

/** Makes one attempt of a delivery: render, sign, wait for a place, exchange, read the answer. Stores nothing. */
export class Courier {
  readonly #options: CourierOptions

  constructor(options: CourierOptions) {
    this.#options = options
  }

  /**
   * @param signal ends what is in flight
   * @returns the attempt, or `undefined` when it was aborted and counts for nothing
   */
  async attempt(hook: Hook, delivery: Delivery, signal: AbortSignal): Promise<Attempt | undefined> {
    const { now, random, schedule } = this.#options
    const request = renderDeis(hook, delivery.release, delivery.id)
    const priority = { fresh: delivery.attempts === 0 }
    const { exchange, connects, startedAt } = await this.#exchange(hook, request, priority, signal)
    const endedAt = now()
    const number = delivery.attempts + 1
    const outcome = readOutcome(exchange, { attempt: number, schedule, now: endedAt, random: random() })
    if (outcome === undefined) return undefined
    const { timings } = exchange
    const seen = seenIn(exchange, [...hook.sensitive, request.headers['authorization'] ?? ''])
    return { deliveryId: delivery.id, number, startedAt, endedAt, connects, timings, ...seen, outcome }
  }

  /** p-retry stands around the lane, so that a delivery that waits to be repeated holds no place in it. */
  async #exchange(
    hook: Hook,
    request: RenderedRequest,
    priority: { readonly fresh: boolean },
    signal: AbortSignal,
  ): Promise<Exchanged> {
    const { lanes, transport, schedule, now } = this.#options
    let connects = 0
    let startedAt = now()
    const send = async (): Promise<Exchange> => {
      if (signal.aborted) return abortedBeforeSending
      connects += 1
      if (connects === 1) startedAt = now()
      return transport.send({ ...request, deadlineMs: hook.deadlineMs, connection: hook.connection, signal })
    }
    let last: Exchange = abortedBeforeSending
    const inLane = async (): Promise<void> => {
      last = await lanes.run(hook, priority, send)
      if (mayRepeatAtOnce(last)) throw new NeverOpened()
    }
    try {
      await pRetry(inLane, { ...schedule.connect, signal })
    } catch (error) {
      // p-retry rejects when it is aborted, even while an answer has just come: an answer is kept.
      if (signal.aborted && last.kind === 'failure') last = abortedBeforeSending
      else if (!signal.aborted && !(error instanceof NeverOpened)) throw error
    }
    return { exchange: last, connects, startedAt }
  }
}

/** What an operator sees of an exchange. */
function seenIn(
  exchange: Exchange,
  sensitive: readonly string[],
): Pick<Attempt, 'status' | 'excerpt' | 'code'> {
  if (exchange.kind === 'failure') return { code: exchange.code }
  return { status: exchange.status, excerpt: excerptOf(exchange.body.subarray(0, keptBytes), sensitive) }
}
