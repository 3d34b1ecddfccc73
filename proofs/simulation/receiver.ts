import type { Exchange, Transport, TransportRequest } from 'deploy-hooks'
import type { VirtualTime } from './virtual-time.ts'

/** How a receiver is down: nothing listens; the connection opens and nothing is answered; its proxy answers for it. */
export type Down = 'refuses' | 'hangs' | 'answers 503'

export interface Outage {
  readonly down: Down
  readonly from: number
  readonly until: number
}

const refusalMs = 1
const answerMs = 50

/** Answers by the simulated time, in place of the network. */
export class SimulatedReceiver implements Transport {
  /** When each request was sent, connections that never opened among them. */
  readonly requests: number[] = []
  readonly #time: VirtualTime
  readonly #outage: Outage

  constructor(time: VirtualTime, outage: Outage) {
    this.#time = time
    this.#outage = outage
  }

  async send({ deadlineMs, signal }: TransportRequest): Promise<Exchange> {
    const startedAt = this.#time.now
    this.requests.push(startedAt)
    const { down, from, until } = this.#outage
    const isDown = startedAt >= from && startedAt < until
    const takesMs = !isDown || down === 'answers 503' ? answerMs : down === 'hangs' ? deadlineMs : refusalMs
    await this.#time.sleep(takesMs, signal)
    const timings = { totalMs: takesMs }
    if (signal.aborted) return { kind: 'failure', cause: 'aborted', opened: true, code: 'ABORT_ERR', timings }
    if (!isDown || down === 'answers 503') {
      return { kind: 'answer', status: isDown ? 503 : 200, headers: {}, body: Buffer.alloc(0), timings }
    }
    return down === 'hangs'
      ? { kind: 'failure', cause: 'timeout', opened: true, code: 'ETIMEDOUT', timings }
      : { kind: 'failure', cause: 'unreachable', opened: false, code: 'ECONNREFUSED', timings }
  }

  close(): void {}
}
