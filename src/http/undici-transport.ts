import { InFlight } from './in-flight.ts'
import { abortedBeforeSending, invalidUrl, refusedScheme } from './open-exchange.ts'
import { checkedSocketsPerHost } from './places.ts'
import type {
  ConnectionPolicy,
  Exchange,
  Transport,
  TransportOptions,
  TransportRequest,
} from './transport.ts'
import type { UndiciConnection } from './undici-connection.ts'
import { UndiciExchange } from './undici-exchange.ts'
import { UndiciHost } from './undici-host.ts'

/**
 * A transport over undici, an optional peer dependency, for platforms that send thousands of requests a second: it takes a fraction of the
 * processor time of {@link gotTransport}. It speaks HTTP/1.1.
 *
 * A receiver that sends `100 Continue` without being asked is a failure of cause `protocol`, since undici takes none.
 *
 * @throws {@link ConfigurationError} `option_invalid`
 *
 * @example
 * import { createDispatcher } from 'deploy-hooks'
 * import { undiciTransport } from 'deploy-hooks/undici'
 *
 * const dispatcher = createDispatcher({ hooks, secret, transport: undiciTransport() })
 */
export function undiciTransport(options: TransportOptions = {}): Transport {
  return new UndiciTransport(checkedSocketsPerHost(options, 'undiciTransport()'))
}

class UndiciTransport implements Transport {
  readonly #socketsPerHost: number
  readonly #policies = new WeakMap<ConnectionPolicy, Map<string, UndiciHost>>()
  readonly #connections = new Set<UndiciConnection>()
  readonly #inFlight = new InFlight()
  #closed = false

  constructor(socketsPerHost: number) {
    this.#socketsPerHost = socketsPerHost
  }

  send(request: TransportRequest): Promise<Exchange> {
    if (this.#closed || request.signal.aborted) return Promise.resolve(abortedBeforeSending)
    const url = URL.parse(request.url)
    if (url === null) return Promise.resolve(invalidUrl)
    // The origin of some of these is that of another URL inside.
    const refused = refusedScheme(url, request.connection)
    if (refused !== undefined) return Promise.resolve(refused)
    const host = this.#hostOf(request.connection, url.origin)
    return new UndiciExchange(request, url, host, this.#inFlight).run()
  }

  close(): void {
    this.#closed = true
    this.#inFlight.abort()
    for (const connection of this.#connections) connection.destroy()
  }

  #hostOf(policy: ConnectionPolicy, origin: string): UndiciHost {
    let hosts = this.#policies.get(policy)
    if (hosts === undefined) {
      hosts = new Map()
      this.#policies.set(policy, hosts)
    }
    let host = hosts.get(origin)
    if (host === undefined) {
      host = new UndiciHost(new URL(origin), policy, this.#socketsPerHost, this.#connections)
      hosts.set(origin, host)
    }
    return host
  }
}
