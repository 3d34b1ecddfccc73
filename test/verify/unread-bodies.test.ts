import { once } from 'node:events'
import { createServer } from 'node:http'
import http2 from 'node:http2'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createAdaptorServer } from '@hono/node-server'
import express from 'express'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import { describe, expect, it, vi } from 'vitest'
import type { Receiver } from '../../src/verify/handler.ts'
import { createReceiver } from '../../src/verify/receiver.ts'
import { createStandardReceiver } from '../../src/verify/standard/receiver.ts'
import { createStandardVerifier } from '../../src/verify/standard/verifier.ts'
import { createVerifier } from '../../src/verify/verifier.ts'
import { listening, type Loopback } from '../loopback.ts'
import { delivery, hookUrl, secret } from './delivery.ts'
import { now, secret as standardSecret } from './standard/webhook.ts'

const genuine = delivery()

function receiver(handled: () => void = () => {}): Receiver {
  return createReceiver({ verifier: createVerifier({ url: hookUrl, secret }), onRelease: handled })
}

function standardReceiver(handled: () => void = () => {}): Receiver {
  const verifier = createStandardVerifier({ secret: standardSecret, now })
  return createStandardReceiver({ verifier, onDelivery: handled, maxBodyBytes: 100_000 })
}

/** Servers that stream a request's body over a real connection. */
const makes: readonly (readonly [name: string, start: (receiver: Receiver) => Promise<Loopback>])[] = [
  ['node:http', ({ node }) => listening(createServer((request, response) => void node(request, response)))],
  [
    'Express',
    ({ node }) => listening(createServer(express().use('/hooks', express.Router().use('/deploy', node)))),
  ],
  ['Fastify, which leaves the body alone', startFastify],
  [
    'Hono, on Node',
    ({ fetch }) => {
      const app = new Hono().all('*', (context) => fetch(context.req.raw))
      return listening(createAdaptorServer({ fetch: app.fetch }))
    },
  ],
]

async function startFastify({ node }: Receiver): Promise<Loopback> {
  const app = fastify()
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.all('/*', async (request, reply) => {
    reply.hijack()
    await node(request.raw, reply.raw)
  })
  await app.ready()
  return await listening(app.server)
}

const chunked = 'Transfer-Encoding: chunked'
const announced = 'Content-Length: 1000000000000'
const authorization = `Authorization: ${genuine.headers.authorization}`
type Refused = readonly [what: string, of: () => Receiver, status: number, head: readonly string[]]

const refused: readonly Refused[] = [
  ['an unsigned delivery', receiver, 401, [`POST ${genuine.url} HTTP/1.1`, chunked]],
  ['an unsigned delivery of a terabyte', receiver, 401, [`POST ${genuine.url} HTTP/1.1`, announced]],
  ['another method', receiver, 405, [`PUT ${genuine.url} HTTP/1.1`, chunked]],
  ['a GET', receiver, 405, [`GET ${genuine.url} HTTP/1.1`, announced]],
  ['another method than that of webhooks', standardReceiver, 405, ['PUT /hooks/deploy HTTP/1.1', chunked]],
  ['a webhook of a terabyte', standardReceiver, 413, ['POST /hooks/deploy HTTP/1.1', announced]],
]

/** More than all buffers between hold. */
const enough = 64 * 1024 * 1024
const piece = Buffer.from(`10000\r\n${' '.repeat(65_536)}\r\n`)

/** A connection over which these bytes were sent, and all that comes back until it is closed. */
async function opened(
  port: number,
  ...requests: readonly (readonly string[])[]
): Promise<{ socket: Socket; answers: Promise<string> }> {
  const socket = connect(port, '127.0.0.1')
  const answers = new Promise<string>((resolve) => {
    let all = ''
    socket.setEncoding('utf8').on('data', (some: string) => (all += some))
    socket.on('error', () => {}) // it may be cut off while it writes
    socket.on('close', () => resolve(all))
  })
  await once(socket, 'connect')
  socket.write(requests.map((head) => `${head.join('\r\n')}\r\nHost: hooks.example.com\r\n\r\n`).join(''))
  return { socket, answers }
}

/** What a sender hears that writes the head alone, and goes when it has an answer. */
async function answerTo(port: number, head: readonly string[]): Promise<string> {
  const { socket, answers } = await opened(port, head)
  await once(socket, 'data')
  socket.end()
  return await answers
}

/** Writes until the other side ends it; no more than what is enough. @returns how many bytes */
async function writeOn(stream: Duplex, most = enough): Promise<number> {
  let written = 0
  for (; !stream.destroyed && written < most; written += piece.byteLength) {
    if (stream.write(piece)) await new Promise(setImmediate)
    else await Promise.race([once(stream, 'drain'), once(stream, 'close')]).catch(() => {})
  }
  return written
}

const isClosing = /\r\nconnection: close\r\n/iu

describe.each(makes)('a receiver in %s', (_make, start) => {
  it.each(refused)('reads no more of %s when it is refused', async (_what, of, status, head) => {
    await using server = await start(of())
    const { socket, answers } = await opened(server.port, head)

    expect(await writeOn(socket)).toBeLessThan(enough)
    await answers
    const heard = await answerTo(server.port, head)
    expect(heard).toContain(`HTTP/1.1 ${status} `)
    expect(heard).toMatch(isClosing)
  })

  it('reads no more of a webhook that has become too large', async () => {
    await using server = await start(standardReceiver())
    const { socket, answers } = await opened(server.port, ['POST /hooks/deploy HTTP/1.1', chunked])

    expect(await writeOn(socket)).toBeLessThan(enough)
    await answers
  })

  it('reads no endless body behind a genuine delivery', async () => {
    const handled = vi.fn<() => void>()
    await using server = await start(receiver(handled))
    const head = [`POST ${genuine.url} HTTP/1.1`, authorization, chunked]
    const { socket, answers } = await opened(server.port, head)

    expect(await writeOn(socket)).toBeLessThan(enough)
    await answers
    expect(handled).toHaveBeenCalledTimes(1)
    const heard = await answerTo(server.port, head)
    expect(heard).toContain('HTTP/1.1 204 ')
    expect(heard).toMatch(isClosing)
  })

  it('keeps the connection of genuine deliveries, and closes it with the first that is refused', async () => {
    await using server = await start(receiver())
    const accepted = [`POST ${genuine.url} HTTP/1.1`, authorization, 'Content-Length: 0']
    const unsigned = [`POST ${genuine.url} HTTP/1.1`, 'Content-Length: 0']
    const { answers } = await opened(server.port, accepted, accepted, unsigned, accepted)

    expect((await answers).match(/HTTP\/1\.1 \d+/gu)).toEqual([
      'HTTP/1.1 204',
      'HTTP/1.1 204',
      'HTTP/1.1 401',
    ])
  })
})

describe.each(makes.slice(0, 3))('a receiver in %s', (_make, start) => {
  it('tells a sender of 900 KB why it is refused', async () => {
    await using server = await start(receiver())
    const { socket, answers } = await opened(server.port, [
      `POST ${genuine.url} HTTP/1.1`,
      'Content-Length: 900000',
    ])

    await writeOn(socket, 900_000)

    expect(await answers).toContain('authorization_missing')
  })
})

describe('a receiver', () => {
  const thrower = (): never => {
    throw new Error('odd')
  }
  it.each<[string, object]>([
    ['is no stream', { complete: false }],
    ['cannot be listened to', { complete: false, on: thrower, resume: thrower }],
    ['fails to tell how far it is', Object.defineProperty({}, 'complete', { get: thrower })],
  ])('answers a request whose body %s', async (_what, body) => {
    const response = { writeHead: vi.fn<() => void>(), write: vi.fn<() => void>(), end: vi.fn<() => void>() }

    await receiver().node(Object.assign(body, genuine, { headers: {} }), response)

    expect(response.writeHead.mock.calls).toMatchObject([[401, { connection: 'close' }]])
    expect(response.end).toHaveBeenCalledTimes(1)
  })
})

describe('a receiver over HTTP/2', () => {
  it('ends a stream that is refused, and says nothing of a connection', async () => {
    const warned = vi.fn<(warning: Error) => void>()
    process.on('warning', warned)
    const server = http2.createServer((request, response) => void receiver().node(request, response))
    await using loopback = await listening(server)
    const session = http2.connect(loopback.origin)
    const stream = session.request({ ':method': 'POST', ':path': genuine.url }).resume()
    stream.on('error', () => {}) // it may be cut off while it writes
    const answered = once(stream, 'response')

    expect(await writeOn(stream)).toBeLessThan(enough)
    const [headers] = await answered
    expect(headers).toMatchObject({ ':status': 401 })
    expect(headers).not.toHaveProperty('connection')
    expect(session.destroyed).toBe(false)
    session.destroy()
    await new Promise(setImmediate)
    process.off('warning', warned)
    expect(warned).not.toHaveBeenCalled()
  })
})
