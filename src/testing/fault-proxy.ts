import type { Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import { ConfigurationError } from '../errors.ts'
import { checkFields, readBy, required, type Field, type Fields } from '../option-fields.ts'
import { parseFault, type Fault, type WholeFault } from './faults/fault.ts'
import { greet, type Contexts } from './faults/greet.ts'
import { Port } from './faults/port.ts'
import { isConnectionFault } from './faults/request-fault.ts'
import { serve } from './faults/serve.ts'
import type { Wire } from './faults/wire.ts'
import { wrongCertificate } from './faults/wrong-certificate.ts'

export { faultNames, type Fault, type FaultName, type FaultParameters } from './faults/fault.ts'

export interface FaultProxyOptions {
  /**
   * The origin, such as `http://127.0.0.1:8080`, that requests are forwarded to, each on a connection of its own. Without it
   * the proxy answers 200 `ok` itself. Forwarded are requests without a fault, and with one of `latency`, `slow-accept`,
   * `drip-headers`, `drip-body`, `half-body`, `reset-after-headers`, `lost-answer`, `stale` and `wrong-certificate`: the
   * others never reach it. Requests and answers pass byte for byte, with the Host header that the client sent.
   */
  readonly target?: string | undefined
  /** As if given to `set` at once. @default none */
  readonly fault?: Fault | undefined
  /** Makes the proxy speak TLS, with this certificate and its key, PEM. @default none: plain HTTP */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined
}

/** An HTTP server on 127.0.0.1 that goes wrong as it is told. `await using` closes it. */
export interface FaultProxy extends AsyncDisposable {
  /** Its origin, such as `http://127.0.0.1:40123`; `https:` when it was given `tls`. */
  readonly url: string
  /** Stays the same, even while connections are refused. */
  readonly port: number
  /** Connections accepted so far. */
  readonly connections: number
  /** Connections open now. */
  readonly open: number
  /** Requests whose head was read so far. */
  readonly requests: number
  /**
   * Sets the fault that the next request meets, also on connections that are open; `undefined` sets none. Exchanges that have
   * begun go on with theirs. A fault that works on connections (`refused`, `slow-accept`, `unasked-answer` and those of TLS)
   * closes the idle ones. Resolves when new connections meet it.
   *
   * @throws {@link ConfigurationError} `option_invalid`
   */
  set(fault: Fault | undefined): Promise<void>
  /** Closes the port and every connection, and stops what waits. Twice is once. */
  close(): Promise<void>
}

/**
 * Starts a server that makes real what goes wrong between a sender and a receiver, byte for byte: to test a sender, or, in
 * front of a `target`, both.
 *
 * @throws {@link ConfigurationError} `option_invalid`
 * @example
 * import { startFaultProxy } from 'deploy-hooks/testing'
 *
 * await using proxy = await startFaultProxy({ fault: 'half-body' })
 * await fetch(proxy.url).then((answer) => answer.text()) // rejects: the body breaks off
 * await proxy.set({ fault: 'latency', ms: 200 })
 * await fetch(proxy.url).then((answer) => answer.text()) // 'ok', late
 */
export async function startFaultProxy(options: FaultProxyOptions = {}): Promise<FaultProxy> {
  checkFields(options, fields, { of: 'startFaultProxy()' })
  const proxy = new LoopbackProxy(options)
  await proxy.listen()
  return proxy
}

interface Connection {
  readonly tcp: Socket
  readonly closed: Promise<unknown>
  /** Resolves when nothing works on it. */
  done: Promise<void>
  wire: Wire | undefined
  /** From its beginning to the first wait for a request, and then while a request is answered. */
  busy: boolean
}

class LoopbackProxy implements FaultProxy {
  readonly #port = new Port((tcp) => this.#accept(tcp))
  readonly #scheme: string
  readonly #target: URL | undefined
  readonly #contexts: Contexts
  readonly #connections = new Set<Connection>()
  #fault: WholeFault | undefined
  #settled: Promise<void> = Promise.resolve()
  #closing: Promise<void> | undefined
  #accepted = 0
  #requests = 0

  constructor({ target, fault, tls }: FaultProxyOptions) {
    this.#target = target === undefined ? undefined : new URL(target)
    this.#fault = fault === undefined ? undefined : parseFault(fault)
    this.#scheme = tls === undefined ? 'http' : 'https'
    this.#contexts = {
      own: tls === undefined ? undefined : createSecureContext({ cert: tls.cert, key: tls.key }),
      wrong: createSecureContext(wrongCertificate),
    }
  }

  /** Also when it shall refuse: that is how it comes by a port. */
  async listen(): Promise<void> {
    await this.#port.accept()
    await this.#openOrRefuse()
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`
  }

  get port(): number {
    return this.#port.number
  }

  get connections(): number {
    return this.#accepted
  }

  get open(): number {
    return this.#connections.size
  }

  get requests(): number {
    return this.#requests
  }

  async set(fault: Fault | undefined): Promise<void> {
    if (this.#closing !== undefined) throw new Error('Expected the proxy to be open: it was closed')
    this.#fault = fault === undefined ? undefined : parseFault(fault)
    if (this.#fault !== undefined && isConnectionFault(this.#fault)) this.#closeIdle()
    // One after the other: what the last one asks for is what stays.
    this.#settled = this.#settled.catch(() => undefined).then(() => this.#openOrRefuse())
    await this.#settled
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    await this.#settled.catch(() => undefined)
    const port = this.#port.close()
    const open = [...this.#connections]
    for (const { tcp } of open) tcp.destroy()
    await Promise.all([port, ...open.flatMap(({ closed, done }) => [closed, done])])
  }

  #openOrRefuse(): Promise<void> {
    return this.#fault?.fault === 'refused' ? this.#port.refuse() : this.#port.accept()
  }

  #closeIdle(): void {
    for (const { wire, busy } of this.#connections) if (!busy && wire?.quiet === true) wire.destroy()
  }

  #accept(tcp: Socket): void {
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    const connection: Connection = { tcp, closed, done: Promise.resolve(), wire: undefined, busy: true }
    this.#accepted += 1
    this.#connections.add(connection)
    tcp.on('error', () => tcp.destroy())
    tcp.on('close', () => {
      this.#connections.delete(connection)
      resolve()
    })
    connection.done = this.#serve(connection)
  }

  async #serve(connection: Connection): Promise<void> {
    const wire = await greet(connection.tcp, this.#fault, this.#contexts)
    if (wire === undefined) return
    connection.wire = wire
    connection.busy = false
    await serve(wire, {
      target: this.#target,
      begin: () => {
        connection.busy = true
        this.#requests += 1
        return this.#fault
      },
      end: () => {
        connection.busy = false
      },
    })
  }
}

const pem: Field = {
  expected: 'PEM, as a string or a Buffer',
  is: (value) => (typeof value === 'string' && value !== '') || Buffer.isBuffer(value),
}
const tlsFields: Fields = { cert: required(pem), key: required(pem) }

const fields: Fields = {
  target: {
    expected: 'an http: or https: origin, such as http://127.0.0.1:8080',
    is: (value) => typeof value === 'string' && isOrigin(value),
  },
  fault: readBy(parseFault),
  tls: readBy(checkTls),
}

function checkTls(tls: { readonly cert: string; readonly key: string }, option: string): void {
  checkFields(tls, tlsFields, { of: 'tls', within: option })
  try {
    createSecureContext({ cert: tls.cert, key: tls.key })
  } catch {
    const message =
      'Expected a certificate and the key that belongs to it, got two that cannot be used: correct them.'
    throw new ConfigurationError('option_invalid', option, message) // without the cause, whose message may quote them
  }
}

function isOrigin(target: string): boolean {
  const url = URL.parse(target)
  return url !== null && /^https?:$/u.test(url.protocol) && url.href === `${url.origin}/`
}
