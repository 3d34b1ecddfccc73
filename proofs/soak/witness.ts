import type { Attempt, Exchange, Transport, TransportRequest } from 'deploy-hooks'
import type { Seen } from './plan.ts'

/** Hands on to a transport, and sees for each delivery what no attempt tells: whether the request may have arrived. */
export class Witness implements Transport {
  readonly #transport: Transport
  readonly #exchanges = new Map<string, Exchange>()
  readonly #seen = new Map<string, Seen>()
  #count = 0

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** All that were made. */
  get exchanges(): number {
    return this.#count
  }

  get seen(): readonly Seen[] {
    return [...this.#seen.values()]
  }

  async send(request: TransportRequest): Promise<Exchange> {
    this.#count += 1
    const exchange = await this.#transport.send(request)
    this.#exchanges.set(request.headers['idempotency-key'] ?? '', exchange)
    return exchange
  }

  /** Begins to count anew. */
  forget(): void {
    this.#seen.clear()
  }

  /** Counts what an attempt came to. */
  testify({ deliveryId, code, outcome: { reason } }: Attempt): void {
    const key = `"${deliveryId}"`
    const exchange = this.#exchanges.get(key)
    this.#exchanges.delete(key)
    const opened = exchange?.kind === 'answer' || exchange?.opened === true
    const kind = `${reason} ${code} ${opened}`
    const count = 1 + (this.#seen.get(kind)?.count ?? 0)
    this.#seen.set(kind, { reason, ...(code === undefined ? {} : { code }), opened, count })
  }

  close(): void {
    this.#transport.close()
  }
}
