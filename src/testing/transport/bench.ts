import type {
  Answer,
  ConnectionPolicy,
  Exchange,
  Failure,
  Transport,
  TransportRequest,
} from '../../http/transport.ts'
import { AssertionError } from 'node:assert'
import { guardOf } from './guards.ts'
import { Receiver, type ReceiverOptions, type Serve } from './receiver.ts'

type Settings = Partial<Omit<TransportRequest, 'url'>>

/** The policy of requests that name none. */
const openPolicy: ConnectionPolicy = { guard: guardOf() }

/** What one test uses: a transport, and receivers. All is closed at its end. */
export class Bench {
  readonly transport: Transport
  readonly #receivers: Receiver[] = []

  constructor(transport: Transport) {
    this.transport = transport
  }

  async listen(serve: Serve, options?: ReceiverOptions): Promise<Receiver> {
    const receiver = await Receiver.listen(serve, options)
    this.#receivers.push(receiver)
    return receiver
  }

  /** A port on which nothing listens. */
  async freePort(): Promise<number> {
    const receiver = await Receiver.listen((socket) => socket.destroy())
    await receiver.close()
    return receiver.port
  }

  send(url: string, settings: Settings = {}): Promise<Exchange> {
    return this.transport.send({
      method: 'POST',
      url,
      headers: {},
      deadlineMs: 10_000,
      connection: openPolicy,
      signal: new AbortController().signal,
      ...settings,
    })
  }

  /** Sends what is answered. */
  async answer(url: string, settings?: Settings): Promise<Answer> {
    const exchange = await this.send(url, settings)
    if (exchange.kind === 'answer') return exchange
    throw unexpected('an answer', exchange)
  }

  /** Sends what fails. */
  async failure(url: string, settings?: Settings): Promise<Failure> {
    const exchange = await this.send(url, settings)
    if (exchange.kind === 'failure') return exchange
    throw unexpected('a failure', exchange)
  }

  async close(): Promise<void> {
    this.transport.close()
    await Promise.all(this.#receivers.map((receiver) => receiver.close()))
  }
}

function unexpected(expected: string, exchange: Exchange): AssertionError {
  return new AssertionError({ message: `Expected ${expected}, got ${JSON.stringify(exchange)}` })
}
