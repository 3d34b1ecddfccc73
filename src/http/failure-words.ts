import { ConfigurationError } from '../errors.ts'
import { mismatch } from '../option-problems.ts'
import { http2Only } from './http2-only.ts'

/**
 * What the `code` of an attempt means, and what to do about it, for those that are this library's own: `HTTP2_ONLY`, and `PROXY_…` with a
 * proxy's status. Undefined for those of the system, of TLS, and of the egress guard, whose refusals have messages of their own.
 *
 * @throws {@link ConfigurationError} `option_invalid` for what is no string
 * @example messageOfCode(attempt.code ?? '')
 */
export function messageOfCode(code: string): string | undefined {
  if (typeof code !== 'string')
    throw new ConfigurationError(
      'option_invalid',
      'code',
      mismatch('a string', code, 'give the `code` of an attempt'),
    )
  const status = proxyStatusOf(code)
  if (code === http2Only)
    return 'The receiver speaks HTTP/2 alone, and is sent HTTP/1.1: have it take that too, or put a server before it that does.'
  if (code === 'PROXY_TIMEOUT') return 'The proxy did not answer in time: see whether it is there, and busy.'
  if (status === undefined) return undefined
  if (status === 407)
    return 'The proxy wants a user and a password, or others (407): give them in its URL, as http://user:password@host:port.'
  if (status === 403)
    return 'The proxy forbids it (403): allow the receiver there, or go past it with `egress.noProxy`, or `proxy: false` of the hook.'
  if (status === 502 || status === 503 || status === 504)
    return `The proxy did not get through to the receiver (${status}): see its log for why.`
  return `The proxy did not let the request through (${status}): see its log for why.`
}

/** The status with which a proxy refused, if the code is of that. */
export function proxyStatusOf(code: string): number | undefined {
  const [, status] = /^PROXY_(\d{3})$/u.exec(code) ?? []
  return status === undefined ? undefined : Number(status)
}
