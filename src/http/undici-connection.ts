import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { Client, type buildConnector, type Dispatcher } from 'undici'
import { Opening } from './connection.ts'
import { idleMs, maxHeaderBytes, type ConnectionPolicy } from './transport.ts'

/** What goes over a connection, and hears what comes of it. */
export interface Carried extends Dispatcher.DispatchHandler {
  readonly dispatched: Dispatcher.DispatchOptions
  /** Of the deadline, in milliseconds. */
  readonly leftMs: number
  /** Of the connection, when one is opened for it. */
  opening: Opening | undefined
  /** Hears what comes over the connection, before it is parsed. */
  onBytes(bytes: Uint8Array): void
  /** Hears how much was read over the connection so far. */
  onRead(bytes: number): void
}

/** What becomes of a connection, for who keeps it. */
export interface ConnectionKeeper {
  readonly url: URL
  readonly policy: ConnectionPolicy
  /** It carries nothing, and can carry the next exchange. */
  onFree(connection: UndiciConnection): void
  /** It is closed, and carries nothing. */
  onClosed(connection: UndiciConnection): void
}

const ignore = (): void => undefined

/** One connection, as a client of undici that has no other: so each exchange knows its connection, and can end it. */
export class UndiciConnection {
  readonly #keeper: ConnectionKeeper
  readonly #client: Client
  #exchange: Carried | undefined
  #socket: Socket | undefined
  #fresh = false

  constructor(keeper: ConnectionKeeper) {
    this.#keeper = keeper
    this.#client = new Client(keeper.url.origin, {
      connect: this.#connect,
      allowH2: false,
      pipelining: 1,
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
      keepAliveTimeoutThreshold: 1000,
      useMilo: false,
    })
    this.#client.on('connect', this.#onConnect)
    this.#client.on('disconnect', this.#onDisconnect)
    const emitter: EventEmitter = this.#client
    emitter.on('error', ignore)
  }

  carry(exchange: Carried): void {
    this.#exchange = exchange
    this.#client.dispatch(exchange.dispatched, exchange)
  }

  /** Tells, when a request starts, whether the connection was opened for it: undici opens another when the kept-alive one has closed. */
  takeFresh(): boolean {
    const fresh = this.#fresh
    this.#fresh = false
    return fresh
  }

  /** True while something waits to be sent. */
  get isSending(): boolean {
    return this.#socket !== undefined && this.#socket.writableLength > 0
  }

  /** Calls back when all is sent, if it is so much that it has to wait for room. */
  whenSent(then: () => void): void {
    if (this.#socket?.writableNeedDrain === true) this.#socket.once('drain', then)
  }

  /** Its exchange is complete. */
  free(): void {
    this.#exchange = undefined
    this.#keeper.onFree(this)
  }

  destroy(): void {
    this.#exchange = undefined
    this.#client.destroy(null, ignore)
    this.#keeper.onClosed(this)
  }

  readonly #connect: buildConnector.connector = (_options, done) => {
    const { url, policy } = this.#keeper
    const leftMs = this.#exchange?.leftMs ?? 0 // nobody waits for it
    const opening = new Opening(url, policy, leftMs, (error, socket) => {
      this.#fresh = socket !== undefined
      this.#socket = socket
      if (socket === undefined) done(error as Error, null)
      else done(null, socket)
    })
    if (this.#exchange !== undefined) this.#exchange.opening = opening
    opening.start()
  }

  /** undici listens to the connection already, and has parsed what was read when this hears of it. */
  readonly #onConnect = (): void => {
    const socket = this.#socket
    socket?.on('data', (bytes) => this.#exchange?.onBytes(bytes)) // as it is read, and before it is parsed
    socket?.on('readable', () => {
      // One that undici has given up tells why itself.
      if (!socket.destroyed) this.#exchange?.onRead(socket.bytesRead)
    })
  }

  readonly #onDisconnect = (): void => {
    // With an exchange that waits for the connection, undici opens another one.
    if (this.#exchange === undefined) this.destroy()
  }
}
