import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { joinedAsByNode } from './answer-headers.ts'
import { codeOf } from './connection-error.ts'
import { roundedMs } from './connection.ts'
import { http2Only, isOfHttp2 } from './http2-only.ts'
import type { InFlight } from './in-flight.ts'
import { OpenExchange } from './open-exchange.ts'
import { maxAnswerBytes, type TransportRequest } from './transport.ts'
import { absoluteForm, proxyAuthorization } from './tunnel.ts'
import type { Head } from './unread-head.ts'
import type { Carried, UndiciConnection } from './undici-connection.ts'
import type { UndiciHost } from './undici-host.ts'

/** Hears from undici what comes of its request. */
export class UndiciExchange extends OpenExchange implements Carried {
  readonly dispatched: Dispatcher.DispatchOptions
  readonly #host: UndiciHost
  #connection: UndiciConnection | undefined
  #sentAt = 0
  #head: Head | undefined
  /** True when undici has told something since {@link onRead} was last called. */
  #heard = true
  #readWhenHeard = 0

  constructor(request: TransportRequest, url: URL, host: UndiciHost, inFlight: InFlight) {
    super(request, url, inFlight, host.places)
    this.#host = host
    const { method, headers } = request
    const sent =
      this.forwarder === undefined
        ? { path: url.pathname + url.search, headers }
        : {
            path: absoluteForm(url),
            headers: { ...headers, ...proxyAuthorization(this.forwarder) },
            reset: true,
          }
    this.dispatched = { method, ...sent, body: this.body ?? null }
  }

  protected begin(): void {
    this.#connection = this.#host.take()
    this.#connection.carry(this)
  }

  onRequestStart(): void {
    this.opened = true
    this.reused = this.#connection?.takeFresh() !== true
  }

  onRequestSent(): void {
    this.#sentAt = performance.now()
    // undici calls sent what it has handed over.
    if (this.#isSending()) this.#connection?.whenSent(() => (this.#sentAt = performance.now()))
  }

  onResponseStarted(): void {
    this.answering = true
    if (!this.#isSending()) this.firstByteMs ??= roundedMs(performance.now() - this.#sentAt)
  }

  onResponseStart(_controller: unknown, status: number, headers: IncomingHttpHeaders): void {
    this.#heard = true
    if (status < 200) {
      this.onInterimAnswer()
      return
    }
    this.answering = true
    this.#head = { status, headers: joinedAsByNode(headers) }
  }

  onResponseData(_controller: unknown, chunk: Uint8Array): void {
    this.#heard = true
    if (!this.takeBody(chunk)) this.#answer(false)
  }

  onResponseEnd(): void {
    this.#answer(true)
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (isOfHttp2(error)) this.fail('protocol', http2Only, false)
    else if (this.#isOfAnswer(error)) this.refuse(codeOf(error, 'HPE_INVALID'))
    else this.break(error, codeOf(error, error.name))
  }

  /**
   * Hears how much was read over the connection so far. undici limits headers, but neither the reason phrase nor a chunk's extensions,
   * and tells nothing of them.
   */
  onRead(bytes: number): void {
    if (this.#heard) {
      this.#heard = false
      this.#readWhenHeard = bytes
    } else if (bytes - this.#readWhenHeard > maxAnswerBytes) {
      this.refuse(this.#head === undefined ? 'UND_ERR_HEADERS_OVERFLOW' : 'HPE_CHUNK_EXTENSIONS_OVERFLOW')
    }
  }

  protected get head(): Head | undefined {
    return this.#head
  }

  protected letGo(complete: boolean): void {
    // What is left of a body would go before the next request, to a receiver that may never read it.
    if (complete && !this.#isSending()) this.#connection?.free()
    else this.#connection?.destroy()
  }

  /** True while a part of the body waits for the receiver to read. */
  #isSending(): boolean {
    return this.dispatched.body !== null && this.#connection?.isSending === true
  }

  /** True when the receiver sent something that cannot be taken. Most of these errors have no code of their own. */
  #isOfAnswer(error: Error): boolean {
    // Before the body, lengths that differ; within the body, the end of the connection.
    if (error.name === 'ResponseContentLengthMismatchError') return this.#head === undefined
    // undici takes neither 100 nor 101 when it was not asked for, and calls both a broken connection.
    return (
      error.name === 'HTTPParserError' || error.message === 'bad response' || error.message === 'bad upgrade'
    )
  }

  #answer(complete: boolean): void {
    if (this.#head !== undefined) this.answer(this.#head.status, this.#head.headers, complete)
  }
}
