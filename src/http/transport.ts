import type { IncomingHttpHeaders } from 'node:http'
import type { EgressGuard } from './egress-guard.ts'

/** The transport port: one HTTP exchange inside one deadline. Implementations hold no policy. */
export interface Transport {
  /** Sends one request and reads its answer. Never rejects: what goes wrong is a {@link Failure}. */
  send(request: TransportRequest): Promise<Exchange>
  /** Ends what is in flight as a failure of cause `aborted`, and closes every connection. Nothing is sent afterwards. */
  close(): void
}

/** What the transports of this library let be chosen. */
export interface TransportOptions {
  /** Connections in use at a time to one host under one policy. Further requests wait for one, inside their deadlines. @default 256 */
  readonly socketsPerHost?: number | undefined
}

/** Those that a hook may be told by. */
export type RequestMethod = 'GET' | 'POST' | 'PUT' | 'PATCH'

export interface TransportRequest {
  readonly method: RequestMethod
  /** Sent byte for byte: the part after the host is the request target. */
  readonly url: string
  /** All but `Host`, `Connection` and `Content-Length`, which are the transport's. It adds no `Content-Type`. */
  readonly headers: Readonly<Record<string, string>>
  /**
   * Sent as UTF-8 with its Content-Length; absent: none. A POST, PUT or PATCH without one has `Content-Length: 0` (RFC 9110 section
   * 8.6). A GET has neither, whatever is given.
   */
  readonly body?: string | undefined
  /** How much of the answer's body is kept, in bytes: {@link maxAnswerBytes} at most. @default 4096 */
  readonly keepBytes?: number | undefined
  /**
   * Tells of which statuses the body does not matter. Such an answer is one when its head is in, with as much of its body as comes: whatever the
   * connection does after that, it stays one, with the {@link Answer.code} of what ended it. So it is when its head is malformed, and its
   * status can be read. @default of none: then an answer that does not come whole is a failure
   */
  readonly statusDecides?: ((status: number) => boolean) | undefined
  /** From the wait for a connection to the last byte of the answer, in milliseconds. */
  readonly deadlineMs: number
  /** Where connections may go, and how TLS proves itself. Connections are pooled by it: it is the same object for the same hook. */
  readonly connection: ConnectionPolicy
  /** Aborting it ends the exchange as a failure of kind `aborted`. */
  readonly signal: AbortSignal
}

/** What every new connection has to keep to. A connection that was opened under one policy is never used under another. */
export interface ConnectionPolicy {
  readonly guard: EgressGuard
  readonly tls?: TlsOptions | undefined
}

/** What a hook's receiver wants to see of a client, and what the client takes as proof, as `node:tls` takes them. */
export interface TlsOptions {
  /** Certificates of the authorities that are trusted instead of the public ones, PEM. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined
  /** The client's certificate chain, PEM. */
  readonly cert?: string | Buffer | undefined
  /** The client certificate's private key, PEM. */
  readonly key?: string | Buffer | undefined
  /** Of the private key. */
  readonly passphrase?: string | undefined
}

/** What came of one request. */
export type Exchange = Answer | Failure

export interface Answer {
  readonly kind: 'answer'
  readonly status: number
  /** As `node:http` gives them: names in lower case. 64 KiB at most. */
  readonly headers: IncomingHttpHeaders
  /** The first `keepBytes` of the request ({@link keptBytes} by default) of the body at most, undecompressed. */
  readonly body: Uint8Array
  /** Why the rest of it did not come, where its status decides: what would be the code of a failure. */
  readonly code?: string
  readonly timings: Timings
}

export interface Failure {
  readonly kind: 'failure'
  readonly cause: FailureCause
  /** False when the request cannot have reached the receiver, so that repeating it cannot duplicate. */
  readonly opened: boolean
  /** The system's or TLS library's own code, such as `ECONNREFUSED`, or one of this library. Not a message: those hold addresses. */
  readonly code: string
  /** What of the answer is not HTTP, where that is known. */
  readonly malformed?: Malformed
  readonly timings: Timings
}

/**
 * What of an answer is not HTTP/1.1 (RFC 9112):
 *
 * - `not-http`: it does not begin with `HTTP/`; `malformed-status-line`: and goes on with another thing than a version and a status
 * - `malformed-line-ends`: LF alone; `folded-header`: a header over several lines; `malformed-header`: any other fault of one
 * - `malformed-length`: two Content-Lengths, one beside chunks, or none that is a number; `malformed-chunk`: of the body
 * - `headers-too-long`: more than 64 KiB; `too-many-interim-answers`: more than 20
 * - `unasked-protocol`, `unasked-continue`: 101, and 100 over undici, which nobody asked for
 */
export type Malformed =
  | 'not-http'
  | 'malformed-status-line'
  | 'malformed-line-ends'
  | 'malformed-header'
  | 'folded-header'
  | 'malformed-length'
  | 'malformed-chunk'
  | 'headers-too-long'
  | 'too-many-interim-answers'
  | 'unasked-protocol'
  | 'unasked-continue'

/**
 * - `dns` `unreachable` `tls`: the connection never opened
 * - `timeout`: the deadline passed; `reset`: the connection broke; `protocol`: the answer is not HTTP, or, with the code `HTTP2_ONLY`,
 *   not HTTP/1.1
 * - `blocked`: the egress guard forbids the address; `code` names its rule
 * - `proxy`: the proxy could not be reached, or did not let the request through, `code` being `PROXY_` and its status: no fault of the receiver
 * - `aborted`: the dispatcher closes, or the look-up waited for those of other names until the deadline: it counts for nothing
 */
export type FailureCause =
  'dns' | 'unreachable' | 'tls' | 'timeout' | 'reset' | 'protocol' | 'blocked' | 'proxy' | 'aborted'

/** Phases in milliseconds; absent when a phase did not end, or did not happen (a kept-alive connection has no look-up, nor has an address). */
export interface Timings {
  readonly dnsMs?: number
  /** Of TCP. Of the tunnel, through a proxy, which also looks the name up. */
  readonly connectMs?: number
  readonly tlsMs?: number
  /** From the request's last byte to the answer's first. Absent when the answer came before the request was sent. */
  readonly firstByteMs?: number
  readonly totalMs: number
}

/** An answer with more than this in its headers is a failure of cause `protocol`, unless its status decides. */
export const maxHeaderBytes: number = 64 * 1024

/** More interim answers (1xx) than this before the answer are a failure of cause `protocol`. */
export const maxInterimAnswers: number = 20

/** At most this much of an answer is read; what is left is cut off with its connection. */
export const maxAnswerBytes: number = 64 * 1024

/** A connection that is idle for longer is closed; the receiver's Keep-Alive may ask for less. */
export const idleMs: number = 5000

/** Connections to one host that stay open while they are idle. Fewer have a burst of 64 open most of its connections anew. */
export const maxIdleSockets: number = 64

/** At most this much of an answer's body is kept, unless the request asks for more or less. */
export const keptBytes: number = 4 * 1024
