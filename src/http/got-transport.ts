import type { Socket } from 'node:net'
import type { Got } from 'got'
import { ConnectionAgent } from './connection-agent.ts'
import { GotExchange, type GotHost } from './got-exchange.ts'
import { InFlight } from './in-flight.ts'
import { checkedSocketsPerHost, Places } from './places.ts'
import type { ConnectionPolicy, Exchange, Transport, TransportOptions } from './transport.ts'
import { abortedBeforeSending, invalidUrl, refusedScheme } from './open-exchange.ts'

/**
 * The default transport. got is loaded by the first request: importing it takes 86 ms.
 *
 * At most 64 connections to a host stay open while they are idle, for 5 seconds, the most recently used first.
 *
 * @throws {@link ConfigurationError} `option_invalid`
 */
export function gotTransport(options: TransportOptions = {}): Transport {
  const socketsPerHost = checkedSocketsPerHost(options, 'gotTransport()')
  const policies = new WeakMap<ConnectionPolicy, Map<string, GotHost>>()
  const sockets = new Set<Socket>()
  const inFlight = new InFlight()
  let client: Promise<Got> | undefined
  let closed = false

  const hostOf = (policy: ConnectionPolicy, { origin, protocol }: URL): GotHost => {
    let hosts = policies.get(policy)
    if (hosts === undefined) {
      hosts = new Map()
      policies.set(policy, hosts)
    }
    let host = hosts.get(origin)
    if (host === undefined) {
      host = { agent: new ConnectionAgent(protocol), places: new Places(socketsPerHost) }
      hosts.set(origin, host)
    }
    return host
  }

  const onOpened = (_error: unknown, socket?: Socket): void => {
    if (socket === undefined) return
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  }

  return {
    async send(request): Promise<Exchange> {
      client ??= loadClient()
      const got = await client
      if (closed || request.signal.aborted) return abortedBeforeSending
      const url = URL.parse(request.url)
      if (url === null) return invalidUrl
      const refused = refusedScheme(url, request.connection)
      if (refused !== undefined) return refused
      const host = hostOf(request.connection, url)
      return new GotExchange(request, url, { client: got, host, inFlight }, onOpened).run()
    },
    close() {
      closed = true
      inFlight.abort()
      for (const socket of sockets) socket.destroy()
    },
  }
}

// What this library decides by itself is switched off in got: repeating, following, throwing, decompressing.
async function loadClient(): Promise<Got> {
  const { default: got } = await import('got')
  return got.extend({
    method: 'POST',
    headers: { 'user-agent': undefined },
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
  })
}
