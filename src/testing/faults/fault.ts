import { ConfigurationError } from '../../errors.ts'
import { longestTimerMs } from '../../longest-timer.ts'
import { aFlag, aText, checkFields, wholeNumber, type Field } from '../../option-fields.ts'
import { mismatch } from '../../option-problems.ts'

/** The faults and their parameters: durations in milliseconds, all of them optional. */
export interface FaultParameters {
  /** The answer comes late, from the target or the proxy's own. `ms` @default 100 */
  readonly latency: { readonly ms?: number }
  /** The connection is made, but nothing is read, no TLS handshake begun, for `ms`; then answered. @default 100 */
  readonly 'slow-accept': { readonly ms?: number }
  /** The answer's head comes `bytes` (@default 1) every `everyMs` (@default 10); with `endless` one header never ends. */
  readonly 'drip-headers': Drip
  /** The answer's body comes `bytes` (@default 1) every `everyMs` (@default 10); with `endless` it is chunked, and never ends. */
  readonly 'drip-body': Drip
  /** The request is read, and nothing is ever answered. */
  readonly 'black-hole': None
  /** An answer without Content-Length and chunks, whose end is the connection's: which stays open. */
  readonly 'never-closes': None

  /** The port accepts no connection: ECONNREFUSED. Idle connections are closed. */
  readonly refused: None
  /** RST after the request was read. */
  readonly reset: None
  /** RST after the complete head of an answer. */
  readonly 'reset-after-headers': None
  /** FIN after the request was read, and not a byte of an answer. */
  readonly 'empty-answer': None
  /** The complete head of an answer with a Content-Length, then FIN. */
  readonly 'early-close': None
  /** The head of an answer and the first half of its body (of a chunked one: all but the end), then FIN. */
  readonly 'half-body': None
  /** A chunked answer without the chunk that ends it, then FIN. */
  readonly 'no-last-chunk': None
  /** The target gets the request and answers; the client gets RST. It was delivered, and nobody knows. */
  readonly 'lost-answer': None
  /** The first request of a connection is answered, and the connection kept; the second one gets RST. */
  readonly stale: None
  /** Answered when the head of the request was read, and closed without a look at its body: a long one ends in RST. */
  readonly 'early-answer': None

  /** A status line, and headers without an end, as fast as the client reads. */
  readonly 'endless-headers': None
  /** A chunked body without an end, as fast as the client reads. */
  readonly 'endless-body': None
  /** A chunk whose extension has no end. */
  readonly 'endless-chunk-extension': None
  /** A short chunked body, and trailers without an end. */
  readonly 'endless-trailers': None
  /** `103 Early Hints` without an end, and never a final answer. */
  readonly 'informational-flood': None
  /** A reason phrase of `bytes`. @default 1048576 */
  readonly 'huge-status-line': { readonly bytes?: number }
  /** A gzip body of about 125 KiB that inflates to 128 MiB. */
  readonly 'gzip-bomb': None

  /** `Content-Length: abc` */
  readonly 'invalid-content-length': None
  /** `Content-Length: 2` and `Content-Length: 3`. */
  readonly 'differing-content-lengths': None
  /** Both a Content-Length and chunks, which disagree. */
  readonly 'content-length-and-chunked': None
  /** A chunk of 2^68 - 1 bytes: more than 64 bits hold. */
  readonly 'chunk-size-overflow': None
  /** A NUL in the value of a header. */
  readonly 'nul-in-headers': None
  /** `HTTP/1.1 banana` */
  readonly 'invalid-status': None
  /** A body without a status line and headers, as HTTP/0.9 had it, then FIN. */
  readonly 'not-http': None
  /** A gzip body that breaks off in the middle, though the Content-Length is right. */
  readonly 'broken-gzip': None
  /** 204 with a body of five bytes, which a client may take for its next answer. */
  readonly 'no-content-with-body': None
  /** Two answers to one request, of which a client may take the second (500) for its next answer. */
  readonly 'two-answers': None
  /** An answer (408) before the request: each new connection begins with it, and is closed, though a request may be on its way. */
  readonly 'unasked-answer': None
  /** `101 Switching Protocols`, which nobody asked for, then silence. */
  readonly 'switching-protocols': None

  /** An answer of this `status`, with a short body. @default 500 */
  readonly status: { readonly status?: number }
  /** `status` (@default 503) and a Retry-After of `value` (@default '99999999999', in seconds: 3,000 years). */
  readonly 'retry-after': { readonly status?: number; readonly value?: string }
  /** 302 without a Location. */
  readonly 'redirect-without-location': None
  /** A redirect of this `status` to where the request went. @default 307 */
  readonly 'redirect-loop': { readonly status?: number }

  /** Plain HTTP, whatever the client begins with: a TLS handshake fails. */
  readonly 'wrong-tls': None
  /** Bytes that are neither TLS nor HTTP. */
  readonly 'tls-garbage': None
  /** TLS, with a self-signed certificate of another name: talk to the port by `https:`. The answers are in order. */
  readonly 'wrong-certificate': None
}

/** What drips: `bytes` at a time, every `everyMs`. */
interface Drip {
  readonly bytes?: number
  readonly everyMs?: number
  readonly endless?: boolean
}

type None = object

export type FaultName = keyof FaultParameters

/** A fault by its name, or with parameters: `{ fault: 'latency', ms: 200 }`. */
export type Fault = FaultName | FaultWithParameters<FaultName>

type FaultWithParameters<Name extends FaultName> = Name extends FaultName
  ? { readonly fault: Name } & FaultParameters[Name]
  : never

/** A fault with all its parameters. */
export type WholeFault<Name extends FaultName = FaultName> = Name extends FaultName
  ? { readonly fault: Name } & Required<FaultParameters[Name]>
  : never

const drip = { bytes: 1, everyMs: 10, endless: false }

const defaults: { readonly [Name in FaultName]: Required<FaultParameters[Name]> } = {
  latency: { ms: 100 },
  'slow-accept': { ms: 100 },
  'drip-headers': drip,
  'drip-body': drip,
  'black-hole': {},
  'never-closes': {},
  refused: {},
  reset: {},
  'reset-after-headers': {},
  'empty-answer': {},
  'early-close': {},
  'half-body': {},
  'no-last-chunk': {},
  'lost-answer': {},
  stale: {},
  'early-answer': {},
  'endless-headers': {},
  'endless-body': {},
  'endless-chunk-extension': {},
  'endless-trailers': {},
  'informational-flood': {},
  'huge-status-line': { bytes: 1024 * 1024 },
  'gzip-bomb': {},
  'invalid-content-length': {},
  'differing-content-lengths': {},
  'content-length-and-chunked': {},
  'chunk-size-overflow': {},
  'nul-in-headers': {},
  'invalid-status': {},
  'not-http': {},
  'broken-gzip': {},
  'no-content-with-body': {},
  'two-answers': {},
  'unasked-answer': {},
  'switching-protocols': {},
  status: { status: 500 },
  'retry-after': { status: 503, value: '99999999999' },
  'redirect-without-location': {},
  'redirect-loop': { status: 307 },
  'wrong-tls': {},
  'tls-garbage': {},
  'wrong-certificate': {},
}

/** Every fault, for a test that goes through them all. */
export const faultNames: readonly FaultName[] = Object.freeze(Object.keys(defaults) as FaultName[])

/** @throws {@link ConfigurationError} `option_invalid` */
export function parseFault(given: Fault): WholeFault {
  const parts: unknown = typeof given === 'string' ? { fault: given } : given
  const { fault, ...parameters } = checkedParts(parts)
  const known = defaults[fault] as Readonly<Record<string, unknown>>
  const stated = Object.entries(parameters).filter(([, value]) => value !== undefined)
  const fields = Object.fromEntries(
    Object.entries(known).map(([name, value]) => [name, parameter(name, value)]),
  )
  checkFields(Object.fromEntries(stated), fields, { of: `the fault ${fault}`, within: 'fault' })
  return { fault, ...known, ...Object.fromEntries(stated) } as WholeFault
}

function checkedParts(given: unknown): { readonly fault: FaultName } & Readonly<Record<string, unknown>> {
  const parts = given as { readonly fault: FaultName } & Readonly<Record<string, unknown>>
  if (typeof given === 'object' && given !== null && Object.hasOwn(defaults, parts.fault)) return parts
  const isObject = typeof given === 'object' && given !== null
  const message = mismatch(
    `the name of a fault, or an object with one as \`fault\``,
    isObject ? parts.fault : given,
    `give one of ${faultNames.join(', ')}`,
  )
  throw new ConfigurationError('option_invalid', isObject ? 'fault.fault' : 'fault', message)
}

function parameter(name: string, usual: unknown): Field {
  if (typeof usual === 'boolean') return aFlag
  if (typeof usual === 'string') return aText
  const [least, most] = name === 'status' ? [200, 999] : [name === 'bytes' ? 1 : 0, longestTimerMs]
  return wholeNumber(least, most)
}
