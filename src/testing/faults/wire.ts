import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What is received is held up to this many bytes, and then left to the kernel. */
const inboxBytes = 64 * 1024

/** The other side of a {@link Wire} is gone: what waited for it has nothing left to do. */
export class Disconnected extends Error {
  override readonly name = 'Disconnected'
}

/**
 * One connection, read and written with promises that reject with {@link Disconnected} as soon as it is closed, so that
 * nothing waits for a client that is gone. It holds one bounded inbox, and never more than one write.
 */
export class Wire {
  readonly #socket: Socket
  readonly #tcp: Socket
  readonly #closed = new AbortController()
  #inbox: Buffer = Buffer.alloc(0)
  #ended = false
  #news: PromiseWithResolvers<void> | undefined

  /** @param tcp The connection below `socket`, when that is TLS: a reset is sent there. */
  constructor(socket: Socket, tcp: Socket = socket) {
    this.#socket = socket
    this.#tcp = tcp
    socket.on('data', (bytes: Buffer) => {
      this.#inbox = Buffer.concat([this.#inbox, bytes])
      if (this.#inbox.length >= inboxBytes) socket.pause()
      this.#news?.resolve()
    })
    socket.on('end', () => {
      this.#ended = true
      this.#news?.resolve()
    })
    socket.on('error', () => this.destroy())
    socket.on('close', () => {
      this.#closed.abort(new Disconnected())
      this.#news?.resolve()
    })
  }

  /** Aborted when the connection is closed. */
  get closed(): AbortSignal {
    return this.#closed.signal
  }

  /** True when nothing was received that was not read. */
  get quiet(): boolean {
    return this.#inbox.length === 0
  }

  /** What was received, at least a byte; `undefined` after the other side's end. */
  async read(): Promise<Buffer | undefined> {
    await this.received()
    const bytes = this.#inbox
    this.#inbox = Buffer.alloc(0)
    this.#socket.resume()
    return bytes.length === 0 ? undefined : bytes
  }

  /** Resolves when there is something to read, or nothing will ever be. */
  async received(): Promise<void> {
    while (this.quiet && !this.#ended) {
      this.closed.throwIfAborted()
      this.#news = Promise.withResolvers()
      await this.#news.promise
    }
  }

  /** Puts back what was read too far. */
  unread(bytes: Buffer): void {
    this.#inbox = Buffer.concat([bytes, this.#inbox])
    this.#news?.resolve()
  }

  /** Resolves when the kernel has taken all of it: a client that does not read holds it up. */
  async write(bytes: Buffer | string): Promise<void> {
    this.closed.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const chunk = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
      this.#socket.write(chunk, (error) => (error ? reject(new Disconnected()) : resolve()))
    })
  }

  /** Waits, unless the connection is closed before. */
  async wait(ms: number): Promise<void> {
    try {
      await sleep(ms, undefined, { signal: this.closed })
    } catch {
      throw new Disconnected()
    }
  }

  /** Discards all that comes until the other side leaves. */
  async hold(): Promise<void> {
    while ((await this.read()) !== undefined);
  }

  /** Sends FIN after what was written. */
  finish(): void {
    this.#socket.destroySoon()
  }

  /** Sends RST. What the kernel has not sent is lost. */
  reset(): void {
    this.#tcp.resetAndDestroy()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
