/** The transport port: one HTTP exchange inside one deadline. Implementations hold no policy. */
export interface Transport {
  /** Sends one request and reads its answer. Never rejects: what goes wrong is a {@link Failure}. */
  send(request: TransportRequest): Promise<Exchange>
  /** Closes the kept-alive connections. */
  close(): void
}

export interface TransportRequest {
  readonly method: 'POST'
  /** Sent byte for byte: the part after the host is the request target. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** From the name look-up to the last byte of the answer, in milliseconds. */
  readonly deadlineMs: number
  /** Aborting it ends the exchange as a failure of kind `aborted`. */
  readonly signal: AbortSignal
}

/** What came of one request. */
export type Exchange = Answer | Failure

export interface Answer {
  readonly kind: 'answer'
  readonly status: number
  /** The value of `Retry-After`, raw. */
  readonly retryAfter: string | undefined
  /** The first {@link keptBytes} of the body at most, undecompressed. */
  readonly body: Uint8Array
  readonly timings: Timings
}

export interface Failure {
  readonly kind: 'failure'
  readonly cause: FailureCause
  /** False when the request cannot have reached the receiver, so that repeating it cannot duplicate. */
  readonly opened: boolean
  /** The system's or TLS library's own code, such as `ECONNREFUSED`. Not a message: those hold addresses. */
  readonly code: string
  readonly timings: Timings
}

/**
 * - `dns` `unreachable` `tls`: the connection never opened
 * - `timeout`: the deadline passed; `reset`: the connection broke; `protocol`: the answer is not HTTP
 * - `blocked`: the egress guard forbids the address; `aborted`: the dispatcher closes
 */
export type FailureCause =
  'dns' | 'unreachable' | 'tls' | 'timeout' | 'reset' | 'protocol' | 'blocked' | 'aborted'

/** Phases in milliseconds; absent when a phase did not happen (a kept-alive connection has no look-up). */
export interface Timings {
  readonly dnsMs?: number
  readonly connectMs?: number
  readonly tlsMs?: number
  readonly firstByteMs?: number
  readonly totalMs: number
}

/** At most this much of an answer is read; what is left is cut off with its connection. */
export const maxAnswerBytes: number = 64 * 1024

/** At most this much of an answer is kept. */
export const keptBytes: number = 4 * 1024
