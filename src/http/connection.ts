import type { LookupAddress } from 'node:dns'
import type { ClientRequest } from 'node:http'
import net, { type LookupFunction, type Socket } from 'node:net'
import { BlockedError, codeOf, ConnectionError } from './connection-error.ts'
import type { Refusal } from './egress.ts'
import { lookUpAll } from './look-up.ts'
import { isHeldUp } from './names.ts'
import { connectTls } from './tls-client.ts'
import type { ConnectionPolicy, Timings } from './transport.ts'
import { openTunnel, portOf } from './tunnel.ts'

/** How long the opening took, so far as it got. */
export type Phases = { -readonly [Phase in 'dnsMs' | 'connectMs' | 'tlsMs']?: Timings[Phase] }

/** Called once, with a connection that is ready for the request or with why there is none; never by `start`, and not after `cancel`. */
export type OnOpened = (error: ConnectionError | undefined, socket?: Socket) => void

/**
 * Opens one connection under a policy, for every transport: TCP, TLS over it, or both through the guard's proxy.
 *
 * The guard sees the URL first. A name is looked up here, and only addresses that the guard allows are connected to: what was checked is what
 * is connected, so a name that changes its address between check and use gains nothing. The address of the connection is checked
 * once more before anything is sent over it, TLS included.
 */
export class Opening {
  readonly phases: Phases = {}
  readonly #url: URL
  readonly #policy: ConnectionPolicy
  readonly #onOpened: OnOpened
  /** Without the brackets of IPv6. */
  readonly #host: string
  readonly #open: { destroy(): unknown }[] = []
  #phaseStartedAt = 0
  #stage: 'dns' | 'unreachable' | 'tls' | 'proxy' = 'unreachable'
  #done = false

  constructor(url: URL, policy: ConnectionPolicy, onOpened: OnOpened) {
    this.#url = url
    this.#policy = policy
    this.#onOpened = onOpened
    this.#host = url.hostname.replaceAll(/[[\]]/gu, '')
  }

  /** True while the proxy has not opened the tunnel. */
  get isAtProxy(): boolean {
    return this.#stage === 'proxy'
  }

  /** True while its look-up waits for those of other names, and has not begun. */
  get isHeldUp(): boolean {
    return this.#stage === 'dns' && isHeldUp(this.#policy.guard.lookup, this.#host)
  }

  start(): void {
    const { guard } = this.#policy
    this.#phaseStartedAt = performance.now()
    const refusal = guard.refusesUrl(this.#url) ?? this.#refusalOfLiteral()
    if (refusal !== undefined) queueMicrotask(() => this.#end(new BlockedError(refusal)))
    else if (guard.proxy === undefined) this.#connect()
    else this.#connectThrough(guard.proxy)
  }

  /** Lets go of what is half open. */
  cancel(): void {
    if (this.#done) return
    this.#done = true
    this.#destroy()
  }

  #refusalOfLiteral(): Refusal | undefined {
    return net.isIP(this.#host) === 0 ? undefined : this.#refusalOf(this.#host)
  }

  #refusalOf(address: string): Refusal | undefined {
    return this.#policy.guard.refusesAddress(address, this.#host)
  }

  #connect(): void {
    const options = {
      host: this.#host,
      port: portOf(this.#url),
      lookup: this.#lookUp,
      autoSelectFamily: true,
      noDelay: true,
    }
    if (this.#url.protocol === 'http:') {
      const socket = net.connect(options)
      this.#watch(socket)
      socket.once('connect', () => this.#onConnected(socket) && this.#end(undefined, socket))
    } else {
      this.#secure(options, (socket) => {
        // Before TLS, which listens for the same event, says hello.
        socket.prependOnceListener('connect', () => this.#onConnected(socket))
      })
    }
  }

  /** A second line: the guard decides about what is connected, whatever was looked up. An address that is gone has disconnected. */
  #onConnected({ remoteAddress }: Socket): boolean {
    this.phases.connectMs = this.#endPhase()
    this.#stage = 'tls'
    const refusal = remoteAddress === undefined ? undefined : this.#refusalOf(remoteAddress)
    if (refusal === undefined) return true
    this.#end(new BlockedError(refusal))
    return false
  }

  /** Gives `net.connect` the allowed addresses of a name. */
  readonly #lookUp: LookupFunction = (name, options, callback) => {
    this.#stage = 'dns'
    lookUpAll(this.#policy.guard.lookup, name, options).then(
      (addresses) => this.#onLookedUp(addresses, callback),
      (error: unknown) => callback(new ConnectionError('dns', codeOf(error, 'ENOTFOUND')), []),
    )
  }

  #onLookedUp(addresses: readonly LookupAddress[], callback: Parameters<LookupFunction>[2]): void {
    if (this.#done) return
    this.phases.dnsMs = this.#endPhase()
    this.#stage = 'unreachable'
    const allowed = this.#allowedOf(addresses)
    if (allowed instanceof ConnectionError) callback(allowed, [])
    else callback(null, allowed)
  }

  #allowedOf(addresses: readonly LookupAddress[]): LookupAddress[] | ConnectionError {
    let first: Refusal | undefined
    const allowed = addresses.filter(({ address }) => {
      const refusal = this.#refusalOf(address)
      first ??= refusal
      return refusal === undefined
    })
    if (allowed.length > 0) return allowed
    return first === undefined ? new ConnectionError('dns', 'ENOTFOUND') : new BlockedError(first)
  }

  #connectThrough(proxy: URL): void {
    this.#stage = 'proxy'
    const request = openTunnel(proxy, this.#url, this.#policy.guard, (error, socket) => {
      if (socket === undefined) {
        this.#end(error)
        return
      }
      this.#watch(socket)
      this.#stage = 'tls'
      this.phases.connectMs = this.#endPhase()
      if (this.#url.protocol === 'http:') this.#end(undefined, socket)
      else this.#secure({ socket, host: this.#host, port: portOf(this.#url) })
    })
    this.#open.push(request satisfies ClientRequest)
  }

  #secure(options: Parameters<typeof connectTls>[1], prepare?: (socket: Socket) => void): void {
    try {
      const socket = connectTls(this.#policy, options)
      prepare?.(socket)
      this.#watch(socket)
      socket.once('secureConnect', () => {
        this.phases.tlsMs = this.#endPhase()
        this.#end(undefined, socket)
      })
    } catch (error) {
      queueMicrotask(() => this.#end(new ConnectionError('tls', codeOf(error, 'ERR_TLS'))))
    }
  }

  /** The listeners stay, so that no error is ever without one: between two owners, or after the last. */
  #watch(socket: Socket): void {
    this.#open.push(socket)
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(undefined))
    if (this.#done) socket.destroy()
  }

  #fail(error: unknown): void {
    if (this.#done) return
    const known = error instanceof ConnectionError
    this.#end(known ? error : new ConnectionError(this.#stage, codeOf(error, 'ECONNRESET')))
  }

  #end(error: ConnectionError | undefined, socket?: Socket): void {
    if (this.#done) return
    this.#done = true
    if (error !== undefined) this.#destroy()
    this.#open.length = 0
    this.#onOpened(error, socket)
  }

  #destroy(): void {
    for (const each of this.#open.toReversed()) each.destroy()
  }

  #endPhase(): number {
    const startedAt = this.#phaseStartedAt
    this.#phaseStartedAt = performance.now()
    return roundedMs(this.#phaseStartedAt - startedAt)
  }
}

/** Milliseconds to three places. */
export function roundedMs(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
