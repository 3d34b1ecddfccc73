import { once } from 'node:events'
import http from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createDispatcher, messageOfCode, type Attempt, type DispatcherOptions } from '../../src/index.ts'
import { undiciTransport } from '../../src/http/undici-transport.ts'
import { listening, startHttp, type Loopback } from '../loopback.ts'
import { newLog, release, secret } from './started.ts'

interface Proxy extends Loopback {
  /** What was asked of it: `CONNECT host:443`, `POST http://host/path`. */
  readonly asked: string[]
}

/** A proxy that answers whatever it is asked with this status, and says that it is its own word. */
async function startProxy(status: number): Promise<Proxy> {
  const asked: string[] = []
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.writeHead(status, { 'x-squid-error': 'ERR_OF_THE_TEST 0' }).end()
  })
  server.on('connect', ({ url }, socket: Socket) => {
    asked.push(`CONNECT ${url}`)
    socket.on('error', () => socket.destroy()).end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)
  })
  return Object.assign(await listening(server), { asked })
}

/** Dispatches so many releases, and waits until all deliveries are final. */
async function dispatched(options: Partial<DispatcherOptions>, releases = 1) {
  const log = newLog()
  const errors: string[] = []
  const logger = {
    ...log,
    error(message: string, fields?: object) {
      errors.push(message)
      log.error(message, fields)
    },
  }
  const attempts: Attempt[] = []
  const dispatcher = createDispatcher({
    hooks: [],
    secret,
    logger,
    retry: {
      delaysMs: Array.from({ length: 9 }, () => 0),
      connect: { retries: 0, minTimeout: 1, maxTimeout: 1, factor: 1 },
    },
    ...options,
  })
  dispatcher.on('attempt', ({ attempt }) => attempts.push(attempt))
  const deliveries = []
  for (let version = 1; version <= releases; version += 1)
    deliveries.push(...(await (await dispatcher.dispatch({ ...release, version })).settled()))
  const hooks = dispatcher.hooks()
  await dispatcher.close()
  return { attempts, deliveries, hooks, logger, errors }
}

const kinds = [
  ['an https hook', 'https://receiver.example/', 'CONNECT receiver.example:443'],
  ['an http hook', 'http://receiver.example/', 'POST http://receiver.example/'],
] as const

describe.each(kinds)('a proxy before %s', (_, url, asks) => {
  it.each([503])(
    'that answers %i uses up the attempts, is no fault of the hook, and is heard of',
    async (status) => {
      await using proxy = await startProxy(status)
      const { attempts, deliveries, hooks, logger, errors } = await dispatched(
        { hooks: [url], egress: { proxy: proxy.origin } },
        5,
      )
      expect(attempts).toHaveLength(50)
      expect(proxy.asked).toHaveLength(50)
      for (const each of proxy.asked) expect(each).toContain(asks)
      for (const delivery of deliveries)
        expect(delivery).toMatchObject({
          state: 'dead',
          attempts: 10,
          outcome: { reason: 'proxy', verdict: 'exhausted' },
        })
      expect(hooks[0]).toMatchObject({ breaker: { state: 'closed', attempts: 0 } })
      expect(hooks[0]).not.toHaveProperty('failingSince')
      const heard = logger.lines.filter((line) => line.includes(messageOfCode(`PROXY_${status}`) ?? ''))
      expect(heard.length).toBeGreaterThan(0)
      expect(errors).toHaveLength(3) // a minute
    },
  )

  it.each([403, 407, 410])('that answers %i ends a delivery after three, and is heard of', async (status) => {
    await using proxy = await startProxy(status)
    const { attempts, deliveries, hooks, logger, errors } = await dispatched({
      hooks: [url],
      egress: { proxy: proxy.origin },
    })
    expect(attempts.map(({ code }) => code)).toEqual(Array.from({ length: 3 }, () => `PROXY_${status}`))
    expect(deliveries).toMatchObject([
      { state: 'dead', attempts: 3, outcome: { reason: 'proxy', verdict: 'refused' } },
    ])
    expect(hooks[0]).toMatchObject({ breaker: { state: 'closed', attempts: 0 } })
    expect(hooks[0]).not.toHaveProperty('disabled')
    const message = messageOfCode(`PROXY_${status}`) ?? ''
    expect(errors).toEqual([message, message, message])
    expect(
      logger.lines.filter((line) => line.includes('A delivery is dead') && line.includes(message)),
    ).toHaveLength(1)
  })

  it('that cannot be reached uses up the attempts too', async () => {
    const { port } = await startProxy(200)
    await using gone = await startProxy(200)
    const origin = gone.origin
    await gone[Symbol.asyncDispose]()
    expect(port).not.toBe(gone.port)
    const { attempts, deliveries, logger } = await dispatched({ hooks: [url], egress: { proxy: origin } })
    expect(attempts).toHaveLength(10)
    expect(deliveries).toMatchObject([{ outcome: { reason: 'proxy', verdict: 'exhausted' } }])
    expect(logger.lines.join()).toContain('The proxy could not be reached')
  })
})

describe('the proxy of a hook', () => {
  it.each([
    ['gotTransport', undefined],
    ['undiciTransport', undiciTransport],
  ])('is its own, or none, or that of all: %s', async (_, create) => {
    await using receiver = await startHttp((_request, response) => response.end('ok'))
    const direct: string[] = []
    await using bypassed = await startHttp((request, response) => {
      direct.push(request.url ?? '')
      response.end('ok')
    })
    await using common = await startProxy(403)
    await using own = await startProxy(403)
    await dispatched({
      ...(create === undefined ? {} : { transport: create() }),
      hooks: [
        { url: 'http://a.example/common' },
        { url: 'http://b.example/own', proxy: own.origin },
        { url: `${receiver.origin}/none`, proxy: false },
        { url: `${bypassed.origin}/bypassed` },
        { url: `http://127.0.0.1:${bypassed.port}/own-all-the-same`, proxy: own.origin },
      ],
      egress: { allow: ['127.0.0.1'], proxy: common.origin, noProxy: [`127.0.0.1:${bypassed.port}`] },
      retry: { delaysMs: [] },
    })
    const paths = (asked: readonly string[]): string[] =>
      asked.map((each) => new URL(each.split(' ')[1] ?? '').pathname)
    expect(paths(common.asked)).toEqual(['/common'])
    expect(paths(own.asked).toSorted()).toEqual(['/own', '/own-all-the-same'])
    expect(receiver.connections).toBe(1)
    expect(direct).toMatchObject([expect.stringMatching(/^\/bypassed\?/u)])
  })

  it('opens no way to what the guard refuses, whether it is used or not', async () => {
    await using receiver = await startHttp((_request, response) => response.end('ok'))
    await using proxy = await startProxy(200)
    const inside = `http://127.0.0.1:${receiver.port}/`
    const { deliveries } = await dispatched({
      hooks: [
        { url: inside, id: 'through', proxy: proxy.origin },
        { url: inside, id: 'none', proxy: false },
        { url: inside, id: 'bypassed' },
        { url: `http://inside.example:${receiver.port}/`, id: 'name' },
      ],
      egress: {
        proxy: proxy.origin,
        noProxy: ['*'],
        lookup: (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
      },
    })
    for (const { outcome } of deliveries) expect(outcome).toMatchObject({ verdict: 'blocked' })
    expect(receiver.connections).toBe(0)
    expect(proxy.asked).toEqual([])
  })

  it.each([
    [{ proxy: 'socks5://user:s3cret@proxy:1080' }, 'hooks[0].proxy'],
    [{ proxy: '' }, 'hooks[0].proxy'],
  ])('%j is refused as %s', (options, option) => {
    const hooks = [{ url: 'https://a.example/', ...options }] as DispatcherOptions['hooks']
    let error: unknown
    try {
      createDispatcher({ hooks, secret })
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'option_invalid', option })
    expect(String(error)).not.toContain('s3cret')
  })

  it('has its credentials masked in what receivers answer', async () => {
    await using receiver = await startHttp((_request, response) =>
      response.end('you came by us3r of pr0xy-s3cret'),
    )
    const target = new URL(receiver.origin)
    const server = http.createServer((request, response) => {
      const asked = http.request(
        { host: target.hostname, port: target.port, method: request.method },
        (answer) => {
          response.writeHead(answer.statusCode ?? 500)
          answer.pipe(response)
        },
      )
      asked.end()
    })
    await using proxy = await listening(server)
    const { attempts } = await dispatched({
      hooks: [{ url: 'http://a.example/', proxy: proxy.origin.replace('//', '//us3r:pr0xy-s3cret@') }],
    })
    expect(attempts).toHaveLength(1)
    expect(attempts[0]?.excerpt).toContain('you came by')
    expect(attempts[0]?.excerpt).not.toContain('pr0xy-s3cret')
  })
})

describe('a receiver that speaks HTTP/2 alone', () => {
  it('is said to, at once and when its deliveries die', async () => {
    const { createServer } = await import('node:http2')
    const server = createServer((_request, response) => response.end('ok'))
    server.on('sessionError', () => undefined)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const { attempts, logger } = await dispatched({
      hooks: [`http://127.0.0.1:${port}/`],
      egress: { allow: ['127.0.0.1'] },
    })
    server.close()
    expect(attempts[0]).toMatchObject({ code: 'HTTP2_ONLY', outcome: { reason: 'protocol' } })
    const said = logger.lines.filter((line) => line.includes('The receiver speaks HTTP/2 alone'))
    expect(said).toHaveLength(4) // three of ten attempts, in a minute, and the end
  })
})
