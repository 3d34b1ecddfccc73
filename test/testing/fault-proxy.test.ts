import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http, { type IncomingMessage, type RequestOptions } from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import tls from 'node:tls'
import { promisify } from 'node:util'
import { createGunzip, gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { faultNames, startFaultProxy, type Fault, type FaultName } from '../../src/testing/index.ts'
import { wrongCertificate } from '../../src/testing/faults/wrong-certificate.ts'
import { ConfigurationError } from '../../src/index.ts'
import { startHttp, startTcp } from '../loopback.ts'

const certificate = {
  cert: readFileSync(new URL('../fixtures/localhost.crt', import.meta.url), 'utf8'),
  key: readFileSync(new URL('../fixtures/localhost.key', import.meta.url), 'utf8'),
}
const post = 'POST /hook?a=1 HTTP/1.1\r\nHost: client.example\r\nContent-Length: 2\r\n\r\nhi'
const ok = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok'

interface Seen {
  readonly bytes: string
  /** `fin`, the code of the error that ended it, or `open` when the client left first. */
  readonly end: string
}

/** What a client reads off the wire until the end, or until it has seen enough and leaves. */
async function read(socket: net.Socket, enough: (bytes: string) => boolean = () => false): Promise<Seen> {
  let bytes = ''
  const { promise, resolve } = Promise.withResolvers<string>()
  socket.on('data', (data) => {
    bytes += data.toString('latin1')
    if (enough(bytes)) resolve('open')
  })
  socket.on('end', () => resolve('fin'))
  socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  const end = await promise
  socket.destroy()
  return { bytes, end }
}

function talk(port: number, request: string, enough?: (bytes: string) => boolean): Promise<Seen> {
  const socket = net.connect(port, '127.0.0.1')
  socket.write(request)
  return read(socket, enough)
}

const upTo = (text: string) => (bytes: string) => bytes.endsWith(text)
const atLeast = (length: number) => (bytes: string) => bytes.length >= length

interface Answered {
  readonly response: IncomingMessage
  readonly body: Buffer
}

/** What `node:http` makes of it. Rejects with its error. */
async function request(url: string, options: RequestOptions & { body?: string } = {}): Promise<Answered> {
  const outgoing = (url.startsWith('https:') ? https : http).request(url, { method: 'POST', ...options })
  // What the parser finds in a body is told to the request; the answer is cut off with ECONNRESET.
  let told: unknown
  outgoing.on('error', (error) => {
    told = error
  })
  outgoing.end(options.body ?? 'hi')
  const [response] = (await once(outgoing, 'response', { signal: options.signal })) as [IncomingMessage]
  try {
    return { response, body: Buffer.concat(await response.toArray()) }
  } catch (error) {
    await turn()
    throw told ?? error
  }
}

/** The code that `node:http` gives the fault. */
async function codeOf(fault: Fault, options?: RequestOptions): Promise<string | undefined> {
  await using proxy = await startFaultProxy({ fault })
  return await request(proxy.url, options).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code,
  )
}

async function closedAll(proxy: { readonly open: number }): Promise<void> {
  await expect.poll(() => proxy.open, { interval: 5 }).toBe(0)
}

describe('without a fault', () => {
  it('the proxy answers 200 itself, and keeps the connection alive', async () => {
    await using proxy = await startFaultProxy()
    expect(proxy.url).toBe(`http://127.0.0.1:${proxy.port}`)
    const { bytes } = await talk(proxy.port, post + post, upTo(ok + ok))
    expect(bytes).toBe(ok + ok)
    expect(proxy).toMatchObject({ connections: 1, requests: 2 })
    await closedAll(proxy)
  })

  it.each(['Connection: close\r\n', 'connection: foo, Close\r\n'])(
    'the connection is closed when the client says %j',
    async (field) => {
      await using proxy = await startFaultProxy()
      expect(await talk(proxy.port, `GET / HTTP/1.1\r\n${field}\r\n`)).toEqual({ bytes: ok, end: 'fin' })
    },
  )

  it('the connection is closed after an answer to HTTP/1.0', async () => {
    await using proxy = await startFaultProxy()
    expect(await talk(proxy.port, 'GET / HTTP/1.0\r\n\r\n')).toEqual({ bytes: ok, end: 'fin' })
  })

  it('a request that comes byte by byte, in chunks and with trailers is read to its end', async () => {
    await using proxy = await startFaultProxy()
    const socket = net.connect({ port: proxy.port, host: '127.0.0.1', noDelay: true })
    const seen = read(socket, upTo(ok + ok))
    const chunked = 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n'
    for (const byte of chunked + chunked) {
      await new Promise((resolve) => socket.write(byte, resolve))
    }
    expect(await seen).toEqual({ bytes: ok + ok, end: 'open' })
  })

  it('a client that expects 100 is told to go on', async () => {
    await using proxy = await startFaultProxy()
    const socket = net.connect(proxy.port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n')
    socket.once('data', () => socket.write('hi'))
    const { bytes } = await read(socket, upTo('ok'))
    expect(bytes).toBe(`HTTP/1.1 100 Continue\r\n\r\n${ok}`)
  })

  it('the answer to HEAD has no body', async () => {
    await using proxy = await startFaultProxy()
    const { body, response } = await request(proxy.url, { method: 'HEAD', body: '' })
    expect([response.statusCode, body.length]).toEqual([200, 0])
  })

  it.each([
    'hello\r\n\r\n',
    'GET / HTTP/1.1\r\nno colon\r\n\r\n',
    'POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n',
    'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    `GET / HTTP/1.1\r\nx: ${'y'.repeat(100_000)}`,
  ])('what is not HTTP is refused: %j', async (bytes) => {
    await using proxy = await startFaultProxy()
    expect((await talk(proxy.port, bytes)).bytes).toMatch(/^HTTP\/1.1 400 |^$/u)
    await closedAll(proxy)
  })

  it('the proxy speaks TLS when it is given a certificate', async () => {
    await using proxy = await startFaultProxy({ tls: certificate })
    expect(proxy.url).toBe(`https://127.0.0.1:${proxy.port}`)
    const { body } = await request(proxy.url, { ca: certificate.cert } as RequestOptions)
    expect(body.toString()).toBe('ok')
  })
})

describe('a target', () => {
  it('gets the request byte for byte, and its answer comes back byte for byte', async () => {
    const chunked =
      'HTTP/1.1 299 Very Odd\r\nx-CASE:  a \r\ntransfer-encoding: chunked\r\n\r\n2;x\r\nab\r\n0\r\nT: 1\r\n\r\n'
    const sent =
      'PATCH /a%2fb?c HTTP/1.1\r\nhOst: client.example\r\nX-a:1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n'
    let received = ''
    await using target = await startTcp((socket) => {
      socket.on('data', (data) => {
        received += data.toString('latin1')
        if (received.endsWith('\r\n0\r\n\r\n')) socket.write(chunked)
      })
    })
    await using proxy = await startFaultProxy({ target: target.origin })
    const { bytes } = await talk(proxy.port, sent, upTo('T: 1\r\n\r\n'))
    expect(received).toBe(sent)
    expect(bytes).toBe(chunked)
  })

  it('sees method, path, headers and body, and its status and long body come back', async () => {
    const long = Buffer.alloc(3_000_000, 'long')
    await using target = await startHttp((incoming, response) => {
      const chunks: Buffer[] = []
      incoming
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          const { method, url, headers } = incoming
          const facts = {
            method,
            url,
            host: headers.host,
            test: headers['x-test'],
            length: Buffer.concat(chunks).length,
          }
          response.writeHead(418, { facts: JSON.stringify(facts), 'set-cookie': ['a=1', 'b=2'] }).end(long)
        })
    })
    await using proxy = await startFaultProxy({ target: target.origin })
    const agent = new http.Agent({ keepAlive: true })
    for (const round of [1, 2]) {
      const { response, body } = await request(`${proxy.url}/p?q=${round}`, {
        method: 'PUT',
        agent,
        headers: { 'x-test': 'a  b' },
        body: 'b'.repeat(1_000_000),
      })
      expect(JSON.parse(response.headers['facts'] as string)).toEqual({
        method: 'PUT',
        url: `/p?q=${round}`,
        host: `127.0.0.1:${proxy.port}`,
        test: 'a  b',
        length: 1_000_000,
      })
      expect(response).toMatchObject({ statusCode: 418, headers: { 'set-cookie': ['a=1', 'b=2'] } })
      expect(body.equals(long)).toBe(true)
    }
    expect(proxy.connections).toBe(1)
    agent.destroy()
  })

  it('passes its early hints on, and an answer that ends with the connection', async () => {
    const answer = 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nuntil the end'
    await using target = await startTcp((socket) => socket.on('data', () => socket.end(answer)))
    await using proxy = await startFaultProxy({ target: target.origin })
    expect(await talk(proxy.port, post)).toEqual({ bytes: answer, end: 'fin' })
  })

  it.each(['', 'SMTP\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n', 'HTTP/1.1 200 OK\r\nX'])(
    'that answers %j is a 502, and the connection goes on',
    async (answer) => {
      await using target = await startTcp((socket) => socket.on('data', () => socket.end(answer)))
      await using proxy = await startFaultProxy({ target: target.origin })
      const { bytes } = await talk(proxy.port, post, upTo('answer'))
      expect(bytes).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/u)
    },
  )

  it('that refuses is a 502', async () => {
    await using target = await startFaultProxy({ fault: 'refused' })
    await using proxy = await startFaultProxy({ target: target.url })
    expect((await request(proxy.url)).response.statusCode).toBe(502)
  })

  it('that breaks off in its body is a reset', async () => {
    await using target = await startFaultProxy({ fault: 'half-body' })
    await using proxy = await startFaultProxy({ target: target.url })
    expect(await talk(proxy.port, post)).toEqual({ bytes: ok.slice(0, -1), end: 'ECONNRESET' })
  })

  it('is left as soon as the client leaves', async () => {
    await using target = await startFaultProxy({ fault: 'black-hole' })
    await using proxy = await startFaultProxy({ target: target.url })
    const socket = net.connect(proxy.port, '127.0.0.1')
    socket.write(post)
    await expect.poll(() => target.requests, { interval: 5 }).toBe(1)
    socket.destroy()
    await closedAll(target)
  })

  it.each<[Fault, Seen]>([
    [
      { fault: 'latency', ms: 1 },
      { bytes: 'target', end: 'open' },
    ],
    [
      { fault: 'slow-accept', ms: 1 },
      { bytes: 'target', end: 'open' },
    ],
    [
      { fault: 'drip-headers', everyMs: 0 },
      { bytes: 'target', end: 'open' },
    ],
    [
      { fault: 'drip-body', everyMs: 0 },
      { bytes: 'target', end: 'open' },
    ],
    ['half-body', { bytes: 'tar', end: 'fin' }],
    ['reset-after-headers', { bytes: '', end: 'ECONNRESET' }],
    ['lost-answer', { bytes: '', end: 'ECONNRESET' }],
    ['stale', { bytes: 'target', end: 'open' }],
  ])('is reached with the fault %j', async (fault, { bytes, end }) => {
    await using target = await startHttp((_request, response) =>
      response.writeHead(200, { 'content-length': 6 }).end('target'),
    )
    await using proxy = await startFaultProxy({ target: target.origin, fault })
    const seen = await talk(proxy.port, post, upTo('target'))
    expect({ bytes: seen.bytes.split('\r\n\r\n')[1] ?? '', end: seen.end }).toEqual({ bytes, end })
    expect(target.connections).toBe(1)
  })

  it('with a chunked answer: half a body is all but its last chunk', async () => {
    await using target = await startTcp((socket) =>
      socket.on('data', () =>
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'),
      ),
    )
    await using proxy = await startFaultProxy({ target: target.origin, fault: 'half-body' })
    const { bytes, end } = await talk(proxy.port, post)
    expect(bytes.endsWith('2\r\nok\r\n0\r\n')).toBe(true)
    expect(end).toBe('fin')
  })
})

describe('a client sees on the wire', () => {
  const head = 'HTTP/1.1 200 OK\r\n'
  const headOfOk = ok.slice(0, -2)
  const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`

  it.each<[FaultName, string, string]>([
    ['reset', '', 'ECONNRESET'],
    ['reset-after-headers', headOfOk, 'ECONNRESET'],
    ['empty-answer', '', 'fin'],
    ['early-close', headOfOk, 'fin'],
    ['half-body', `${headOfOk}o`, 'fin'],
    ['no-last-chunk', `${chunked}2\r\nok\r\n`, 'fin'],
    ['lost-answer', '', 'ECONNRESET'],
    ['invalid-content-length', `${head}Content-Length: abc\r\n\r\nok`, 'fin'],
    ['differing-content-lengths', `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\nok!`, 'fin'],
    ['invalid-status', 'HTTP/1.1 banana\r\nContent-Length: 2\r\n\r\nok', 'fin'],
    ['not-http', 'ok\n', 'fin'],
  ])('of %s: %j and then %s', async (fault, bytes, end) => {
    await using proxy = await startFaultProxy({ fault })
    expect(await talk(proxy.port, post)).toEqual({ bytes, end })
    expect(proxy.requests).toBe(1)
    await closedAll(proxy)
  })

  it.each<[FaultName, string]>([
    ['never-closes', `${head}Content-Type: text/plain\r\n\r\nok`],
    [
      'content-length-and-chunked',
      `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    ],
    ['chunk-size-overflow', `${chunked}FFFFFFFFFFFFFFFFF\r\nok`],
    ['nul-in-headers', `${head}X-Nul: a\0b\r\nContent-Length: 2\r\n\r\nok`],
    ['no-content-with-body', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello'],
    [
      'two-answers',
      `${head}Content-Length: 2\r\n\r\nokHTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\nno`,
    ],
    [
      'switching-protocols',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x-unknown\r\n\r\n',
    ],
  ])('of %s: %j, and the connection stays open', async (fault, bytes) => {
    await using proxy = await startFaultProxy({ fault })
    expect(await talk(proxy.port, post, upTo(bytes))).toEqual({ bytes, end: 'open' })
    await closedAll(proxy)
  })

  it.each<[FaultName, string]>([
    ['endless-headers', `${head}X-Endless: xxx`],
    ['endless-body', `${chunked}4000\r\nxxx`],
    ['endless-chunk-extension', `${chunked}2;extension=xxx`],
    ['endless-trailers', `${chunked}2\r\nok\r\n0\r\nX-Endless: xxx`],
    [
      'informational-flood',
      'HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\nHTTP/1.1 103 ',
    ],
  ])('of %s: more and more', async (fault, start) => {
    await using proxy = await startFaultProxy({ fault })
    const { bytes, end } = await talk(proxy.port, post, atLeast(3_000_000))
    expect([bytes.slice(0, start.length), end]).toEqual([start, 'open'])
    await closedAll(proxy)
  })

  it.each<[Fault, string]>([
    [{ fault: 'drip-headers', endless: true, everyMs: 0 }, `${head}X-Endless: xxxxx`],
    [{ fault: 'drip-body', endless: true, everyMs: 0, bytes: 3 }, `${chunked}3\r\nxxx\r\n3\r\nxxx\r\n3\r\n`],
  ])('of %j: drop after drop', async (fault, start) => {
    await using proxy = await startFaultProxy({ fault })
    const { bytes, end } = await talk(proxy.port, post, atLeast(start.length))
    expect([bytes.slice(0, start.length), end]).toEqual([start, 'open'])
    await closedAll(proxy)
  })

  it.each<[Fault, number, number]>([
    [{ fault: 'drip-headers', everyMs: 1 }, headOfOk.length, 1],
    [{ fault: 'drip-headers', everyMs: 1, bytes: 5 }, headOfOk.length, 5],
    [{ fault: 'drip-body', everyMs: 30 }, 2, 1],
  ])('of %j: a few bytes at a time, until it is complete', async (fault, dripped, bytes) => {
    await using proxy = await startFaultProxy({ fault })
    const started = performance.now()
    expect(await talk(proxy.port, post + post, upTo(ok + ok))).toEqual({ bytes: ok + ok, end: 'open' })
    const everyMs = (fault as { readonly everyMs: number }).everyMs
    expect(performance.now() - started).toBeGreaterThan((dripped / bytes) * everyMs)
  })

  it.each<[Fault, RegExp]>([
    ['status', /^HTTP\/1\.1 500 /u],
    [{ fault: 'status', status: 410 }, /^HTTP\/1\.1 410 /u],
    ['retry-after', /^HTTP\/1\.1 503 .*\r\nRetry-After: 99999999999\r\n/u],
    [{ fault: 'retry-after', status: 429, value: 'soon' }, /^HTTP\/1\.1 429 .*\r\nRetry-After: soon\r\n/u],
    ['redirect-without-location', /^HTTP\/1\.1 302 (?!.*location)/isu],
    ['redirect-loop', /^HTTP\/1\.1 307 .*\r\nLocation: \/hook\?a=1\r\n/u],
  ])('of %j: a whole answer, and the connection goes on', async (fault, start) => {
    await using proxy = await startFaultProxy({ fault })
    const { bytes } = await talk(proxy.port, post + post, (bytes) => bytes.split('fault').length === 3)
    expect(bytes).toMatch(start)
    expect(proxy).toMatchObject({ connections: 1, requests: 2 })
  })

  it('of latency: nothing for as long, and then the answer', async () => {
    await using proxy = await startFaultProxy({ fault: { fault: 'latency', ms: 60 } })
    const started = performance.now()
    expect(await talk(proxy.port, post, upTo(ok))).toEqual({ bytes: ok, end: 'open' })
    expect(performance.now() - started).toBeGreaterThan(55)
  })

  it.each([undefined, certificate])(
    'of slow-accept: a connection, and late an answer (TLS: %j)',
    async (tls) => {
      await using proxy = await startFaultProxy({ fault: { fault: 'slow-accept', ms: 60 }, tls })
      const started = performance.now()
      const { body } = await request(proxy.url, { ca: certificate.cert } as RequestOptions)
      expect(body.toString()).toBe('ok')
      expect(performance.now() - started).toBeGreaterThan(55)
    },
  )

  it('of black-hole: a request taken, and nothing', async () => {
    await using proxy = await startFaultProxy({ fault: 'black-hole' })
    const socket = net.connect(proxy.port, '127.0.0.1')
    socket.write(post + 'x'.repeat(1_000_000))
    let received = 0
    socket.on('data', (data) => (received += data.length))
    await expect.poll(() => proxy.requests, { interval: 5 }).toBe(1)
    await expect.poll(() => socket.bytesWritten - socket.writableLength).toBeGreaterThan(1_000_000)
    expect([received, proxy.open]).toEqual([0, 1])
    socket.destroy()
    await closedAll(proxy)
  })

  it('of stale: an answer, and RST for the second request', async () => {
    await using proxy = await startFaultProxy({ fault: 'stale' })
    const socket = net.connect(proxy.port, '127.0.0.1')
    socket.write(post)
    socket.once('data', () => socket.write(post))
    expect(await read(socket)).toEqual({ bytes: ok, end: 'ECONNRESET' })
    expect(proxy.requests).toBe(1)
  })

  it('of early-answer: an answer before the body', async () => {
    await using proxy = await startFaultProxy({ fault: 'early-answer' })
    const { bytes } = await talk(proxy.port, 'POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n')
    expect(bytes).toBe(`${head}Content-Length: 2\r\n\r\nok`)
  })

  it('of huge-status-line: a reason of many bytes, and the connection goes on', async () => {
    await using proxy = await startFaultProxy({ fault: { fault: 'huge-status-line', bytes: 40_000 } })
    const whole = `HTTP/1.1 200 ${'x'.repeat(40_000)}\r\nContent-Length: 2\r\n\r\nok`
    expect((await talk(proxy.port, post + post, atLeast(2 * whole.length))).bytes).toBe(whole + whole)
  })

  it('of gzip-bomb: a small body that inflates to 128 MiB', async () => {
    await using proxy = await startFaultProxy({ fault: 'gzip-bomb' })
    const { response, body } = await request(proxy.url)
    expect(response.headers['content-encoding']).toBe('gzip')
    expect(body.length).toBeLessThan(150_000)
    let inflated = 0
    const gunzip = createGunzip().on('data', (data: Buffer) => (inflated += data.length))
    gunzip.end(body)
    await once(gunzip, 'end')
    expect(inflated).toBe(128 * 1024 * 1024)
  })

  it('of broken-gzip: a whole answer, whose body breaks off in itself', async () => {
    await using proxy = await startFaultProxy({ fault: 'broken-gzip' })
    const { response, body } = await request(proxy.url)
    expect(response.complete).toBe(true)
    expect(() => gunzipSync(body)).toThrow(expect.objectContaining({ code: 'Z_BUF_ERROR' }) as Error)
  })

  it('of unasked-answer: an answer before it has asked', async () => {
    await using proxy = await startFaultProxy({ fault: 'unasked-answer' })
    const { bytes, end } = await read(net.connect(proxy.port, '127.0.0.1'))
    expect([bytes.split('\r\n')[0], end]).toEqual(['HTTP/1.1 408 Request Timeout', 'fin'])
    expect(proxy.requests).toBe(0)
  })
})

describe('a client that speaks TLS', () => {
  const shaken = async (fault: Fault): Promise<string> => {
    await using proxy = await startFaultProxy({ fault, tls: certificate })
    return (await read(tls.connect({ port: proxy.port, host: '127.0.0.1', ca: certificate.cert }))).end
  }

  it.each(['wrong-tls', 'tls-garbage'] as const)('cannot with %s', async (fault) => {
    expect(await shaken(fault)).toMatch(/^ERR_SSL_/u)
  })

  it('meets a self-signed certificate with wrong-certificate', async () => {
    expect(await shaken('wrong-certificate')).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
  })

  it('meets one of another name even if it trusts it, and also where the proxy speaks plain HTTP', async () => {
    await using proxy = await startFaultProxy({ fault: 'wrong-certificate' })
    const url = `https://127.0.0.1:${proxy.port}`
    const careless = await request(url, { rejectUnauthorized: false } as RequestOptions)
    expect(careless.body.toString()).toBe('ok')
    await expect(request(url, { ca: wrongCertificate.cert } as RequestOptions)).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
  })

  it.each(['reset', 'reset-after-headers'] as const)('gets a real RST with %s', async (fault) => {
    await using proxy = await startFaultProxy({ fault, tls: certificate })
    const socket = tls.connect({ port: proxy.port, host: '127.0.0.1', ca: certificate.cert })
    socket.write(post)
    expect((await read(socket)).end).toBe('ECONNRESET')
  })
})

describe('node:http calls', () => {
  it.each<[FaultName, string]>([
    ['refused', 'ECONNREFUSED'],
    ['reset', 'ECONNRESET'],
    ['empty-answer', 'ECONNRESET'],
    ['half-body', 'ECONNRESET'],
    ['early-close', 'ECONNRESET'],
    ['no-last-chunk', 'ECONNRESET'],
    ['endless-headers', 'HPE_HEADER_OVERFLOW'],
    ['endless-trailers', 'HPE_HEADER_OVERFLOW'],
    ['endless-chunk-extension', 'HPE_CHUNK_EXTENSIONS_OVERFLOW'],
    ['invalid-content-length', 'HPE_INVALID_CONTENT_LENGTH'],
    ['differing-content-lengths', 'HPE_UNEXPECTED_CONTENT_LENGTH'],
    ['content-length-and-chunked', 'HPE_INVALID_TRANSFER_ENCODING'],
    ['chunk-size-overflow', 'HPE_INVALID_CHUNK_SIZE'],
    ['nul-in-headers', 'HPE_INVALID_HEADER_TOKEN'],
    ['invalid-status', 'HPE_INVALID_STATUS'],
    ['not-http', 'HPE_INVALID_CONSTANT'],
    ['wrong-certificate', 'ECONNRESET'],
    ['tls-garbage', 'HPE_INVALID_CONSTANT'],
  ])('%s by the code %s', async (fault, code) => {
    expect(await codeOf(fault)).toBe(code)
  })
})

describe('setting a fault', () => {
  it('applies to the next request of a connection that is open', async () => {
    await using proxy = await startFaultProxy()
    const socket = net.connect(proxy.port, '127.0.0.1')
    socket.write(post)
    await once(socket, 'data')
    await proxy.set('half-body')
    socket.write(post)
    expect(await read(socket)).toEqual({ bytes: ok.slice(0, -1), end: 'fin' })
  })

  it('to refused and another listens on the same port again, as often as one likes', async () => {
    await using proxy = await startFaultProxy({ fault: 'refused' })
    const { url } = proxy
    for (let round = 0; round < 20; round += 1) {
      await expect(request(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
      await proxy.set('status')
      expect((await request(url)).response.statusCode).toBe(500)
      await proxy.set('refused')
    }
    expect(proxy.url).toBe(url)
  })

  it('to refused closes the connections that are idle, and lets the others end', async () => {
    await using proxy = await startFaultProxy()
    const idle = net.connect(proxy.port, '127.0.0.1')
    idle.write(post)
    const seen = read(idle)
    await expect.poll(() => idle.bytesRead, { interval: 5 }).toBe(ok.length)
    await proxy.set({ fault: 'latency', ms: 50 })
    const busy = talk(proxy.port, post, upTo(ok))
    await expect.poll(() => proxy.requests, { interval: 5 }).toBe(2)
    await proxy.set('refused')
    expect((await seen).end).toBe('fin')
    expect((await busy).bytes).toBe(ok)
  })

  it('many times at once ends with the last', async () => {
    await using proxy = await startFaultProxy()
    await Promise.all([proxy.set('refused'), proxy.set(undefined), proxy.set('refused'), proxy.set('status')])
    expect((await request(proxy.url)).response.statusCode).toBe(500)
  })

  it('that is unknown is refused, with the names of all', async () => {
    await using proxy = await startFaultProxy()
    await expect(proxy.set('nonsense' as FaultName)).rejects.toThrow(ConfigurationError)
    await expect(proxy.set('toString' as FaultName)).rejects.toThrow(faultNames.join(', '))
    await expect(startFaultProxy({ fault: 'nonsense' as FaultName })).rejects.toThrow(ConfigurationError)
    expect((await request(proxy.url)).body.toString()).toBe('ok')
  })

  it.each<[unknown, string]>([
    [{ fault: 'latency', delay: 1 }, 'delay'],
    [{ fault: 'latency', ms: '1' }, 'ms'],
    [{ fault: 'latency', ms: -1 }, 'ms'],
    [{ fault: 'latency', ms: Infinity }, 'ms'],
    [{ fault: 'drip-body', bytes: 0 }, 'bytes'],
    [{ fault: 'status', status: 99 }, 'status'],
    [{ fault: 'reset', ms: 1 }, 'ms'],
  ])('with a parameter that cannot be is refused: %j', async (fault, name) => {
    await expect(startFaultProxy({ fault: fault as Fault })).rejects.toMatchObject({
      code: 'option_invalid',
      option: `fault.${name}`,
    })
  })

  it.each(['ftp://a', 'http://a/path', 'http://a/?q', 'http://u:p@a', 'nonsense'])(
    'a target that is no origin is refused: %s',
    async (target) => {
      await expect(startFaultProxy({ target })).rejects.toThrow(ConfigurationError)
    },
  )

  it('after closing is an error', async () => {
    const proxy = await startFaultProxy()
    await proxy.close()
    await expect(proxy.set('reset')).rejects.toThrow('closed')
  })
})

describe('holds no more than it needs', () => {
  it('takes 2,000 requests on one connection', async () => {
    await using proxy = await startFaultProxy()
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    for (let sent = 0; sent < 2000; sent += 1) await request(proxy.url, { agent })
    expect(proxy).toMatchObject({ connections: 1, requests: 2000 })
    agent.destroy()
    await closedAll(proxy)
  })

  it('takes 50 connections at once, with a target behind', async () => {
    await using target = await startFaultProxy()
    await using proxy = await startFaultProxy({ target: target.url, fault: { fault: 'latency', ms: 20 } })
    const agent = new http.Agent({ keepAlive: true })
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(Array.from({ length: 50 }, () => request(proxy.url, { agent })))
    }
    expect(proxy).toMatchObject({ connections: 50, requests: 250 })
    await closedAll(target)
    agent.destroy()
    await closedAll(proxy)
  })

  it('waits for a client that does not read', async () => {
    await using proxy = await startFaultProxy({ fault: 'endless-body' })
    const sockets = Array.from({ length: 20 }, () => net.connect(proxy.port, '127.0.0.1').pause())
    for (const socket of sockets) socket.write(post)
    await expect.poll(() => proxy.requests, { interval: 5 }).toBe(20)
    await using other = await startFaultProxy()
    const before = process.memoryUsage().arrayBuffers
    for (let sent = 0; sent < 200; sent += 1) await request(other.url)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000)
    expect(proxy.open).toBe(20)
    for (const socket of sockets) socket.destroy()
    await closedAll(proxy)
  })

  it('and lets go of all when it is closed, in the middle of every fault', async () => {
    const script = `
      import net from 'node:net'
      import { setTimeout as sleep } from 'node:timers/promises'
      const { faultNames, startFaultProxy } = await import('./src/testing/index.ts')
      const long = { latency: { ms: 1e6 }, 'slow-accept': { ms: 1e6 }, 'drip-headers': { everyMs: 1e6 }, 'drip-body': { everyMs: 1e6 } }
      const before = process.getActiveResourcesInfo()
      const open = []
      for (const fault of faultNames) {
        const target = await startFaultProxy({ fault: 'black-hole' })
        for (const behind of [undefined, target.url]) {
          const proxy = await startFaultProxy({ fault: { fault, ...long[fault] }, target: behind })
          open.push(proxy)
          const client = net.connect(proxy.port, '127.0.0.1').on('error', () => {}).resume()
          client.write(${JSON.stringify(post)})
        }
        open.push(target)
      }
      await sleep(300)
      await Promise.all(open.flatMap((proxy) => [proxy.close(), proxy.close()]))
      await sleep(50)
      console.log(JSON.stringify([before, process.getActiveResourcesInfo(), open.map(({ open }) => open)]))
    `
    const root = new URL('../..', import.meta.url)
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { cwd: root, timeout: 20_000 },
    )
    const [before, after, open] = JSON.parse(stdout) as [string[], string[], number[]]
    const held = (types: string[]): string[] => types.filter((type) => type !== 'PipeWrap')
    expect(held(after)).toEqual(held(before))
    expect(open.every((count) => count === 0)).toBe(true)
    expect(stderr).toBe('')
  })

  it('and stops what waits as soon as the client leaves', async () => {
    for (const fault of ['latency', 'drip-headers', 'drip-body', 'black-hole', 'endless-body'] as const) {
      const long = fault === 'latency' ? { ms: 1e6 } : {}
      await using proxy = await startFaultProxy({ fault: { fault, ...long } as Fault })
      const socket = net.connect(proxy.port, '127.0.0.1')
      socket.on('data', () => {})
      socket.write(post)
      await expect.poll(() => proxy.requests, { interval: 5 }).toBe(1)
      socket.destroy()
      await closedAll(proxy)
    }
  })
})

it('no request under any fault takes the proxy down', async () => {
  await using proxy = await startFaultProxy()
  for (const name of faultNames) {
    await proxy.set(name)
    await request(proxy.url, { signal: AbortSignal.timeout(150) }).catch(() => undefined)
  }
  await proxy.set(undefined)
  expect((await request(proxy.url)).body.toString()).toBe('ok')
})
