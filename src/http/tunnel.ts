import http, { type ClientRequest } from 'node:http'
import type { LookupFunction, Socket } from 'node:net'
import type { EgressGuard, ProxyCredentials } from './egress.ts'
import { codeOf, ConnectionError } from './connection-error.ts'
import { lookUpAll } from './look-up.ts'
import { maxHeaderBytes } from './transport.ts'

/**
 * Asks an HTTP proxy for a tunnel to a URL's host (RFC 9110 section 9.3.6). Its answer's head is bounded; its time is bounded by
 * destroying the request.
 *
 * Whatever the proxy refuses with is a failure of the proxy, also 502 and 504, with which it may mean that the receiver is down:
 * proxies use them for their own faults as well, and the request cannot have reached the receiver in either case.
 */
export function openTunnel(
  proxy: URL,
  target: URL,
  { lookup, proxyCredentials = () => proxy }: Pick<EgressGuard, 'lookup' | 'proxyCredentials'>,
  done: (error: ConnectionError | undefined, socket?: Socket) => void,
): ClientRequest {
  const authority = `${target.hostname}:${portOf(target)}`
  const request = http.request({
    method: 'CONNECT',
    host: proxy.hostname.replace(/^\[|\]$/gu, ''),
    port: portOf(proxy),
    path: authority,
    headers: { host: authority, ...authorizationOf(proxyCredentials()) },
    agent: false,
    lookup: sharedLookUp(lookup),
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

/** The port that a URL names or means. */
export function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' ? 443 : 80
}

function authorizationOf({ username, password }: ProxyCredentials): { 'proxy-authorization'?: string } {
  if (username === '' && password === '') return {}
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }
}

function sharedLookUp(lookup: LookupFunction): LookupFunction {
  return (name, options, callback) => {
    lookUpAll(lookup, name, options).then(
      ([first, ...others]) =>
        options.all === true && first !== undefined
          ? callback(null, [first, ...others])
          : callback(null, first?.address ?? '', first?.family),
      (error: NodeJS.ErrnoException) => callback(error, []),
    )
  }
}
