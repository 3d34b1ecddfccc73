import type { FaultName } from 'deploy-hooks/testing'

/** One way in which an exchange may rightly end. */
export interface Right {
  readonly reason: string
  /** Of a failure, or of an answer that did not come whole, one of these: the names that Node, OpenSSL, got and undici have for it. */
  readonly codes?: readonly string[]
  /** Whether the transport has to say that the request may have reached the receiver. */
  readonly opened: boolean
}

export interface Expected {
  readonly right: readonly Right[]
  /** True when the receiver offers to keep the connection, so that it may be idle afterwards. */
  readonly keeps?: true
}

const status = (status: number): Right => ({ reason: `status-${status}`, opened: true })
const failure = (reason: string, codes: readonly string[], opened = true): Right => ({
  reason,
  codes,
  opened,
})

/** The connection ended: by the system, by `node:http` and got, by undici. */
const broken = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'ERR_HTTP_CONTENT_LENGTH_MISMATCH']
/** An answer that ends too early, in undici's words too. */
const cutShort = [...broken, 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH']
/** More than 64 KiB where a header should be. */
const overflow = ['HPE_HEADER_OVERFLOW', 'UND_ERR_HEADERS_OVERFLOW']
/** The status decides, as it does for the deploy hook of Deis: what goes wrong after it undoes nothing. */
const deliveredBut = (...codes: readonly string[]): Expected => ({
  right: [{ reason: 'status-200', codes, opened: true }],
})
/** No HTTP: as `node:http` names it. Of most of undici's errors the name is lost, and of lengths it has one of its own. */
const malformed = (...codes: readonly string[]): Expected => deliveredBut(...codes, 'HPE_INVALID')
/** Nor has it a status that can be read. */
const refused = (reason: string, ...codes: readonly string[]): Expected => ({
  right: [failure(reason, codes)],
})
const ofLength = ['HPE_UNEXPECTED_CONTENT_LENGTH', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH']
const refusedByTls = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG']

const timeout = failure('timeout', ['ETIMEDOUT'])
const reset = failure('reset', broken)
/** A kept-alive connection that breaks before any answer may be tried again (RFC 9112, section 9.3.1): the transport says so. */
const staleReset: Right = { ...reset, opened: false }
const incomplete = deliveredBut(...cutShort)
const delivered: Expected = { right: [status(200)] }
const deliveredAndKept: Expected = { right: [status(200)], keeps: true }

/**
 * What is right for each fault, from RFC 9110, RFC 9112 and what `http/transport.ts` promises. More than one is right only where it is said why.
 */
export const expected: Readonly<Record<FaultName, Expected>> = {
  latency: deliveredAndKept,
  'slow-accept': deliveredAndKept,
  'drip-headers': deliveredAndKept,
  'drip-body': deliveredAndKept,
  'black-hole': { right: [timeout] },
  // RFC 9112, section 6.3: the end of the connection ends the body, and there is none before the deadline.
  'never-closes': deliveredBut('ETIMEDOUT'),

  refused: { right: [failure('unreachable', ['ECONNREFUSED'], false)] },
  reset: { right: [reset] },
  // RFC 9112, section 8: an answer that has not all of its body is incomplete. The body says nothing here, and the status is known.
  'reset-after-headers': incomplete,
  'empty-answer': { right: [reset] },
  'early-close': incomplete,
  'half-body': incomplete,
  'no-last-chunk': incomplete,
  'lost-answer': { right: [reset] },
  // Two are right, since it depends on the connection: its first request is answered, its second one is not.
  stale: { right: [status(200), staleReset], keeps: true },
  // The requests have no body, so that nothing of one is on its way that would end in a reset. Two are right, since they race: the
  // answer does not say that the connection closes, so that the next request may go over it before its end is seen.
  'early-answer': { right: [status(200), staleReset] },

  'endless-headers': deliveredBut(...overflow),
  // The status is known. What is over 64 KiB of the body is not read.
  'endless-body': delivered,
  // RFC 9112, section 7.1.1: extensions are to be limited.
  'endless-chunk-extension': deliveredBut('HPE_CHUNK_EXTENSIONS_OVERFLOW'),
  // RFC 9112, section 7.1.2: trailers are fields, and limited as fields are.
  'endless-trailers': deliveredBut(...overflow),
  'informational-flood': refused('too-many-interim-answers', 'TOO_MANY_INTERIM_ANSWERS'),
  // A reason phrase is a part of the head, which is 64 KiB at most.
  'huge-status-line': refused('headers-too-long', ...overflow),
  // Never decompressed, and over 64 KiB as it is.
  'gzip-bomb': delivered,

  'invalid-content-length': malformed('HPE_INVALID_CONTENT_LENGTH'),
  // RFC 9112, section 6.3: an unrecoverable error.
  'differing-content-lengths': malformed(...ofLength),
  // RFC 9112, section 6.3: ought to be handled as an error.
  'content-length-and-chunked': malformed('HPE_INVALID_TRANSFER_ENCODING', ...ofLength),
  'chunk-size-overflow': malformed('HPE_INVALID_CHUNK_SIZE'),
  // RFC 9110, section 5.5: reject, or replace by a space. The transports' suite has them reject; its status came before it.
  'nul-in-headers': malformed('HPE_INVALID_HEADER_TOKEN'),
  'invalid-status': refused('malformed-status-line', 'HPE_INVALID_STATUS', 'HPE_INVALID'),
  'not-http': refused('not-http', 'HPE_INVALID_CONSTANT', 'HPE_INVALID'),
  // The length is right, and the coding is nobody's business here.
  'broken-gzip': deliveredAndKept,
  // RFC 9112, section 6.3: it ends with its head. What follows is no answer to anything.
  'no-content-with-body': { right: [status(204)] },
  'two-answers': { right: [status(200)] },
  // Two are right, since they race: the answer is taken when the request left first, as nobody can tell then that it is none (RFC 9110,
  // section 15.5.9), and the connection is broken when its end was there before.
  'unasked-answer': { right: [status(408), reset] },
  'switching-protocols': refused(
    'unasked-protocol',
    'UNEXPECTED_UPGRADE',
    'UND_ERR_SOCKET',
    'HPE_PAUSED_UPGRADE',
  ),

  status: { right: [status(500)], keeps: true },
  'retry-after': { right: [status(503)], keeps: true },
  // Redirects are not followed: the statuses stand.
  'redirect-without-location': { right: [status(302)], keeps: true },
  'redirect-loop': { right: [status(307)], keeps: true },

  'wrong-tls': { right: [failure('tls', refusedByTls, false)] },
  'tls-garbage': { right: [failure('tls', refusedByTls, false)] },
  'wrong-certificate': {
    right: [failure('tls', ['DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID'], false)],
  },
}

/** Of what hangs or drips for longer than its deadline before its status is known, and after that. */
export const pastDeadline: Expected = { right: [timeout] }
export const deliveredPastDeadline: Expected = deliveredBut('ETIMEDOUT')
