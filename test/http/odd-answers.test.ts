import { describe, expect, it } from 'vitest'
import { gotTransport } from '../../src/http/got-transport.ts'
import type { ConnectionPolicy, Exchange } from '../../src/http/transport.ts'
import { undiciTransport } from '../../src/http/undici-transport.ts'
import { startFaultProxy } from '../../src/testing/index.ts'
import { guardOf } from '../../src/testing/transport/guards.ts'
import { startTcp } from '../loopback.ts'

const policy: ConnectionPolicy = { guard: guardOf() }

/** Answers each request with these bytes, and keeps the connection open. */
const answering = (bytes: string): ReturnType<typeof startTcp> =>
  startTcp((socket) => socket.on('data', () => socket.write(bytes, 'latin1')))

describe.each([
  ['gotTransport', gotTransport],
  ['undiciTransport', undiciTransport],
])('%s', (_, create) => {
  async function sendEach(url: string, times = 1): Promise<readonly Exchange[]> {
    const transport = create()
    try {
      const exchanges: Exchange[] = []
      while (exchanges.length < times) {
        const { signal } = new AbortController()
        const request = { method: 'POST', url, headers: {}, deadlineMs: 2000, connection: policy } as const
        exchanges.push(await transport.send({ ...request, signal }))
      }
      return exchanges
    } finally {
      transport.close()
    }
  }

  it('takes a 204 whose receiver sends a body after all, each time over a new connection', async () => {
    await using proxy = await startFaultProxy({ fault: 'no-content-with-body' })
    const right = { kind: 'answer', status: 204, body: new Uint8Array() }
    expect(await sendEach(proxy.url, 3)).toMatchObject([right, right, right])
    expect(proxy.connections).toBe(3)
  })

  it.each([
    ['with a length', 'Content-Length: 2\r\n\r\nok'],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
  ])('takes an answer %s that is followed by what is none', async (_, rest) => {
    await using server = await answering(`HTTP/1.1 200 OK\r\n${rest}\0garbage`)
    const [exchange] = await sendEach(server.origin)
    expect(exchange).toMatchObject({ kind: 'answer', status: 200, body: new Uint8Array(Buffer.from('ok')) })
  })

  it('never takes a second answer for that of the next request', async () => {
    await using proxy = await startFaultProxy({ fault: 'two-answers' })
    const right = { kind: 'answer', status: 200 }
    expect(await sendEach(proxy.url, 3)).toMatchObject([right, right, right])
  })

  it.each([
    ['not-http', '220 smtp.example.com ESMTP\r\n'],
    ['not-http', '\0\0\0'],
    ['malformed-status-line', 'HTTP/1.1 banana\r\n\r\n'],
    ['malformed-line-ends', 'HTTP/1.1 200 OK\n\n'],
    ['malformed-header', 'HTTP/1.1 200 OK\r\nX\r\n\r\n'],
    ['folded-header', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n'],
    ['malformed-length', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n'],
    ['malformed-chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
    ['headers-too-long', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(70_000)}\r\n\r\n`],
    ['unasked-protocol', 'HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
    ['too-many-interim-answers', 'HTTP/1.1 103 X\r\n\r\n'.repeat(21)],
  ])('says what of an answer is not HTTP: %s', async (malformed, bytes) => {
    await using server = await answering(bytes)
    const [exchange] = await sendEach(server.origin)
    expect(exchange).toMatchObject({ kind: 'failure', cause: 'protocol', opened: true, malformed })
  })

  it.each(['endless-chunk-extension', 'huge-status-line'] as const)(
    'does not read on for %s, which is no body',
    async (fault) => {
      await using proxy = await startFaultProxy({ fault })
      const [exchange] = await sendEach(proxy.url)
      expect(exchange).toMatchObject({ kind: 'failure', cause: 'protocol', opened: true })
      await expect.poll(() => proxy.open).toBe(0)
    },
  )

  it('reads on for an answer in the smallest of chunks', async () => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
    await using server = await answering(`${head}${'1\r\nx\r\n'.repeat(60_000)}0\r\n\r\n`)
    expect(await sendEach(server.origin)).toMatchObject([{ kind: 'answer', status: 200 }])
  })

  it('reads on for as many and as long interim answers as are taken', async () => {
    const hint = `HTTP/1.1 103 Early Hints\r\nLink: <${'x'.repeat(15_000)}>\r\n\r\n`
    await using server = await answering(`${hint.repeat(20)}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`)
    expect(await sendEach(server.origin)).toMatchObject([{ kind: 'answer', status: 200 }])
  })
})
