import type { IncomingHttpHeaders } from 'node:http'

// `node:http` keeps the first of these, so that no second one overrides what was decided by the first.
const firstOnly = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
])

/** Headers as undici gives them, where each may be a list, as `node:http` gives them: joined, or the first of them. */
export function joinedAsByNode(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  for (const name in headers) {
    const value = headers[name]
    if (name === 'set-cookie') headers[name] = typeof value === 'string' ? [value] : value
    else if (Array.isArray(value)) headers[name] = joined(name, value)
  }
  return headers
}

function joined(name: string, values: readonly string[]): string | undefined {
  if (firstOnly.has(name)) return values[0]
  return values.join(name === 'cookie' ? '; ' : ', ')
}
