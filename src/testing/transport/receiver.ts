import { once } from 'node:events'
import net, { type AddressInfo, type Server, type Socket } from 'node:net'
import tls, { type TlsOptions } from 'node:tls'
import { serverCertificate, serverKey } from './certificates.ts'

/** What a receiver does with a connection: bytes are the point. */
export type Serve = (socket: Socket) => void

export interface ReceiverOptions {
  /** Speaks TLS, with the suite's server certificate. */
  readonly tls?: TlsOptions | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
}

/** A raw server on loopback. It counts what comes, under TLS as well. */
export class Receiver {
  readonly port: number
  readonly origin: string
  /** TCP connections accepted so far. */
  connections = 0
  /** What came over all of them, as latin1. Nothing is kept of TLS. */
  received = ''
  readonly #server: Server
  readonly #isSecure: boolean
  readonly #open = new Set<Socket>()
  readonly #changed: (() => void)[] = []

  private constructor(server: Server, scheme: string) {
    this.#server = server
    this.#isSecure = scheme === 'https'
    this.port = (server.address() as AddressInfo).port
    this.origin = `${scheme}://127.0.0.1:${this.port}`
    server.on('connection', (socket: Socket) => this.#watch(socket))
  }

  static async listen(serve: Serve, options: ReceiverOptions = {}): Promise<Receiver> {
    const secure = options.tls
    const server = secure === undefined ? net.createServer() : tlsServer(secure)
    server.on(secure === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      socket.on('error', () => socket.destroy())
      serve(socket)
    })
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1')
    await once(server, 'listening')
    return new Receiver(server, secure === undefined ? 'http' : 'https')
  }

  /** The URL of a path, under another name of this machine when given. */
  url(path = '/', host = '127.0.0.1'): string {
    return `${this.origin.replace('127.0.0.1', host)}${path}`
  }

  /** Resolves when this is true, looked at whenever a connection opens, closes or sends. */
  async until(isTrue: (receiver: this) => boolean): Promise<void> {
    while (!isTrue(this)) {
      await new Promise<void>((resolve) => {
        this.#changed.push(resolve)
      })
    }
  }

  /** Resolves when no connection is open any more. */
  untilClosed(): Promise<void> {
    return this.until(() => this.#open.size === 0)
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#open) socket.destroy()
    await closed
  }

  #watch(socket: Socket): void {
    this.connections += 1
    this.#open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#open.delete(socket)
      this.#change()
    })
    this.#change()
    if (this.#isSecure) return
    socket.on('data', (data) => {
      this.received += data.toString('latin1')
      this.#change()
    })
  }

  #change(): void {
    for (const resolve of this.#changed.splice(0)) resolve()
  }
}

function tlsServer(options: TlsOptions): Server {
  const server = tls.createServer({ cert: serverCertificate, key: serverKey, ...options })
  server.on('tlsClientError', () => undefined)
  return server
}
