import { once } from 'node:events'
import { createServer, request as httpRequest, type ClientRequest, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { serve } from '@hono/node-server'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import { describe, expect, it, vi } from 'vitest'
import type { HookVerificationError } from '../../../src/errors.ts'
import type { Receiver } from '../../../src/verify/handler.ts'
import {
  createStandardReceiver,
  type StandardReceiverOptions,
} from '../../../src/verify/standard/receiver.ts'
import { createStandardVerifier } from '../../../src/verify/standard/verifier.ts'
import type { VerifiedStandardWebhook } from '../../../src/verify/standard/result.ts'
import type { RequestLike } from '../../../src/verify/request.ts'
import { now, payload, secret, webhook, type SentWebhook } from './webhook.ts'

const verifier = createStandardVerifier({ secret, now })
const genuine = webhook()
const json = { 'content-type': 'application/json' }

/** A receiver, and everything that it was told. */
function observed(options: Partial<StandardReceiverOptions> = {}) {
  const onDelivery = vi.fn<(webhook: VerifiedStandardWebhook) => void>()
  const onRefused = vi.fn<(error: HookVerificationError, request: RequestLike) => void>()
  const onError = vi.fn<(error: unknown) => void>()
  const receiver = createStandardReceiver({ verifier, onDelivery, onRefused, onError, ...options })
  return { receiver, onDelivery, onRefused, onError }
}

interface Running extends AsyncDisposable {
  readonly port: number
}

async function listening(server: Server): Promise<Running> {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Servers that stream a request's body over a real connection. */
const makes: readonly { readonly name: string; readonly start: (receiver: Receiver) => Promise<Running> }[] =
  [
    {
      name: 'node:http',
      start: (receiver) =>
        listening(
          createServer((request, response) => {
            void receiver.node(request, response)
          }),
        ),
    },
    {
      name: 'Express',
      start: (receiver) =>
        listening(createServer(express().use('/api', express.Router().use(receiver.node)))),
    },
    {
      name: 'Hono, on Node',
      start: (receiver) => {
        const app = new Hono().all('*', (context) => receiver.fetch(context.req.raw))
        return listening(serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server)
      },
    },
  ]

function opened(port: number, headers: Readonly<Record<string, string>>, method = 'POST'): ClientRequest {
  return httpRequest({ port, host: '127.0.0.1', method, path: '/api/hook', headers, agent: false })
}

async function answerOf(request: ClientRequest): Promise<{ status: number; code: unknown; allow: unknown }> {
  const [response] = await once(request, 'response')
  const body = await text(response)
  const parsed: unknown = body === '' ? undefined : JSON.parse(body)
  const { error } = (parsed ?? {}) as { error?: { code: unknown } }
  return { status: response.statusCode, code: error?.code, allow: response.headers.allow }
}

async function sent(port: number, { headers, body }: SentWebhook, method?: string): Promise<unknown> {
  const request = opened(port, { ...headers, ...json }, method)
  request.end(body)
  return await answerOf(request)
}

describe.each(makes)('a receiver of Standard Webhooks in $name', ({ start }) => {
  it('accepts a genuine webhook and hands it over, once', async () => {
    const { receiver, onDelivery, onRefused, onError } = observed()
    await using server = await start(receiver)

    expect(await sent(server.port, genuine)).toMatchObject({ status: 204 })
    expect(onDelivery.mock.calls).toMatchObject([
      [{ id: 'msg_1', payload, matched: { secret: 0, version: 'v1' } }],
    ])
    expect(onRefused).not.toHaveBeenCalled()
    expect(onError).not.toHaveBeenCalled()
  })

  it('reads a body that comes slowly, in chunks that split its characters', async () => {
    const { receiver, onDelivery } = observed()
    await using server = await start(receiver)
    const request = opened(server.port, genuine.headers) // without Content-Length: chunked
    request.flushHeaders()

    for (const byte of Buffer.from(genuine.body)) {
      await new Promise<void>((resolve) => {
        request.write(Buffer.from([byte]), () => resolve())
      })
    }
    request.end()

    expect(await answerOf(request)).toMatchObject({ status: 204 })
    expect(onDelivery.mock.calls).toMatchObject([[{ payload }]])
  })

  it('accepts an empty body that is signed, and refuses one that is not', async () => {
    const { receiver, onDelivery } = observed()
    await using server = await start(receiver)

    expect(await sent(server.port, webhook({ body: '' }))).toMatchObject({ status: 204 })
    expect(onDelivery.mock.calls).toMatchObject([[{ payload: undefined }]])
    expect(await sent(server.port, { ...genuine, body: '' })).toMatchObject({ code: 'signature_mismatch' })
  })

  it('takes as many bytes as it is told, and not one more', async () => {
    const { receiver, onDelivery, onRefused } = observed({ maxBodyBytes: 100 })
    await using server = await start(receiver)
    const ofLength = (length: number): SentWebhook =>
      webhook({ body: JSON.stringify('x'.repeat(length - 2)) })

    expect(await sent(server.port, ofLength(100))).toMatchObject({ status: 204 })
    expect(await sent(server.port, ofLength(101))).toMatchObject({ status: 413, code: 'body_too_large' })
    expect(onDelivery).toHaveBeenCalledTimes(1)
    expect(onRefused.mock.calls).toMatchObject([[{ code: 'body_too_large', status: 413 }, {}]])
  })

  it('answers a body that is announced as too large without reading it', async () => {
    const { receiver } = observed({ maxBodyBytes: 100 })
    await using server = await start(receiver)
    const request = opened(server.port, { ...genuine.headers, 'content-length': '101' })
    request.flushHeaders()

    expect(await answerOf(request)).toMatchObject({ status: 413, code: 'body_too_large' })
    request.destroy()
  })

  it('answers an endless body as soon as it is too large', async () => {
    const { receiver } = observed({ maxBodyBytes: 100 })
    await using server = await start(receiver)
    const request = opened(server.port, genuine.headers)
    request.write('x'.repeat(101)) // and no end

    expect(await answerOf(request)).toMatchObject({ status: 413, code: 'body_too_large' })
    request.destroy()
  })

  it('refuses a body whose sender goes away, and nothing is left over', async () => {
    const { receiver, onDelivery, onRefused, onError } = observed()
    await using server = await start(receiver)
    const request = opened(server.port, { ...genuine.headers, 'content-length': '1000' })
    request.on('error', () => {})
    request.write('x'.repeat(10), () => request.destroy())

    await vi.waitFor(() => expect(onRefused).toHaveBeenCalledTimes(1), 5000)
    expect(onRefused.mock.calls).toMatchObject([[{ code: 'body_incomplete' }, {}]])
    expect(onDelivery).not.toHaveBeenCalled()
    expect(onError).not.toHaveBeenCalled()
    expect(await sent(server.port, genuine)).toMatchObject({ status: 204 })
  })

  it.each(['GET', 'PUT'])('answers %s with 405 and what is allowed', async (method) => {
    const { receiver, onDelivery, onRefused } = observed()
    await using server = await start(receiver)

    expect(await sent(server.port, { ...genuine, body: '' }, method)).toEqual({
      status: 405,
      code: 'method_not_allowed',
      allow: 'POST',
    })
    expect(onDelivery).not.toHaveBeenCalled()
    expect(onRefused).not.toHaveBeenCalled()
  })

  it('refuses a wrong signature and one that is missing', async () => {
    const { receiver, onRefused } = observed()
    await using server = await start(receiver)

    expect(await sent(server.port, { ...genuine, body: '{}' })).toMatchObject({
      status: 401,
      code: 'signature_mismatch',
    })
    const { 'webhook-signature': _signature, ...headers } = genuine.headers
    expect(await sent(server.port, { ...genuine, headers: headers as SentWebhook['headers'] })).toMatchObject(
      {
        status: 401,
        code: 'webhook_signature_missing',
      },
    )
    expect(onRefused).toHaveBeenCalledTimes(2)
  })

  it('acknowledges what was seen, and hands it over no more', async () => {
    const { receiver, onDelivery } = observed({ seen: async (id) => id === 'msg_1' })
    await using server = await start(receiver)

    expect(await sent(server.port, genuine)).toMatchObject({ status: 200 })
    expect(onDelivery).not.toHaveBeenCalled()
    expect(await sent(server.port, webhook({ id: 'msg_2' }))).toMatchObject({ status: 204 })
  })
})

describe('a receiver of Standard Webhooks', () => {
  it.each([
    ['express.json()', express.json()],
    [
      'a middleware that reads the body',
      (async (request, _response, next) => {
        await text(request)
        next()
      }) satisfies RequestHandler,
    ],
  ])('tells the framework when %s ran before', async (_what, parser) => {
    const { receiver, onRefused, onError } = observed()
    const heard = vi.fn<(error: unknown) => void>()
    const teapot: ErrorRequestHandler = (error, _request, response, _next) => {
      heard(error)
      response.status(418).json({})
    }
    await using server = await listening(createServer(express().use(parser, receiver.node, teapot)))

    expect(await sent(server.port, genuine)).toMatchObject({ status: 418 })
    expect(heard.mock.calls).toMatchObject([[{ code: 'body_consumed', status: 500 }]])
    expect(onRefused).not.toHaveBeenCalled()
    expect(onError).not.toHaveBeenCalled()
  })

  it.each([
    ['the raw request', false],
    ["Fastify's own request", true],
  ])("answers 500 and says so behind Fastify's parser, with %s", async (_what, own) => {
    const { receiver, onError } = observed()
    const app = fastify()
    app.post('/api/hook', async (request, reply) => {
      reply.hijack()
      await receiver.node(own ? request : request.raw, reply.raw)
    })
    await app.ready()
    await using server = await listening(app.server)

    expect(await sent(server.port, genuine)).toMatchObject({ status: 500, code: 'body_consumed' })
    expect(onError.mock.calls).toMatchObject([[{ code: 'body_consumed' }]])
  })

  it('takes the bytes that Fastify read, when its parser leaves them as they are', async () => {
    const { receiver } = observed()
    const app = fastify()
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
      done(null, body)
    })
    app.post('/api/hook', async (request, reply) => {
      reply.hijack()
      await receiver.node(request, reply.raw)
    })
    await app.ready()
    await using server = await listening(app.server)

    expect(await sent(server.port, genuine)).toMatchObject({ status: 204 })
  })

  it('takes the bytes that express.raw() read, within its own limit', async () => {
    const { receiver } = observed({ maxBodyBytes: 200 })
    const app = express().use(express.raw({ type: '*/*' }), receiver.node)
    await using server = await listening(createServer(app))

    expect(await sent(server.port, genuine)).toMatchObject({ status: 204 })
    expect(await sent(server.port, webhook({ body: JSON.stringify('x'.repeat(300)) }))).toMatchObject({
      status: 413,
    })
  })

  it('reads the stream where a parser has left an empty object, as Express 4 does', async () => {
    const { receiver } = observed()
    const pretend: RequestHandler = (request, _response, next) => {
      request.body = {}
      next()
    }
    await using server = await listening(createServer(express().use(pretend, receiver.node)))

    expect(await sent(server.port, genuine)).toMatchObject({ status: 204 })
  })

  it('says that the body is gone when a Fetch request was read before', async () => {
    const { receiver, onError } = observed()
    const request = new Request('http://127.0.0.1/', { method: 'POST', ...genuine })
    await request.text()
    const locked = new Request('http://127.0.0.1/', { method: 'POST', ...genuine })
    const reader = locked.body?.getReader()

    for (const consumed of [request, locked]) {
      const answer = await receiver.fetch(consumed)
      expect(answer.status).toBe(500)
      expect(await answer.json()).toMatchObject({ error: { code: 'body_consumed' } })
    }
    expect(onError).toHaveBeenCalledTimes(2)
    reader?.releaseLock()
  })

  it('stops reading a Fetch body that is too large, and refuses one that breaks', async () => {
    const { receiver, onRefused } = observed({ maxBodyBytes: 100 })
    const cancelled = vi.fn<() => void>()
    let pulls = 0
    const endless = new ReadableStream({
      pull(controller) {
        pulls += 1
        controller.enqueue(new Uint8Array(60))
      },
      cancel: cancelled,
    })
    const broken = new ReadableStream({
      pull(controller) {
        controller.error(new Error('gone'))
      },
    })
    const post = (body: ReadableStream): Promise<Response> =>
      receiver.fetch(
        new Request('http://127.0.0.1/', { method: 'POST', headers: genuine.headers, body, duplex: 'half' }),
      )

    expect((await post(endless)).status).toBe(413)
    expect(pulls).toBeLessThan(5)
    expect(cancelled).toHaveBeenCalledTimes(1)
    expect((await post(broken)).status).toBe(400)
    expect(onRefused.mock.calls).toMatchObject([
      [{ code: 'body_too_large' }, {}],
      [{ code: 'body_incomplete' }, {}],
    ])
  })

  it('closes the connection of a body that is too large', async () => {
    const { receiver } = observed({ maxBodyBytes: 100 })
    await using server = await listening(createServer(receiver.node))
    const socket = connect(server.port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n')

    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1\.1 413 /u)
    expect(answer.toLowerCase()).toContain('connection: close')
  })

  it('answers 500 when `onDelivery` fails, and keeps the reason to itself', async () => {
    const failure = new Error('the cache is gone')
    const { receiver, onError } = observed({ onDelivery: () => Promise.reject(failure) })
    await using server = await listening(createServer(receiver.node))

    expect(await sent(server.port, genuine)).toMatchObject({ status: 500, code: 'receiver_failed' })
    expect(onError.mock.calls).toEqual([[failure]])
  })

  it.each([0, -1, 1.5, 16 * 1024 * 1024 + 1, Number.NaN, '1mb'])('refuses a limit of %s', (maxBodyBytes) => {
    expect(() => observed({ maxBodyBytes: maxBodyBytes as number })).toThrow(
      expect.objectContaining({ code: 'option_invalid', option: 'maxBodyBytes' }),
    )
  })
})
