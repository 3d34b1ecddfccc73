import type { LookupAddress } from 'node:dns'
import net, { type LookupFunction, type Socket } from 'node:net'
import { BlockedError, codeOf, ConnectionError } from './connection-error.ts'
import type { ProxyServer } from './egress-guard.ts'
import type { Refusal } from './refusal.ts'
import { http2Only, isOfOtherProtocol } from './http2-only.ts'
import { lookUpAll } from './look-up.ts'
import { isHeldUp } from './names.ts'
import { portOf } from './port.ts'
import { Race } from './race.ts'
import { connectTls } from './tls-client.ts'
import type { ConnectionPolicy, Timings } from './transport.ts'
import { openTunnel } from './tunnel.ts'

/** How long the opening took, so far as it got. */
export type Phases = { -readonly [Phase in 'dnsMs' | 'connectMs' | 'tlsMs']?: Timings[Phase] }

/** Called once, with a connection that is ready for the request or with why there is none; never by `start`, and not after `cancel`. */
export type OnOpened = (error: ConnectionError | undefined, socket?: Socket) => void

/**
 * Opens one connection under a policy, for every transport: TCP, TLS over it, or both through the proxy that the guard names for the URL.
 * For an http URL with a proxy it is the connection to that, which is sent the request itself, in absolute form.
 *
 * The guard sees the URL first. A name is looked up here, and only addresses that the guard allows are connected to: what was checked is what
 * is connected, so a name that changes its address between check and use gains nothing. The address of the connection is checked
 * once more before anything is sent over it, TLS included.
 */
export class Opening {
  readonly phases: Phases = {}
  readonly #url: URL
  readonly #policy: ConnectionPolicy
  readonly #leftMs: number
  readonly #onOpened: OnOpened
  /** Without the brackets of IPv6. */
  readonly #host: string
  /** Whether the host is no name. */
  readonly #isAddress: boolean
  readonly #open: { destroy(): unknown }[] = []
  #startedAt = 0
  #phaseStartedAt = 0
  #stage: 'dns' | 'unreachable' | 'tls' | 'proxy' = 'unreachable'
  #done = false

  /** @param leftMs of the deadline, in milliseconds, of which each address of a name gets its share */
  constructor(url: URL, policy: ConnectionPolicy, leftMs: number, onOpened: OnOpened) {
    this.#url = url
    this.#policy = policy
    this.#leftMs = leftMs
    this.#onOpened = onOpened
    this.#host = url.hostname.replaceAll(/[[\]]/gu, '')
    this.#isAddress = net.isIP(this.#host) !== 0
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
    this.#startedAt = this.#phaseStartedAt = performance.now()
    const refusal = guard.refusesUrl(this.#url) ?? (this.#isAddress ? this.#refusalOf(this.#host) : undefined)
    if (refusal !== undefined) {
      queueMicrotask(() => this.#end(new BlockedError(refusal)))
      return
    }
    const proxy = guard.proxyFor(this.#url)
    if (proxy === undefined) this.#connect()
    else this.#connectThrough(proxy)
  }

  /** Lets go of what is half open. */
  cancel(): void {
    if (this.#done) return
    this.#done = true
    this.#destroy()
  }

  #refusalOf(address: string): Refusal | undefined {
    return this.#policy.guard.refusesAddress(address, this.#host)
  }

  #connect(): void {
    const port = portOf(this.#url)
    const then = (socket: Socket): void => {
      if (!this.#onConnected(socket)) return
      if (this.#url.protocol === 'http:') this.#end(undefined, socket)
      else this.#secure(socket)
    }
    if (this.#isAddress) this.#lookUp(this.#host, (itself) => this.#race(itself, port, then))
    else this.#connectByName(port, then)
  }

  /**
   * The first socket is asked for by its name, and looks that up here: what stands in for sockets in tests, as nock does, is told whose it is, and
   * looks nothing up.
   */
  #connectByName(port: number, then: (socket: Socket) => void): void {
    this.#stage = 'dns'
    let isLookedUp = false
    const lookup: LookupFunction = (host, _options, done) => {
      isLookedUp = true
      this.#lookUp(host, (addresses) => {
        this.phases.dnsMs = this.#endPhase()
        this.#stage = 'unreachable'
        const allowed = this.#allowedOf(addresses)
        const asked = ({ address, family }: LookupAddress): Socket => {
          done(null, address, family)
          return first
        }
        if (allowed instanceof ConnectionError) this.#end(allowed)
        else this.#race(allowed, port, then, asked)
      })
    }
    const first = net.connect({ host: this.#host, port, lookup, autoSelectFamily: false, noDelay: true })
    this.#open.push(first)
    first.on('error', (error) => (isLookedUp ? undefined : this.#fail(error)))
    first.once('connect', () => {
      if (isLookedUp) return
      this.#stage = 'unreachable'
      this.#watch(first)
      then(first)
    })
  }

  /** An address is its own. */
  #lookUp(host: string, then: (addresses: readonly LookupAddress[]) => void): void {
    const family = net.isIP(host)
    if (family !== 0) {
      then([{ address: host, family }])
      return
    }
    lookUpAll(this.#policy.guard.lookup, host, { all: true }).then(
      (addresses) => (this.#done ? undefined : then(addresses)),
      (error: unknown) => this.#end(new ConnectionError(this.#stage, codeOf(error, 'ENOTFOUND'))),
    )
  }

  /** @param first the socket for the first address @default a new one */
  #race(
    addresses: readonly LookupAddress[],
    port: number,
    then: (socket: Socket) => void,
    first?: (address: LookupAddress) => Socket,
  ): void {
    const leftMs = Math.max(0, this.#leftMs - (performance.now() - this.#startedAt))
    const race = new Race({ addresses, port, leftMs, first }, (error, socket) => {
      if (socket === undefined) {
        this.#fail(error)
        return
      }
      this.#watch(socket)
      then(socket)
    })
    this.#open.push(race)
    race.start()
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

  /** The proxy is the operator's, wherever it is: no rule is about its address. */
  #connectThrough(proxy: ProxyServer): void {
    this.#stage = 'proxy'
    const host = proxy.url.hostname.replaceAll(/[[\]]/gu, '')
    const onConnected = (socket: Socket): void => {
      if (this.#url.protocol === 'http:') this.#onThrough(socket)
      else this.#tunnel(proxy, socket)
    }
    this.#lookUp(host, (addresses) => {
      if (addresses.length === 0) this.#end(new ConnectionError('proxy', 'ENOTFOUND'))
      else this.#race(addresses, portOf(proxy.url), onConnected)
    })
  }

  #tunnel(proxy: ProxyServer, socket: Socket): void {
    const request = openTunnel(proxy, this.#url, socket, (error, tunnel) => {
      if (tunnel === undefined) this.#end(error)
      else this.#onThrough(tunnel)
    })
    this.#open.push(request)
  }

  /** From here on the proxy is out of the way, or is what the request is sent to. */
  #onThrough(socket: Socket): void {
    this.#stage = 'tls'
    this.phases.connectMs = this.#endPhase()
    if (this.#url.protocol === 'http:') this.#end(undefined, socket)
    else this.#secure(socket)
  }

  #secure(over: Socket): void {
    try {
      const socket = connectTls(this.#policy, { socket: over, host: this.#host, port: portOf(this.#url) })
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
    const code = codeOf(error, 'ECONNRESET')
    if (error instanceof ConnectionError) this.#end(error)
    else if (isOfOtherProtocol(code)) this.#end(new ConnectionError('protocol', http2Only))
    else this.#end(new ConnectionError(this.#stage, code))
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
