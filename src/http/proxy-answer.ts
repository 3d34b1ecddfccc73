import type { IncomingHttpHeaders } from 'node:http'

/**
 * Whether what answered a request in absolute form is the proxy itself. 407 is nobody else's; else the proxy has to say so: Squid by
 * `X-Squid-Error`, Tinyproxy as the server, others by RFC 9209. What does not say so is taken for the receiver's own word, with its `Retry-After`.
 */
export function isOfProxy(status: number, headers: IncomingHttpHeaders): boolean {
  if (status === 407) return true
  if (status < 400) return false
  return (
    headers['x-squid-error'] !== undefined ||
    String(headers['proxy-status'] ?? '').includes('error=') ||
    String(headers['server'] ?? '').startsWith('tinyproxy/')
  )
}

/** Whether the proxy may have sent the request on before it answered so: not when it refused, or found no receiver. */
export function mayHaveGoneOn(status: number): boolean {
  return status >= 500 && status !== 503
}
