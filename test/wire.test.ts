import { createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import {
  createDispatcher,
  gotTransport,
  releaseUrl,
  type Dialect,
  type Release,
  type SignatureAlgorithm,
} from '../src/index.ts'
import { createVerifier, type RequestLike } from '../src/verify/index.ts'
import { parseHookUrl } from '../src/signing/hook-url.ts'
import { rawPairs } from '../src/signing/query.ts'
import { sameParameters } from '../src/verify/signed-query.ts'
import { fullRelease, pathAndQuery } from './arbitraries.ts'
import { startHttp, startTcp } from './loopback.ts'
import { runs } from './runs.ts'

const transport = gotTransport()
afterAll(() => transport.close())

const spelledLoopback = fc.constantFrom('127.0.0.1', 'LocalHost', '127.1', '2130706433', '0x7F000001')
/** Of those that are taken: none that is blank, the name of nothing, or has a line break at an end, as files have. */
const isSecret = (text: string): boolean =>
  text.isWellFormed() && !/^\s*(?:|null|undefined)\s*$/iu.test(text) && !/^[\r\n]|[\r\n]$/u.test(text)
const anySecret = fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }).filter(isSecret)
const algorithm = fc.constantFrom<SignatureAlgorithm>('sha1', 'sha256')

interface Case {
  readonly url: string
  readonly facts: Release
  readonly secret: string
  readonly algorithm: SignatureAlgorithm
  readonly dialect: Dialect
}

async function deliver({ url, facts, secret, algorithm, dialect }: Case): Promise<void> {
  const quiet = { warn: () => {}, error: () => {} }
  const dispatcher = createDispatcher({
    hooks: [{ url, after: ['released', 'succeeded', 'failed', 'rolled-back'] }],
    secret,
    algorithm,
    dialect,
    egress: { allow: ['127.0.0.1', '::1', 'localhost'] },
    logger: quiet,
    transport: { send: (request) => transport.send(request), close() {} },
  })
  const [delivery] = await (await dispatcher.dispatch(facts)).settled()
  expect(delivery?.outcome).toEqual({ kind: 'delivered', reason: 'status-200' })
  await dispatcher.close()
}

describe('in the native dialect', () => {
  it('the signed string is what a raw TCP server received, byte for byte', async () => {
    let received = Buffer.alloc(0)
    await using server = await startTcp((socket) => {
      socket.on('data', (data) => {
        received = Buffer.concat([received, data])
        if (received.indexOf('\r\n\r\n') !== -1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      })
    })
    const property = fc.asyncProperty(
      spelledLoopback,
      pathAndQuery,
      fullRelease,
      anySecret,
      async (host, path, facts, secret) => {
        received = Buffer.alloc(0)
        const url = `http://${host}:${server.port}${path}`
        await deliver({ url, facts, secret, algorithm: 'sha256', dialect: 'native' })
        const head = received.toString('latin1')
        const [, target] = /^POST (\S+) HTTP\/1\.1\r\n/u.exec(head) ?? []
        const [, hostHeader] = /\r\nHost: ([^\r]*)\r\n/u.exec(head) ?? []
        const [, authorization] = /\r\nauthorization: ([^\r]*)\r\n/u.exec(head) ?? []
        const asReceived = `http://${hostHeader}${target}`
        expect(asReceived).toBe(releaseUrl(url, facts))
        expect(authorization).toBe(
          createHmac('sha256', Buffer.from(secret, 'utf8')).update(asReceived, 'latin1').digest('hex'),
        )
      },
    )
    await fc.assert(property, runs(80))
  })
})

describe('for any release, secret and acceptable hook URL, in both dialects and algorithms', () => {
  it('what a real server received verifies, and with one bit changed it does not', async () => {
    let received: RequestLike = { headers: {} }
    await using server = await startHttp((request, response) => {
      received = taken(request)
      response.end()
    })
    const cases = fc.record({
      url: fc
        .tuple(spelledLoopback, pathAndQuery)
        .map(([host, path]) => `http://${host}:${server.port}${path}`),
      facts: fullRelease,
      secret: anySecret,
      algorithm,
      dialect: fc.constantFrom<Dialect>('native', 'deis'),
    })
    const property = fc.asyncProperty(cases, fc.nat(), fc.nat(6), async (given, position, bit) => {
      await deliver(given)
      const { url, facts, secret, algorithm, dialect } = given
      const verifier = createVerifier({ url, secret, algorithm })
      const { app, version, user, sha = '', summary, ...further } = facts
      const five = { app, version, user, sha, summary }
      expect(verifier.verify(received).release).toEqual(dialect === 'deis' ? five : { ...five, ...further })

      const refused = (
        request: RequestLike,
        options: Partial<Parameters<typeof createVerifier>[0]> = {},
      ): void => {
        expect(createVerifier({ url, secret, algorithm, ...options }).safeVerify(request)).toMatchObject({
          ok: false,
        })
      }
      const { authorization } = received.headers as Record<string, string>
      refused({ ...received, headers: { authorization: flipped(authorization ?? '', position, bit) } })
      const target = received.url ?? ''
      const query = target.slice(target.indexOf('?') + 1)
      const otherQuery = flipped(query, position, bit)
      if (!meansTheSame(otherQuery, query, url)) refused({ ...received, url: `/?${otherQuery}` })
      const otherSecret = flippedBytes(secret, position, bit)
      if (otherSecret !== undefined && isSecret(otherSecret)) refused(received, { secret: otherSecret })
      const otherUrl = flipped(url, position, bit)
      if (differs(otherUrl, url)) refused(received, { url: otherUrl })
    })
    await fc.assert(property, runs(80))
  })
})

function taken({ method, url, headers }: IncomingMessage): RequestLike {
  return { method, url, headers: { authorization: headers.authorization } }
}

function flipped(text: string, position: number, bit: number): string {
  const index = position % text.length
  return (
    text.slice(0, index) + String.fromCharCode(text.charCodeAt(index) ^ (1 << bit)) + text.slice(index + 1)
  )
}

/** The secret with one bit of its UTF-8 changed, where that is another acceptable secret. */
function flippedBytes(secret: string, position: number, bit: number): string | undefined {
  const bytes = Buffer.from(secret, 'utf8')
  const index = position % bytes.length
  bytes[index] = (bytes[index] ?? 0) ^ (1 << bit)
  const other = bytes.toString('utf8')
  return Buffer.from(other, 'utf8').equals(bytes) && other.trim() !== '' ? other : undefined
}

/**
 * Deis signs the hook URL's own query as typed, not as sent: there `%c3` for `%C3`, before the second `?`, changes nothing that is
 * signed or read.
 */
function meansTheSame(query: string, sent: string, url: string): boolean {
  const { typed } = parseHookUrl(url)
  const [own, release] = [query.slice(0, query.lastIndexOf('?')), query.slice(query.lastIndexOf('?'))]
  const isRespelled = typed.query !== undefined && release === sent.slice(sent.lastIndexOf('?'))
  return isRespelled && sameParameters(rawPairs(own), rawPairs(typed.query ?? ''))
}

/** True for an acceptable URL that names something else: `HTTP://LOCALHOST` is the same hook as `http://localhost`. */
function differs(url: string, from: string): boolean {
  try {
    const [one, other] = [parseHookUrl(url), parseHookUrl(from)]
    return one.wire.base !== other.wire.base && one.typed.base !== other.typed.base
  } catch {
    return false
  }
}
