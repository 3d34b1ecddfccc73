import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import https from 'node:https'
import net from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { createEgressGuard } from '../../src/http/egress.ts'
import { gotTransport } from '../../src/http/got-transport.ts'
import type { ConnectionPolicy, Exchange, Transport, TransportRequest } from '../../src/http/transport.ts'
import { undiciTransport } from '../../src/http/undici-transport.ts'
import { guardOf, lookUpHangs } from '../../src/testing/transport/guards.ts'
import { listening, startHttp } from '../loopback.ts'

const policy: ConnectionPolicy = { guard: guardOf() }

function send(transport: Transport, url: string, given: Partial<TransportRequest> = {}): Promise<Exchange> {
  return transport.send({
    method: 'POST',
    url,
    headers: {},
    deadlineMs: 5000,
    connection: policy,
    signal: new AbortController().signal,
    ...given,
  })
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function certificate(): { readonly cert: string; readonly key: string } {
  const read = (name: string): string =>
    readFileSync(new URL(`../fixtures/localhost.${name}`, import.meta.url), 'utf8')
  return { cert: read('crt'), key: read('key') }
}

// What is promised beyond what every transport does, which the conformance suite holds.
describe.each([
  ['gotTransport', gotTransport],
  ['undiciTransport', undiciTransport],
])('%s', (_, create) => {
  it('shares no connection with another of its kind', async () => {
    await using server = await startHttp((_request, response) => response.end('ok'))
    for (const transport of [create(), create()]) {
      await send(transport, server.origin)
      transport.close()
    }
    expect(server.connections).toBe(2)
  })

  it('opens so many connections to a host, and sends the rest in the order they came', async () => {
    const order: (string | undefined)[] = []
    await using server = await startHttp((request, response) => {
      order.push(request.url)
      setImmediate(() => response.end('ok'))
    })
    const paths = Array.from({ length: 20 }, (_, index) => `/${index}`)
    for (const socketsPerHost of [1, 3]) {
      const before = server.connections
      const transport = create({ socketsPerHost })
      const exchanges = await Promise.all(paths.map((path) => send(transport, server.origin + path)))
      expect(exchanges.every(({ kind }) => kind === 'answer')).toBe(true)
      expect(server.connections - before).toBe(socketsPerHost)
      transport.close()
    }
    expect(order.slice(0, 20)).toEqual(paths)
  })

  it('counts those that are being opened, and keeps the deadline of those that wait', async () => {
    let opened = 0
    const guard = guardOf({
      lookup: lookUpHangs,
      refusesUrl: () => {
        opened += 1
        return undefined
      },
    })
    const transport = create({ socketsPerHost: 1 })
    const connection = { guard }
    const first = send(transport, 'http://hangs.test/a', { connection })
    const waiting = Array.from({ length: 3 }, () =>
      send(transport, 'http://hangs.test/b', { connection, deadlineMs: 50 }),
    )
    for (const exchange of await Promise.all(waiting))
      expect(exchange).toMatchObject({ cause: 'timeout', opened: false })
    expect(opened).toBe(1)
    transport.close()
    expect(await first).toMatchObject({ cause: 'aborted', opened: false })
  })

  it('goes on when those that waited longest gave up', async () => {
    await using server = await startHttp((_request, response) => response.end('ok'))
    const transport = create({ socketsPerHost: 1 })
    const controller = new AbortController()
    const given = Array.from({ length: 5 }, () =>
      send(transport, server.origin, { signal: controller.signal }),
    )
    const last = send(transport, server.origin)
    controller.abort()
    expect(await Promise.all(given)).toMatchObject(given.map(() => ({ cause: 'aborted' })))
    expect(await last).toMatchObject({ kind: 'answer' })
    transport.close()
  })

  it('looks a name up once for all that want it at the time', async () => {
    await using server = await startHttp((_request, response) => response.end('ok'))
    let lookUps = 0
    const guard = guardOf({
      lookup: (_name, _options, callback) => {
        lookUps += 1
        setImmediate(() => callback(null, [{ address: '127.0.0.1', family: 4 }]))
      },
    })
    const transport = create()
    const url = `http://receiver.test:${server.port}/`
    const sent = Array.from({ length: 5 }, () => send(transport, url, { connection: { guard } }))
    for (const exchange of await Promise.all(sent)) expect(exchange).toMatchObject({ kind: 'answer' })
    expect(lookUps).toBe(1)
    expect(server.connections).toBe(5)
    transport.close()
  })

  it('sends in no context of who asks for it, and leaves everybody in his own', async () => {
    await using server = await startHttp((_request, response) => response.end('ok'))
    const store = new AsyncLocalStorage<string>()
    const heard: unknown[] = []
    const hear = (_message: unknown, name: string | symbol): void => void heard.push([name, store.getStore()])
    const channels = [
      'http.client.request.start',
      'http.client.response.finish',
      'undici:request:create',
      'undici:request:headers',
    ]
    for (const name of channels) subscribe(name, hear)
    // One place: the second waits for it, and goes over the connection of the first.
    const transport = create({ socketsPerHost: 1 })
    const sending = ['first', 'second'].map((name) =>
      store.run(name, async () => {
        await send(transport, server.origin)
        return store.getStore()
      }),
    )
    expect(await Promise.all(sending)).toEqual(['first', 'second'])
    for (const name of channels) unsubscribe(name, hear)
    transport.close()

    expect(server.connections).toBe(1)
    expect(heard).toHaveLength(4)
    for (const each of heard) expect(each).toEqual([expect.any(String), undefined])
  })

  it('does not use a connection for longer than the receiver keeps it', async () => {
    await using server = await startHttp((_request, response) =>
      response.setHeader('keep-alive', 'timeout=1').end('ok'),
    )
    const transport = create()
    await send(transport, server.origin)
    await send(transport, server.origin)
    expect(server.connections).toBe(2)
    transport.close()
  })

  it('trusts the authorities of the process when the policy names none', async () => {
    const { cert, key } = certificate()
    await using server = await listening(
      https.createServer({ cert, key }, (_request, response) => response.end('ok')),
      'https',
    )
    const transport = create()
    const before = getCACertificates('default')
    expect(await send(transport, server.origin)).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    setDefaultCACertificates([...before, cert])
    try {
      expect(await send(transport, server.origin)).toMatchObject({ kind: 'answer', status: 200 })
    } finally {
      setDefaultCACertificates(before)
    }
    transport.close()
  })

  it('gives an answer that came before a reset, whatever of the body was not sent', async () => {
    const large = 'x'.repeat(8_000_000)
    const answer = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\n\r\nlarge'
    await using server = await listening(
      net.createServer((socket) => {
        socket.on('error', () => undefined)
        socket.once('data', () => socket.pause().write(answer, () => socket.resetAndDestroy()))
      }),
    )
    const transport = create()
    for (let count = 0; count < 20; count++) {
      const exchange = await send(transport, server.origin, { body: large })
      expect(exchange).toMatchObject({ kind: 'answer', status: 413, body: bytesOf('large') })
    }
    transport.close()
  })

  it('sends bodies over TLS, and nothing else over a connection that holds the rest of one', async () => {
    const { cert, key } = certificate()
    const lengths: number[] = []
    await using server = await listening(
      https.createServer({ cert, key }, (request, response) => {
        if (request.url === '/unread') {
          request.pause()
          response.end('unread')
          return
        }
        let length = 0
        request.on('data', (data: Buffer) => (length += data.byteLength))
        request.on('end', () => lengths.push(length) && response.end('read'))
      }),
      'https',
    )
    const connection: ConnectionPolicy = { guard: guardOf(), tls: { ca: cert } }
    const transport = create()
    const body = '\u20ac'.repeat(4_000_000)
    for (const path of ['/', '/unread', '/', '/'])
      expect(await send(transport, `${server.origin}${path}`, { body, connection })).toMatchObject({
        kind: 'answer',
        body: bytesOf(path === '/' ? 'read' : 'unread'),
      })
    expect(lengths).toEqual([12_000_000, 12_000_000, 12_000_000])
    expect(server.connections).toBe(2)
    transport.close()
  })

  it.each([
    ['ftp://example.com/', 'blocked', 'EGRESS_SCHEME'],
    ['wss://127.0.0.1/', 'blocked', 'EGRESS_SCHEME'],
    ['unix:/var/run/docker.sock', 'blocked', 'EGRESS_SCHEME'],
    ['blob:https://127.0.0.1/x', 'blocked', 'EGRESS_SCHEME'],
    ['javascript:alert(1)', 'blocked', 'EGRESS_SCHEME'],
    ['http:127.0.0.1', 'blocked', 'EGRESS_LOOPBACK'],
    ['http:/127.0.0.1', 'blocked', 'EGRESS_LOOPBACK'],
    ['http://', 'protocol', 'ERR_INVALID_URL'],
  ])('shows the guard %s as it is, and does not reject', async (url, cause, code) => {
    const transport = create()
    const exchange = await send(transport, url, { connection: { guard: createEgressGuard() } })
    expect(exchange).toMatchObject({ kind: 'failure', cause, code, opened: false })
    transport.close()
  })

  it('knows no scheme but http and https, whatever the guard says', async () => {
    const transport = create()
    for (const url of ['ftp://127.0.0.1/', 'blob:https://127.0.0.1/x', 'data:,x'])
      expect(await send(transport, url)).toMatchObject({
        cause: 'protocol',
        code: 'ERR_UNSUPPORTED_PROTOCOL',
        opened: false,
      })
    transport.close()
  })

  it.each([0, -1, 1.5, Number.NaN, '2'])('does not take %j sockets per host', (socketsPerHost) => {
    expect(() => create({ socketsPerHost: socketsPerHost as number })).toThrow(
      /^socketsPerHost: Expected a whole number of 1 or more, got (?:the number .*|a string of length 1): /u,
    )
  })
})
