import http, { type ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import type { ProxyServer } from './egress-guard.ts'
import { codeOf, ConnectionError } from './connection-error.ts'
import { portOf } from './port.ts'
import { maxHeaderBytes, type ConnectionPolicy } from './transport.ts'

/**
 * Asks an HTTP proxy over its connection for a tunnel to a URL's host (RFC 9110 section 9.3.6). Its answer's head is bounded; its time is
 * bounded by destroying the request.
 *
 * Whatever the proxy refuses with is a failure of the proxy, also 502 and 504, with which it may mean that the receiver is down:
 * proxies use them for their own faults as well, and the request cannot have reached the receiver in either case.
 */
export function openTunnel(
  proxy: ProxyServer,
  target: URL,
  connection: Socket,
  done: (error: ConnectionError | undefined, socket?: Socket) => void,
): ClientRequest {
  const authority = `${target.hostname}:${portOf(target)}`
  const request = http.request({
    method: 'CONNECT',
    host: proxy.url.hostname,
    path: authority,
    headers: { host: authority, ...proxyAuthorization(proxy) },
    createConnection: () => connection,
    maxHeaderSize: maxHeaderBytes,
  })
  request.once('connect', ({ statusCode = 0 }, socket: Socket, head) => {
    if (statusCode < 200 || statusCode > 299) {
      socket.on('error', () => undefined).destroy()
      done(new ConnectionError('proxy', `PROXY_${statusCode}`))
      return
    }
    // The receiver's, which spoke first.
    if (head.length > 0) socket.unshift(head)
    done(undefined, socket)
  })
  request.on('error', (error) => done(new ConnectionError('proxy', codeOf(error, 'ERR_PROXY'))))
  request.end()
  return request
}

/**
 * The proxy that is sent the requests to an http URL themselves, if there is one: those to https URLs go through its tunnel. Each has a
 * connection of its own, since Tinyproxy closes one after an answer that does not say so.
 */
export function forwarderOf(url: URL, { guard }: Pick<ConnectionPolicy, 'guard'>): ProxyServer | undefined {
  return url.protocol === 'http:' ? guard.proxyFor(url) : undefined
}

/** How a request to a URL names it to a proxy (RFC 9112 section 3.2.2). */
export function absoluteForm({ origin, pathname, search }: URL): string {
  return origin + pathname + search
}

/** What proves to a proxy that it may be used; nothing for one that wants no proof. */
export function proxyAuthorization({ credentials }: ProxyServer): { 'proxy-authorization'?: string } {
  const { username, password } = credentials()
  if (username === '' && password === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}
