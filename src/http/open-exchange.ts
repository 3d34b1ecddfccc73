import type { IncomingHttpHeaders } from 'node:http'
import { longestTimerMs } from '../longest-timer.ts'
import { roundedMs, type Opening, type Phases } from './connection.ts'
import { ConnectionError } from './connection-error.ts'
import type { ProxyServer } from './egress-guard.ts'
import { http2Only, isOfHttp2 } from './http2-only.ts'
import type { Abortable, InFlight } from './in-flight.ts'
import { appended } from '../kept-body.ts'
import type { Guest, Places } from './places.ts'
import {
  keptBytes,
  maxAnswerBytes,
  maxInterimAnswers,
  type ConnectionPolicy,
  type Exchange,
  type Failure,
  type FailureCause,
  type Malformed,
  type Timings,
  type TransportRequest,
} from './transport.ts'
import { isOfProxy, mayHaveGoneOn } from './proxy-answer.ts'
import { forwarderOf } from './tunnel.ts'
import { UnreadHead, type Head } from './unread-head.ts'
import { untraced } from './untraced.ts'

const noMore = (): void => undefined

/** One exchange on its way to its one end: the answer, a failure, the deadline, or an abort, whichever comes first. */
export abstract class OpenExchange implements Abortable, Guest {
  readonly request: TransportRequest
  /** Of the connection that is opened for it. Absent while it waits for a place, or when it goes over a kept-alive one. */
  opening: Opening | undefined
  /** The proxy that is sent the request itself; absent when the receiver is, through a tunnel or not. */
  protected readonly forwarder: ProxyServer | undefined
  /** True once bytes of the request may have left. */
  protected opened = false
  protected answering = false
  protected reused = false
  protected firstByteMs: number | undefined
  readonly #startedAt = performance.now()
  readonly #inFlight: InFlight
  readonly #places: Places
  readonly #deadline: NodeJS.Timeout
  #resolve: (exchange: Exchange) => void = noMore
  #ended = false
  #interimAnswers = 0
  #read = 0
  #kept: Uint8Array | undefined
  #unread: UnreadHead | undefined

  constructor(request: TransportRequest, url: URL, inFlight: InFlight, places: Places) {
    this.request = request
    this.forwarder = forwarderOf(url, request.connection)
    this.#inFlight = inFlight
    this.#places = places
    this.#deadline = setTimeout(afterReading, Math.min(request.deadlineMs, longestTimerMs), this)
    inFlight.add(request.signal, this)
  }

  /** Takes its place, or waits for it. Called once. @returns how it ends */
  run(): Promise<Exchange> {
    return new Promise((resolve) => {
      this.#resolve = resolve
      this.#places.enter(this)
    })
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Of the deadline, in milliseconds. */
  get leftMs(): number {
    return Math.max(0, this.request.deadlineMs - (performance.now() - this.#startedAt))
  }

  /** What is sent after the head, if anything. The content of a GET means nothing, and some refuse it (RFC 9110 section 9.3.1). */
  protected get body(): string | undefined {
    const { method, body } = this.request
    return method === 'GET' || body === '' ? undefined : body
  }

  /** Called with its place; it may have ended before. */
  start(): void {
    if (!this.#ended) untraced(() => this.begin())
  }

  /** Sends the request. What the transports do, they do from here on, so that no trace of the host shows the URL. */
  protected abstract begin(): void

  /** Of the answer, when it is read. */
  protected abstract get head(): Head | undefined

  /** Lets go of the connection: it can be used again when the answer is complete, and is cut off otherwise. */
  protected abstract letGo(complete: boolean): void

  abort(): void {
    this.fail('aborted', 'ABORT_ERR')
  }

  timeOut(): void {
    if (this.opening?.isAtProxy === true) this.fail('proxy', 'PROXY_TIMEOUT')
    else if (this.opening?.isHeldUp === true) this.fail('aborted', 'LOOK_UP_HELD_UP')
    else this.fail('timeout', 'ETIMEDOUT')
  }

  /** Counts an answer before the answer. */
  protected onInterimAnswer(): void {
    this.#interimAnswers += 1
    if (this.#interimAnswers <= maxInterimAnswers) return
    this.fail('protocol', 'TOO_MANY_INTERIM_ANSWERS', this.opened, 'too-many-interim-answers')
  }

  /** Takes a piece of the body. @returns false when that is enough of it */
  protected takeBody(chunk: Uint8Array): boolean {
    const limit = this.#keepBytes
    if (this.#read < limit) {
      const piece = chunk.subarray(0, limit - this.#read)
      // A copy of its own: a piece of what was read would hold all of it.
      this.#kept =
        this.#kept === undefined ? new Uint8Array(piece) : appended(this.#kept, this.#read, piece, limit)
    }
    this.#read += chunk.byteLength
    return this.#read < maxAnswerBytes
  }

  /** Hears what comes over the connection, before it is parsed. */
  onBytes(bytes: Uint8Array): void {
    if (this.head !== undefined) this.#unread = undefined
    else (this.#unread ??= new UnreadHead()).add(bytes)
  }

  /** @param code why the rest of it does not come */
  protected answer(status: number, headers: IncomingHttpHeaders, complete: boolean, code?: string): void {
    if (this.#ended) return
    if (this.forwarder !== undefined && isOfProxy(status, headers)) {
      this.fail('proxy', `PROXY_${status}`, mayHaveGoneOn(status))
      return
    }
    const answer = { kind: 'answer', status, headers, body: this.#bodyKept() } as const
    const timings = this.#timings()
    this.#end(code === undefined ? { ...answer, timings } : { ...answer, code, timings }, complete)
  }

  /** Ends for an answer that its parser does not take. The connection is closed, so that nothing of it is taken for that of another request. */
  protected refuse(code: string): void {
    const head = this.head ?? this.#unread?.read()
    if (head !== undefined && this.#isDecidedBy(head)) this.answer(head.status, head.headers, false, code)
    else this.fail('protocol', code, this.opened, this.#malformed(code))
  }

  /** Ends for an error of the connection, or of what came over it. */
  protected break(error: unknown, code: string): void {
    if (error instanceof ConnectionError) this.fail(error.failure, error.code)
    else if (isOfHttp2(error)) this.fail('protocol', http2Only, false)
    else if (!this.opened) this.fail('protocol', code)
    else if (isOfParser(code)) this.refuse(code)
    else if (!this.answering && this.reused) this.fail('reset', code, false)
    else if (!this.answering && isOfHandshake(code)) this.fail('tls', code, false)
    else this.fail('reset', code)
  }

  protected fail(
    cause: FailureCause,
    code: string,
    opened: boolean = this.opened,
    malformed?: Malformed,
  ): void {
    if (this.#ended) return
    const { head } = this
    // What a proxy answers is no answer of the receiver's.
    if (cause !== 'proxy' && head !== undefined && this.#isDecidedBy(head)) {
      this.answer(head.status, head.headers, false, code)
      return
    }
    const failure = { kind: 'failure', cause, code, opened } as const
    const timings = this.#timings()
    this.#end(malformed === undefined ? { ...failure, timings } : { ...failure, malformed, timings }, false)
  }

  #isDecidedBy({ status }: Head): boolean {
    return this.request.statusDecides?.(status) === true
  }

  #malformed(code: string): Malformed | undefined {
    if (isOfLength(code)) return 'headers-too-long'
    return this.head === undefined ? this.#unread?.malformed() : 'malformed-chunk'
  }

  /** Without the room for more of it. */
  #bodyKept(): Uint8Array {
    const kept = this.#kept ?? new Uint8Array()
    return kept.byteLength > this.#read ? kept.subarray(0, this.#read) : kept
  }

  get #keepBytes(): number {
    const { keepBytes } = this.request
    return keepBytes === undefined ? keptBytes : Math.min(keepBytes, maxAnswerBytes)
  }

  #end(exchange: Exchange, complete: boolean): void {
    this.#ended = true
    clearTimeout(this.#deadline)
    this.#inFlight.delete(this.request.signal, this)
    this.opening?.cancel()
    this.letGo(complete)
    this.#places.leave(this)
    this.#resolve(exchange)
    // V8 keeps a stream, and this with it, until it collects old objects (decision 0043): not what was read as well.
    this.#resolve = noMore
    this.#kept = undefined
  }

  #timings(): Timings {
    const phases: Phases = this.opening?.phases ?? {}
    const totalMs = roundedMs(performance.now() - this.#startedAt)
    return this.firstByteMs === undefined
      ? { ...phases, totalMs }
      : { ...phases, firstByteMs: this.firstByteMs, totalMs }
  }
}

// The receiver sent something that is not HTTP, or too much of it. Names of node:http's parser and of undici's.
function isOfParser(code: string): boolean {
  return code.startsWith('HPE_') || isOfLength(code)
}

function isOfLength(code: string): boolean {
  return code === 'HPE_HEADER_OVERFLOW' || code === 'UND_ERR_HEADERS_OVERFLOW'
}

// With TLS 1.3 a client hears after its handshake that its certificate is not accepted, when the request is on its way (RFC 8446
// section 4.4.2.4): the receiver's handshake has failed, so that no request was read.
function isOfHandshake(code: string): boolean {
  return /^ERR_SSL_.*_ALERT_(?:.*CERTIFICATE.*|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)$/u.test(code)
}

/** What has come while the event loop was held up is read first: it may be the answer, in time. */
function afterReading(exchange: OpenExchange): void {
  setImmediate(timeOut, exchange)
}

function timeOut(exchange: OpenExchange): void {
  exchange.timeOut()
}

/** Of a request that was not begun. */
export const abortedBeforeSending: Failure = failedBeforeSending('aborted', 'ABORT_ERR')

/** Of a request whose URL cannot be parsed. */
export const invalidUrl: Failure = failedBeforeSending('protocol', 'ERR_INVALID_URL')

/** Of a URL that no HTTP client can send to: the guard's word on its scheme, where it has one. */
export function refusedScheme(url: URL, { guard }: ConnectionPolicy): Failure | undefined {
  if (url.protocol === 'https:' || url.protocol === 'http:') return undefined
  const refusal = guard.refusesUrl(url)
  return refusal === undefined
    ? failedBeforeSending('protocol', 'ERR_UNSUPPORTED_PROTOCOL')
    : failedBeforeSending('blocked', refusal.code)
}

function failedBeforeSending(cause: FailureCause, code: string): Failure {
  return { kind: 'failure', cause, code, opened: false, timings: { totalMs: 0 } }
}
