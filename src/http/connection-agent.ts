import http from 'node:http'
import type { Duplex } from 'node:stream'
import { idleMs, maxIdleSockets } from './transport.ts'

/** Opens a connection for one request. */
export type OpenConnection = (done: (error: Error | null, socket: Duplex) => void) => void

/** Options of a request over a {@link ConnectionAgent}. */
export interface AgentRequestOptions extends http.RequestOptions {
  readonly agent: ConnectionAgent
  readonly open: OpenConnection
}

/**
 * Keeps connections alive, and has each request open its own when none is idle.
 *
 * It does not limit those in use: `maxSockets` of `http.Agent` counts no connection that is being opened when it is handed over once
 * it is open, as a tunnel can only be.
 */
export class ConnectionAgent extends http.Agent {
  // Both are read by `http.request`, which is given either kind of URL.
  readonly protocol: string
  readonly defaultPort: number

  /** @param keepAlive false for one that uses each connection once */
  constructor(protocol: string, keepAlive = true) {
    super({ keepAlive, maxFreeSockets: maxIdleSockets, scheduling: 'lifo', timeout: idleMs })
    this.protocol = protocol
    this.defaultPort = protocol === 'https:' ? 443 : 80
  }

  override createConnection(options: object, done?: Parameters<OpenConnection>[0]): undefined {
    // The agent hands on the options of the request, and always a callback.
    if (done !== undefined) (options as AgentRequestOptions).open(done)
  }
}
