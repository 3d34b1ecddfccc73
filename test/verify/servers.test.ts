import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import express, { type ErrorRequestHandler } from 'express'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import { describe, expect, it, vi } from 'vitest'
import type { HookVerificationError } from '../../src/errors.ts'
import type { Receiver } from '../../src/verify/handler.ts'
import { createReceiver, type ReceiverOptions } from '../../src/verify/receiver.ts'
import type { RequestLike } from '../../src/verify/request.ts'
import { createVerifier } from '../../src/verify/verifier.ts'
import type { VerifiedHook } from '../../src/verify/result.ts'
import { delivery, release, secret, type SentRequest } from './delivery.ts'
import { serverMakes, type WireRequest } from './server-makes.ts'

const url = 'https://hooks.example.com/api/hooks/deploy?token=abc'
const verifier = createVerifier({ url, secret })
const genuine = delivery({ url })
const wrong = delivery({ url, secret: 'another' })

/** A request as its sender writes it, with these Authorization values. */
function wire(request: SentRequest, ...authorization: readonly string[]): WireRequest {
  return {
    method: request.method,
    url: request.url,
    headers: authorization.flatMap((value) => ['Authorization', value]),
  }
}

/** A receiver, and everything that it was told. */
function observed(options: Partial<ReceiverOptions> = {}) {
  const onRelease = vi.fn<(hook: VerifiedHook) => void>()
  const onRefused = vi.fn<(error: HookVerificationError, request: RequestLike) => void>()
  const onError = vi.fn<(error: unknown) => void>()
  const receiver = createReceiver({ verifier, onRelease, onRefused, onError, ...options })
  return { receiver, onRelease, onRefused, onError }
}

/** What node:http answers to the bytes of a request. */
async function answerTo(receiver: Receiver, ...head: readonly string[]): Promise<string> {
  await using server = createServer(receiver.node).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect(portOf(server), '127.0.0.1')
  socket.end([...head, 'Content-Length: 0', 'Connection: close', '\r\n'].join('\r\n'))
  return await text(socket)
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

describe.each(serverMakes)('a receiver in $name', ({ answersFailures, start }) => {
  it('accepts a genuine delivery and hands over its release, once', async () => {
    const { receiver, onRelease, onRefused, onError } = observed()
    await using server = await start(receiver)

    const answer = await server.send(wire(genuine, genuine.headers.authorization))

    expect(answer).toMatchObject({ status: 204, body: '' })
    expect(onRelease.mock.calls).toEqual([
      [
        {
          release,
          key: genuine.headers.authorization,
          digest: genuine.headers.authorization,
          matched: { secret: 0, url: 0, form: 'wire' },
        },
      ],
    ])
    expect(onRefused).not.toHaveBeenCalled()
    expect(onError).not.toHaveBeenCalled()
  })

  it.each([
    ['a wrong signature', 401, 'signature_mismatch', wire(genuine, wrong.headers.authorization)],
    [
      'a changed query',
      401,
      'signature_mismatch',
      wire({ ...genuine, url: `${genuine.url}x` }, genuine.headers.authorization),
    ],
    ['no signature', 401, 'authorization_missing', wire(genuine)],
    [
      'no query',
      400,
      'query_missing',
      wire({ ...genuine, url: '/api/hooks/deploy' }, genuine.headers.authorization),
    ],
    ['Basic credentials', 401, 'authorization_malformed', wire(genuine, 'Basic Ym9iOnB3')],
    [
      'the signature twice',
      400,
      'authorization_repeated',
      wire(genuine, genuine.headers.authorization, genuine.headers.authorization),
    ],
    [
      'another Authorization header behind it',
      400,
      'authorization_repeated',
      wire(genuine, genuine.headers.authorization, 'Basic Ym9iOnB3'),
    ],
    [
      'another Authorization header before it',
      400,
      'authorization_repeated',
      wire(genuine, 'Basic Ym9iOnB3', genuine.headers.authorization),
    ],
  ])('refuses a delivery with %s', async (_what, status, expected, request) => {
    const { receiver, onRelease, onRefused } = observed()
    await using server = await start(receiver)

    const answer = await server.send(request)

    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/u)
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: expected } })
    expect(onRelease).not.toHaveBeenCalled()
    expect(onRefused.mock.calls).toMatchObject([[{ code: expected, status }, {}]])
  })

  it.each(['GET', 'PUT', 'DELETE'])('answers %s with 405 and what is allowed', async (method) => {
    const { receiver, onRelease, onRefused } = observed()
    await using server = await start(receiver)

    const answer = await server.send(wire({ ...genuine, method }, genuine.headers.authorization))

    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('POST')
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'method_not_allowed' } })
    expect(onRelease).not.toHaveBeenCalled()
    expect(onRefused).not.toHaveBeenCalled()
  })

  it('answers 500 when `onRelease` fails, so that the delivery is sent again', async () => {
    const failure = new Error('the cache is gone')
    const { receiver, onError } = observed({ onRelease: () => Promise.reject(failure) })
    await using server = await start(receiver)

    const answer = await server.send(wire(genuine, genuine.headers.authorization))

    expect(answer.status).toBe(500)
    expect(onError.mock.calls).toEqual(answersFailures === 'receiver' ? [[failure]] : [])
  })

  it('acknowledges what was seen, and hands it over no more', async () => {
    const { receiver, onRelease } = observed({
      seen: async (key) => key === genuine.headers.authorization,
    })
    await using server = await start(receiver)

    expect(await server.send(wire(genuine, genuine.headers.authorization))).toMatchObject({
      status: 200,
      body: '',
    })
    expect(onRelease).not.toHaveBeenCalled()

    const another = delivery({ url, release: { ...release, version: 'v5' } })
    expect(await server.send(wire(another, another.headers.authorization))).toMatchObject({ status: 204 })
    expect(onRelease).toHaveBeenCalledTimes(1)
  })

  it('asks with the delivery’s id where it was sent, and hands it over', async () => {
    const handled = new Set<string>()
    const { receiver, onRelease } = observed({ seen: (key) => handled.has(key) })
    await using server = await start(receiver)
    const again = delivery({ url, again: 'dlv_2' })
    const send = async (request: SentRequest): Promise<number> =>
      (await server.send(wire(request, request.headers.authorization))).status
    onRelease.mockImplementation(({ key }) => void handled.add(key))

    expect([await send(genuine), await send(again), await send(genuine), await send(again)]).toEqual([
      204, 204, 200, 200,
    ])
    expect([...handled]).toEqual([genuine.headers.authorization, 'dlv_2'])
    expect(onRelease.mock.calls[1]).toMatchObject([{ release, delivery: 'dlv_2', key: 'dlv_2' }])
  })
})

describe('a receiver', () => {
  it('reads two Authorization headers from the bytes, of which Node keeps one', async () => {
    const answer = await answerTo(
      observed().receiver,
      `POST ${genuine.url} HTTP/1.1`,
      'Host: hooks.example.com',
      `authorization: ${genuine.headers.authorization}`,
      `AUTHORIZATION: ${'0'.repeat(64)}`,
    )

    expect(answer).toMatch(/^HTTP\/1\.1 400 /u)
    expect(answer).toContain('authorization_repeated')
  })

  it('takes an absolute URL in the request line, as proxies write it', async () => {
    const answer = await answerTo(
      observed().receiver,
      `POST http://somewhere.else${genuine.url} HTTP/1.1`,
      'Host: hooks.example.com',
      `Authorization: ${genuine.headers.authorization}`,
    )

    expect(answer).toMatch(/^HTTP\/1\.1 204 /u)
  })

  it('leaves a failure to the framework where there is one', async () => {
    const failure = new Error('the cache is gone')
    const { receiver, onError } = observed({ onRelease: () => Promise.reject(failure) })
    const heard = vi.fn<(error: unknown) => void>()
    const teapot: ErrorRequestHandler = (error, _request, response, _next) => {
      heard(error)
      response.status(418).end()
    }
    await using server = createServer(express().use(receiver.node).use(teapot)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const port = portOf(server)

    const answer = await fetch(`http://127.0.0.1:${port}${genuine.url}`, {
      method: 'POST',
      headers: genuine.headers,
    })

    expect(answer.status).toBe(418)
    expect(heard.mock.calls).toEqual([[failure]])
    expect(onError).not.toHaveBeenCalled()
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no disk')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no disk'))],
  ])('still refuses when `onRefused` %s', async (_how, onRefused) => {
    const { receiver, onError } = observed({ onRefused })

    const answer = await receiver.fetch(new Request(`http://127.0.0.1${genuine.url}`, { method: 'POST' }))

    expect(answer.status).toBe(401)
    expect(onError.mock.calls).toMatchObject([[{ message: 'no disk' }]])
  })

  it.each<[string, (error: unknown) => void]>([
    [
      'throws',
      () => {
        throw new Error('no log')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no log'))],
  ])('still answers when `onError` %s, and prints what that was', async (_how, onError) => {
    const printed = vi.spyOn(console, 'error').mockReturnValue()
    const { receiver } = observed({ onError, onRelease: () => Promise.reject(new Error('no disk')) })

    const answer = await receiver.fetch(new Request(`http://127.0.0.1${genuine.url}`, genuine))

    expect(answer.status).toBe(500)
    await vi.waitFor(() => expect(printed.mock.calls).toMatchObject([[{ message: 'no log' }]]))
    expect(
      await answerTo(
        receiver,
        `POST ${genuine.url} HTTP/1.1`,
        'Host: a',
        `Authorization: ${genuine.headers.authorization}`,
      ),
    ).toContain('500')
    printed.mockRestore()
  })

  it('answers 500 when `seen` fails, without handing the release over', async () => {
    const { receiver, onRelease, onError } = observed({ seen: () => Promise.reject(new Error('no disk')) })

    const answer = await receiver.fetch(new Request(`http://127.0.0.1${genuine.url}`, genuine))

    expect(answer.status).toBe(500)
    expect(await answer.json()).toMatchObject({ error: { code: 'receiver_failed' } })
    expect(onRelease).not.toHaveBeenCalled()
    expect(onError).toHaveBeenCalledTimes(1)
  })

  it('does not answer what another has answered while the release was handled', async () => {
    const { receiver, onRelease, onError } = observed()
    const handled = Promise.withResolvers<void>()
    await using server = createServer((request, response) => {
      response.writeHead(503).end()
      void receiver.node(request, response).then(handled.resolve, handled.reject)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const port = portOf(server)

    const answer = await fetch(`http://127.0.0.1:${port}${genuine.url}`, {
      method: 'POST',
      headers: genuine.headers,
    })
    await handled.promise

    expect(answer.status).toBe(503)
    expect(onRelease).toHaveBeenCalledTimes(1)
    expect(onError).not.toHaveBeenCalled()
  })

  it('hands `onRefused` the request as the server has it', async () => {
    const { receiver, onRefused } = observed()
    const request = new Request(`http://127.0.0.1${genuine.url}`, { method: 'POST' })

    await receiver.fetch(request)

    expect(onRefused.mock.calls[0]?.[1]).toBe(request)
  })
})

describe('a verifier', () => {
  it("verifies Fastify's request", async () => {
    const app = fastify()
    app.post('/api/hooks/deploy', (request) => verifier.verify(request).release)
    await using server = { app, [Symbol.asyncDispose]: () => app.close() }

    const answer = await server.app.inject({ method: 'POST', url: genuine.url, headers: genuine.headers })

    expect(answer.json()).toEqual(release)
  })

  it("verifies Express's request, in a router and behind its own query parser", async () => {
    const router = express.Router().post('/hooks/deploy', (request, response) => {
      response.json(verifier.verify(request).release)
    })
    await using server = createServer(express().set('query parser', 'extended').use('/api', router)).listen(
      0,
      '127.0.0.1',
    )
    await once(server, 'listening')
    const port = portOf(server)

    const answer = await fetch(`http://127.0.0.1:${port}${genuine.url}`, {
      method: 'POST',
      headers: genuine.headers,
    })

    expect(await answer.json()).toEqual(release)
  })

  it("verifies Hono's raw request", async () => {
    const app = new Hono().post('/api/hooks/deploy', (context) =>
      context.json(verifier.verify(context.req.raw).release),
    )

    const answer = await app.request(genuine.url, genuine)

    expect(await answer.json()).toEqual(release)
  })
})
