import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo, Server, Socket } from 'node:net'
import { keptBytes } from '../../src/http/transport.ts'
import { marks } from './marks.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')

export const authority: string = fixture('names.crt')

/** All that receivers and proxy got, which are the worst there are: each answers with everything that it knows. */
export const received: string[] = []
export const signatures: Set<string> = new Set()

const proxied = new WeakMap<Socket, string>()

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  return (server.address() as AddressInfo).port
}

export async function startReceivers(): Promise<{ http: number; https: number; proxy: number }> {
  const plain = http.createServer(echo)
  const tls = {
    key: fixture('names.key'),
    cert: authority,
    ca: authority,
    requestCert: true,
    rejectUnauthorized: false,
  }
  const secure = https.createServer(tls, echo)
  const proxy = http.createServer()
  proxy.on('connect', (request, socket: Socket) => {
    const credentials = request.headers['proxy-authorization'] ?? ''
    received.push(`proxy ${credentials} ${Buffer.from(credentials.slice(6), 'base64').toString()}`)
    proxied.set(socket, credentials)
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    plain.emit('connection', socket)
  })
  return { http: await listen(plain), https: await listen(secure), proxy: await listen(proxy) }
}

function echo(request: IncomingMessage, response: ServerResponse): void {
  const { url = '', headers, socket } = request
  const { authorization = '' } = headers
  received.push(`${url} ${JSON.stringify(headers)}`)
  signatures.add(authorization)
  const [, status = '200', version = '0'] = /\/(\d{3})\?.*\brelease=v(\d+)/u.exec(url) ?? []
  response.statusCode = Number(status)
  const credentials = proxied.get(socket) ?? ''
  for (const [name, value] of [
    ['x-url', url],
    ['x-authorization', authorization],
    ['location', `http://127.0.0.1${url}`],
    ['retry-after', authorization],
    ['webhook-delivery', url],
    ['www-authenticate', credentials || authorization],
    ['set-cookie', `token=${encodeURIComponent(marks.token)}`],
  ] as const)
    response.setHeader(name, value)
  if (url.startsWith('/cut/'))
    response.end(cutAt(Number(version), [url.slice(url.indexOf('Q')), marks.token, authorization, marks.key]))
  else answerAll(request, response, credentials)
}

/** The nth answer breaks one of the texts off at its end, after n characters or so. */
function cutAt(version: number, texts: readonly string[]): string {
  const text = texts[version % texts.length] ?? ''
  const begun = Math.ceil(version / texts.length)
  return `${'-'.repeat(keptBytes - begun)}${text}${'-'.repeat(2000)}`
}

function answerAll(
  { url = '', headers, rawHeaders }: IncomingMessage,
  response: ServerResponse,
  credentials: string,
): void {
  const decoded = [decodeURI, decodeURIComponent].map((decode) => decode(url))
  const parameters = Object.fromEntries(new URL(url, 'http://h').searchParams)
  const basic = Buffer.from(credentials.replace(/^Basic /u, ''), 'base64').toString()
  const known = { url, headers, rawHeaders, decoded, parameters, credentials, basic, key: marks.key }
  const json = JSON.stringify(known)
  const body = [
    json,
    Object.values(parameters).join('\n'),
    decoded.join('\n'),
    `expected a signature by ${marks.key}`,
    `<p>${json.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</p>`,
    new URLSearchParams(parameters as Record<string, string>).toString(),
  ].join('\n')
  // Piece by piece, so that every secret is broken over several.
  const bytes = Buffer.from(body)
  for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7))
  response.end()
}
