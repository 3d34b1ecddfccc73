import { lookup } from 'node:dns'
import { readFileSync } from 'node:fs'
import https from 'node:https'
import { setDefaultCACertificates, getCACertificates } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { gotTransport } from '../../src/http/got-transport.ts'
import { keptBytes, maxAnswerBytes, type Exchange, type Transport } from '../../src/http/transport.ts'
import { freePort, listening, startHttp, startTcp } from '../loopback.ts'

const transports: Transport[] = []
afterEach(() => {
  for (const transport of transports.splice(0)) transport.close()
})

interface Settings {
  readonly deadlineMs?: number
  readonly signal?: AbortSignal
  readonly headers?: Record<string, string>
  readonly transport?: Transport
}

const connection = {
  guard: { refusesUrl: () => undefined, refusesAddress: () => undefined, proxy: undefined, lookup },
}

function newTransport(): Transport {
  const transport = gotTransport()
  transports.push(transport)
  return transport
}

function send(
  url: string,
  { transport = newTransport(), headers = {}, ...settings }: Settings = {},
): Promise<Exchange> {
  const signal = settings.signal ?? new AbortController().signal
  return transport.send({
    method: 'POST',
    url,
    headers,
    deadlineMs: settings.deadlineMs ?? 5000,
    connection,
    signal,
  })
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

describe('a request', () => {
  it('goes out byte for byte, without a body and with nothing but the given headers', async () => {
    let received = ''
    await using server = await startTcp((socket) => {
      socket.on('data', (data) => {
        received += data.toString('latin1')
        if (received.endsWith('\r\n\r\n')) socket.end(ok)
      })
    })
    const target = '/a%2fb%41/|~?app=a~b&x=%7e+%20%27&y={}|%5E?z'
    await send(`${server.origin}${target}`, { headers: { authorization: 'abc123', 'user-agent': 'test' } })
    const [requestLine, ...headers] = received.split('\r\n')
    expect(requestLine).toBe(`POST ${target} HTTP/1.1`)
    expect(headers.toSorted()).toEqual(
      [
        'user-agent: test',
        'authorization: abc123',
        `Host: 127.0.0.1:${server.port}`,
        'Connection: keep-alive',
        'Content-Length: 0',
        '',
        '',
      ].toSorted(),
    )
  })

  it('keeps the connection alive, on agents of its own', async () => {
    await using server = await startHttp((_request, response) => response.end('ok'))
    const transport = newTransport()
    await send(server.origin, { transport })
    const again = await send(server.origin, { transport })
    expect(server.connections).toBe(1)
    expect(again.timings).not.toHaveProperty('connectMs')
    await send(server.origin, { transport: newTransport() })
    expect(server.connections).toBe(2)
  })

  it('does not follow a redirect', async () => {
    const paths: (string | undefined)[] = []
    await using server = await startHttp((request, response) => {
      paths.push(request.url)
      response.writeHead(307, { location: '/elsewhere' }).end()
    })
    expect(await send(`${server.origin}/here`)).toMatchObject({ kind: 'answer', status: 307 })
    expect(paths).toEqual(['/here'])
  })

  it('goes over TLS when the certificate is trusted', async () => {
    const cert = readFileSync(new URL('../fixtures/localhost.crt', import.meta.url), 'utf8')
    const key = readFileSync(new URL('../fixtures/localhost.key', import.meta.url), 'utf8')
    await using server = await listening(
      https.createServer({ cert, key }, (_request, response) => response.end('ok')),
      'https',
    )
    const untrusted = await send(server.origin)
    expect(untrusted).toMatchObject({
      kind: 'failure',
      cause: 'tls',
      opened: false,
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    })
    const before = getCACertificates('default')
    setDefaultCACertificates([...before, cert])
    try {
      expect(await send(server.origin)).toMatchObject({
        kind: 'answer',
        status: 200,
        timings: { tlsMs: expect.any(Number) as number },
      })
    } finally {
      setDefaultCACertificates(before)
    }
  })
})

describe('an answer', () => {
  it('comes with its status, Retry-After, body and timings', async () => {
    await using server = await startHttp((_request, response) =>
      response.writeHead(503, { 'retry-after': '7' }).end('busy'),
    )
    const exchange = await send(server.origin)
    expect(exchange).toMatchObject({ kind: 'answer', status: 503, headers: { 'retry-after': '7' } })
    expect(Buffer.from((exchange as { body: Uint8Array }).body).toString()).toBe('busy')
    expect(exchange.timings).toEqual({
      connectMs: expect.any(Number) as number,
      firstByteMs: expect.any(Number) as number,
      totalMs: expect.any(Number) as number,
    })
  })

  it.each([204, 205, 304])('%i without a body is complete', async (status) => {
    await using server = await startHttp((_request, response) => response.writeHead(status).end())
    expect(await send(server.origin)).toMatchObject({ kind: 'answer', status })
  })

  it('is read up to 64 KiB, of which 4 KiB are kept, and then cut off with its connection', async () => {
    let sent = 0
    const closed = Promise.withResolvers<void>()
    await using server = await startHttp((_request, response) => {
      const chunk = Buffer.alloc(16 * 1024, 'x')
      const write = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length
      }
      response.on('drain', write).on('close', () => closed.resolve())
      write()
    })
    const exchange = await send(server.origin)
    expect(exchange).toMatchObject({ kind: 'answer', status: 200 })
    expect((exchange as { body: Uint8Array }).body).toHaveLength(keptBytes)
    await closed.promise
    expect(sent).toBeGreaterThanOrEqual(maxAnswerBytes - 16 * 1024)
  })

  it('is not decompressed', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000))
    await using server = await startHttp((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bomb.length }).end(bomb)
    })
    const exchange = (await send(server.origin)) as { body: Uint8Array }
    expect(Buffer.from(exchange.body)).toEqual(bomb.subarray(0, keptBytes))
  })
})

describe('the one deadline covers', () => {
  const stages: Record<string, (write: (text: string) => void) => void> = {
    'a receiver that accepts and says nothing': () => {},
    'a status line that never ends': (write) => write('HTTP/1.1 200 O'),
    'headers that drip': (write) => {
      write('HTTP/1.1 200 OK\r\n')
      setInterval(() => write('x: y\r\n'), 20).unref()
    },
    'a body that drips': (write) => {
      write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n')
      setInterval(() => write('x'), 20).unref()
    },
  }

  it.each(Object.keys(stages))('%s', async (name) => {
    await using server = await startTcp((socket) => {
      socket.on('error', () => socket.destroy())
      stages[name]?.((text) => !socket.destroyed && socket.write(text))
    })
    const exchange = await send(server.origin, { deadlineMs: 150 })
    expect(exchange).toMatchObject({ kind: 'failure', cause: 'timeout', opened: true })
    expect(exchange.timings.totalMs).toBeGreaterThanOrEqual(149)
  })
})

describe('a failure', () => {
  it('to connect never opened', async () => {
    const exchange = await send(`http://127.0.0.1:${await freePort()}`)
    expect(exchange).toMatchObject({
      kind: 'failure',
      cause: 'unreachable',
      opened: false,
      code: 'ECONNREFUSED',
    })
  })

  it('to look up the name never opened', async () => {
    expect(await send('http://deploy-hooks.invalid/')).toMatchObject({
      kind: 'failure',
      cause: 'dns',
      opened: false,
    })
  })

  it('to speak TLS never opened', async () => {
    await using server = await startTcp((socket) => socket.end('this is not TLS'))
    expect(await send(`https://127.0.0.1:${server.port}`)).toMatchObject({
      kind: 'failure',
      cause: 'tls',
      opened: false,
    })
  })

  it('of a connection that is reset before the answer may have arrived', async () => {
    await using server = await startTcp((socket) => socket.on('data', () => socket.resetAndDestroy()))
    expect(await send(server.origin)).toMatchObject({ kind: 'failure', cause: 'reset', opened: true })
  })

  it('of a connection that is closed in the middle of the body is a reset', async () => {
    await using server = await startTcp((socket) => {
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'))
    })
    expect(await send(server.origin)).toMatchObject({ kind: 'failure', cause: 'reset', opened: true })
  })

  it('of a kept-alive connection that the receiver had closed never opened', async () => {
    let requests = 0
    await using server = await startTcp((socket) => {
      socket.on('data', () => {
        requests += 1
        if (requests === 1) socket.write(ok)
        else socket.destroy()
      })
    })
    const transport = newTransport()
    expect(await send(server.origin, { transport })).toMatchObject({ kind: 'answer' })
    expect(await send(server.origin, { transport })).toMatchObject({
      kind: 'failure',
      cause: 'reset',
      opened: false,
    })
    expect(await send(server.origin, { transport })).toMatchObject({
      kind: 'failure',
      cause: 'reset',
      opened: true,
    })
  })

  it.each([
    '220 smtp.example.com ESMTP\r\n',
    'HTTP/1.1 banana\r\n\r\n',
    `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
  ])(
    'of an answer that is not HTTP, or whose headers do not end, is a protocol failure: %j',
    async (bytes) => {
      await using server = await startTcp((socket) => socket.on('data', () => socket.end(bytes)))
      expect(await send(server.origin)).toMatchObject({ kind: 'failure', cause: 'protocol', opened: true })
    },
  )

  it('has the code of the system, and no message, since messages hold addresses', async () => {
    const exchange = await send(`http://127.0.0.1:${await freePort()}`)
    expect(JSON.stringify(exchange)).not.toContain('127.0.0.1')
  })
})

describe('aborting', () => {
  it('ends an exchange in flight and closes its connection', async () => {
    const controller = new AbortController()
    const closed = Promise.withResolvers<void>()
    await using server = await startTcp((socket) => {
      socket.on('data', () => controller.abort()).on('close', () => closed.resolve())
    })
    expect(await send(server.origin, { signal: controller.signal })).toMatchObject({
      kind: 'failure',
      cause: 'aborted',
    })
    await closed.promise
  })

  it('before the start sends nothing', async () => {
    await using server = await startHttp((_request, response) => response.end())
    expect(await send(server.origin, { signal: AbortSignal.abort() })).toMatchObject({
      cause: 'aborted',
      opened: false,
    })
    expect(server.connections).toBe(0)
  })
})

it('leaves no connection behind when it is closed', async () => {
  await using server = await startTcp((socket) => {
    socket.on('data', () => socket.write(ok))
    socket.on('close', () => closed.resolve())
  })
  const closed = Promise.withResolvers<void>()
  const transport = newTransport()
  await send(server.origin, { transport })
  transport.close()
  await closed.promise
})
