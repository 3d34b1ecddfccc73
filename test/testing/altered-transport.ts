import { gotTransport } from '../../src/http/got-transport.ts'
import type { Exchange, Transport, TransportRequest } from '../../src/http/transport.ts'

export interface BrokenTransport {
  readonly what: string
  readonly create: () => Transport
  /** Names of tests that fail for it. */
  readonly fails: readonly string[]
}

export interface Alteration {
  readonly request?: (request: TransportRequest) => TransportRequest | Promise<TransportRequest>
  readonly exchange?: (exchange: Exchange) => Exchange
  readonly close?: (transport: Transport) => void
}

/** The default transport, with its requests or exchanges changed on their way. */
export function altered({ request, exchange, close }: Alteration): () => Transport {
  return () => {
    const transport = gotTransport()
    return {
      async send(given) {
        const sent = await transport.send((await request?.(given)) ?? given)
        return exchange?.(sent) ?? sent
      },
      close: () => (close === undefined ? transport.close() : close(transport)),
    }
  }
}
