import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo, Server, Socket } from 'node:net'
import { keptBytes } from '../../src/http/transport.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')

export const authority: string = fixture('names.crt')

/** All that receivers and proxy got, which are the worst there are: each answers with everything that it knows. */
export const received: string[] = []
export const signatures: Set<string> = new Set()

/** What a receiver knows besides what it was sent, by the first segment of its path. */
export const shared: Map<string, readonly string[]> = new Map()

/** How the next requests to targets are answered. */
export const answering: { status: number; isText: boolean } = { status: 200, isText: false }

const proxied = new WeakMap<Socket, string>()

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  return (server.address() as AddressInfo).port
}

export async function startReceivers(): Promise<{ http: number; https: number; proxy: number }> {
  const plain = http.createServer((request, response) => void echo(request, response))
  const tls = {
    key: fixture('names.key'),
    cert: authority,
    ca: authority,
    requestCert: true,
    rejectUnauthorized: false,
  }
  const secure = https.createServer(tls, (request, response) => void echo(request, response))
  const isAsked = ({ headers }: IncomingMessage, socket: Socket): void => {
    const credentials = headers['proxy-authorization'] ?? ''
    received.push(`proxy ${credentials} ${Buffer.from(credentials.slice(6), 'base64').toString()}`)
    proxied.set(socket, credentials)
  }
  const proxy = http.createServer((request, response) => {
    isAsked(request, request.socket)
    const { pathname, search } = new URL(request.url ?? '')
    request.url = pathname + search
    delete request.headers['proxy-authorization']
    void echo(request, response)
  })
  proxy.on('connect', (request, socket: Socket) => {
    isAsked(request, socket)
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    plain.emit('connection', socket)
  })
  return { http: await listen(plain), https: await listen(secure), proxy: await listen(proxy) }
}

async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const { url = '', headers, socket } = request
  const proof = [headers.authorization, headers['x-hub-signature-256'], headers['webhook-signature']]
    .flatMap((value) => String(value ?? '').split(' '))
    .map((text) => text.replace(/^(?:sha256=|v1a?,)/u, ''))
    .filter((text) => /^[\da-f]{40,64}$|^[\w+/]{40,90}={0,2}$/u.test(text))
  received.push(`${request.method} ${url} ${JSON.stringify(headers)} ${body} ${decodedUrl(url)}`)
  const [, kind = ''] = url.split('/')
  for (const text of proof) signatures.add(text)
  const [, status, version = '0'] = /\/(\d{3})\?.*\brelease=v(\d+)/u.exec(url) ?? []
  response.statusCode = status === undefined ? answering.status : Number(status)
  const credentials = proxied.get(socket) ?? ''
  const { authorization = '' } = headers
  for (const [name, value] of [
    ['x-url', url],
    ['x-authorization', authorization],
    ['location', `http://127.0.0.1${url}`],
    ['retry-after', status === undefined ? '0' : authorization],
    ['webhook-delivery', url],
    ['www-authenticate', credentials || authorization],
    ['set-cookie', `token=${encodeURIComponent(url)}`],
  ] as const)
    response.setHeader(name, value)
  const known = shared.get(kind) ?? []
  received.push(...known)
  if (kind === 'cut') response.end(cutAt(Number(version), [decodedUrl(url), ...known, ...proof]))
  else if (status === undefined) response.end(told(request, body, known))
  else answerAll(request, response, credentials, known)
}

/** Wherever a target may read something: its errors, ids, pages, statuses. */
function told(request: IncomingMessage, body: string, known: readonly string[]): string {
  const { url = '', rawHeaders } = request
  const texts = [url, decodedUrl(url), ...rawHeaders, body, ...known]
  if (answering.isText) return fitting(texts, 190)
  const echoed = fitting(texts, 400)
  const link = `https://evil.example${url}`
  const names = ['id', '_id', 'error', 'message', 'detail', 'description', 'msg', 'deploymentId']
  const fields = {
    ...Object.fromEntries(names.map((name) => [name, echoed])),
    ...Object.fromEntries(['url', 'web_url', 'dashboardUrl'].map((name) => [name, link])),
    status: 'x',
    state: 'x',
    success: 'true',
  }
  const all = texts.join(' ')
  return JSON.stringify({ ...fields, data: fields, deployment: fields, job: fields, number: echoed, all })
}

let turn = 0

/** As many of the texts as there is room for, the last ones first at every other request: none is broken off by the receiver itself. */
function fitting(texts: readonly string[], room: number): string {
  turn += 1
  const inTurn = turn % 2 === 0 ? texts : texts.toReversed()
  return inTurn
    .reduce((line, text) => (line.length + text.length < room ? `${line} ${text}` : line), '')
    .trim()
}

function decodedUrl(url: string): string {
  try {
    return decodeURIComponent(url.replaceAll('+', ' '))
  } catch {
    return url
  }
}

/** The nth answer breaks one of the texts off at its end, after n characters or so. */
function cutAt(version: number, texts: readonly string[]): string {
  const text = texts[version % texts.length] ?? ''
  const begun = Math.ceil(version / texts.length)
  return `${'-'.repeat(keptBytes - begun)}${text.slice(Math.max(0, text.indexOf('Q')))}${'-'.repeat(2000)}`
}

function answerAll(
  { url = '', headers, rawHeaders }: IncomingMessage,
  response: ServerResponse,
  credentials: string,
  secrets: readonly string[],
): void {
  const decoded = [decodeURI, decodeURIComponent].map((decode) => decode(url))
  const parameters = Object.fromEntries(new URL(url, 'http://h').searchParams)
  const basic = Buffer.from(credentials.replace(/^Basic /u, ''), 'base64').toString()
  const known = { url, headers, rawHeaders, decoded, parameters, credentials, basic, secrets }
  const json = JSON.stringify(known)
  const body = [
    json,
    Object.entries(parameters).flat().join('\n'),
    decoded.join('\n'),
    ...secrets.map((secret) => `expected a signature by ${secret}`),
    `<p>${json.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</p>`,
    new URLSearchParams(parameters as Record<string, string>).toString(),
    ...secrets.map((secret) => Buffer.from(secret).toString('base64')),
  ].join('\n')
  // Piece by piece, so that every secret is broken over several.
  const bytes = Buffer.from(body)
  for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7))
  response.end()
}
