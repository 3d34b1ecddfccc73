import { gzipSync } from 'node:zlib'
import type { Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  createDispatcher,
  gotTransport,
  memoryStore,
  type Attempt,
  type Delivery,
  type HookOptions,
  type HookSettings,
  type Target,
} from '../../src/index.ts'
import { undiciTransport } from '../../src/http/undici-transport.ts'
import { defineTarget, discord, githubDispatch, jsonPost, netlify, slack } from '../../src/targets/index.ts'
import { startTcp, type Loopback } from '../loopback.ts'
import { newLog, release, secret, type Log } from './started.ts'

const ok = 'HTTP/1.1 200 OK\r\n'
/** For what takes its whole deadline. */
const timeout = { deadlineMs: 300 }

/** A receiver that answers every request with these pieces, each a packet, and closes unless it holds on. */
async function answering(
  pieces: string | Uint8Array | readonly string[],
  isHeld = false,
): Promise<Loopback & { readonly requests: readonly string[] }> {
  const requests: string[] = []
  const server = await startTcp((socket) => {
    socket.setNoDelay()
    socket.once('data', (data) => {
      requests.push(data.toString('latin1'))
      void send(
        socket,
        typeof pieces === 'string' || pieces instanceof Uint8Array ? [pieces] : pieces,
        isHeld,
      )
    })
  })
  onTestFinished(() => server[Symbol.asyncDispose]())
  return Object.assign(server, { requests })
}

async function send(
  socket: Socket,
  pieces: readonly (string | Uint8Array)[],
  isHeld: boolean,
): Promise<void> {
  for (const piece of pieces) {
    socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
    await new Promise(setImmediate)
  }
  if (!isHeld) socket.end()
}

interface Came {
  readonly delivery: Delivery
  readonly attempts: readonly Attempt[]
  readonly log: Log
}

const build = defineTarget({
  name: 'build',
  repeat: 'side-effect',
  requests: [{ accepts: [200], isAccepted: ({ text }) => text === 'ok' }],
})
const message = defineTarget({ ...build, name: 'message', repeat: 'duplicates' })

describe.each([
  ['gotTransport', gotTransport],
  ['undiciTransport', undiciTransport],
])('over %s', (_, create) => {
  async function deliver(
    origin: string,
    hook: Partial<HookSettings> & { readonly target?: Target; readonly url?: string | undefined } = {},
  ): Promise<Came> {
    const log = newLog()
    const dispatcher = createDispatcher({
      hooks: [{ url: `${origin}/deploy?token=planted`, id: 'one', ...hook } as HookOptions],
      secret,
      transport: create(),
      egress: { allow: ['127.0.0.1'] },
      logger: log,
      breaker: false,
      retry: { delaysMs: [1, 1, 1, 1], jitter: 0 },
    })
    onTestFinished(() => dispatcher.close({ deadlineMs: 0 }))
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    if (delivery === undefined) throw new Error('Expected a delivery')
    return { delivery, attempts: await dispatcher.attempts(delivery.id), log }
  }

  describe.each([
    ['deis', {}],
    ['jsonPost', { target: jsonPost() }],
    ['netlify', { target: netlify() }],
    ['discord', { target: discord() }],
  ] as const)('where the status decides, as for %s, one request is a delivery', (_, hook) => {
    it.each([
      ['whose body is too short for its length', `${ok}Content-Length: 10\r\n\r\nhalf`],
      ['whose body is without its last chunk', `${ok}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`],
      ['whose body breaks off in a chunk', `${ok}Transfer-Encoding: chunked\r\n\r\nff\r\nhalf`],
      ['whose chunk has no size', `${ok}Transfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n`],
      ['whose lines of chunks end with LF alone', `${ok}Transfer-Encoding: chunked\r\n\r\n4\nhalf\n0\n\n`],
      ['whose lines end with LF alone', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'],
      ['whose head ends with LF alone', `${ok}Content-Length: 2\r\n\nok`],
      ['with two lengths that are one', `${ok}Content-Length: 2\r\nContent-Length: 2\r\n\r\nok`],
      ['with a length that is said twice', `${ok}Content-Length: 2, 2\r\n\r\nok`],
      ['with two lengths that differ', `${ok}Content-Length: 2\r\nContent-Length: 3\r\n\r\nok`],
      [
        'with a length and chunks',
        `${ok}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
      ],
      ['with a folded header', `${ok}X: a\r\n b\r\nContent-Length: 2\r\n\r\nok`],
      ['with a header of 17 KiB', `${ok}X: ${'y'.repeat(17 * 1024)}\r\nContent-Length: 2\r\n\r\nok`],
      ['with a header of 70 KiB', `${ok}X: ${'y'.repeat(70 * 1024)}\r\nContent-Length: 2\r\n\r\nok`],
      ['with a blank in the name of a header', `${ok}X y: z\r\nContent-Length: 2\r\n\r\nok`],
      ['with a NUL in a header', `${ok}X: a\0b\r\nContent-Length: 2\r\n\r\nok`],
      ['of another version', 'HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ])('for a 200 %s', async (_, bytes) => {
      const receiver = await answering(bytes)
      const { delivery, attempts } = await deliver(receiver.origin, hook)
      expect(delivery).toMatchObject({ state: 'delivered', attempts: 1, outcome: { reason: 'status-200' } })
      expect(attempts).toMatchObject([{ status: 200 }])
      expect(receiver.connections).toBe(1)
    })

    it.each([
      ['outlasts the deadline', `${ok}Content-Length: 10\r\n\r\nhalf`],
      ['has no end', `${ok}\r\nhalf`],
      ['has a trailer that does not end', `${ok}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\nX: y`],
    ])('for a 200 whose body %s', async (_, bytes) => {
      const receiver = await answering(bytes, true)
      const { delivery, attempts } = await deliver(receiver.origin, { ...hook, timeout })
      expect(delivery).toMatchObject({ state: 'delivered', attempts: 1 })
      expect(attempts).toMatchObject([{ status: 200, code: 'ETIMEDOUT', excerpt: 'half' }])
      expect(receiver.connections).toBe(1)
    })

    it('for a head in packets of a line each, whose lines end with LF alone', async () => {
      const receiver = await answering(['HTTP/1.1 200 OK\n', 'Content-Length: 2\n', '\n', 'ok'])
      expect((await deliver(receiver.origin, hook)).delivery).toMatchObject({
        state: 'delivered',
        attempts: 1,
      })
    })
  })

  it.each([
    ['refuses', 404, 'status-404', 3],
    ['is gone', 410, 'status-410', 1],
    ['fails', 503, 'status-503', 5],
  ])('reads any status so: that a receiver %s', async (_, status, reason, attempts) => {
    for (const rest of [
      '\r\nContent-Length: 10\r\n\r\nhalf',
      '\nContent-Length: 2\n\nno',
      '\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nno',
    ]) {
      const receiver = await answering(`HTTP/1.1 ${status} X${rest}`)
      expect((await deliver(receiver.origin)).delivery).toMatchObject({
        outcome: { kind: 'dead', reason },
        attempts,
      })
    }
  })

  it('counts one whose dispatcher is closed within the body', async () => {
    const receiver = await answering(`${ok}Content-Length: 10\r\n\r\nhalf`, true)
    const store = memoryStore()
    const dispatcher = createDispatcher({
      hooks: [{ url: receiver.origin, id: 'one' }],
      secret,
      store,
      transport: create(),
      egress: { allow: ['127.0.0.1'] },
      logger: newLog(),
    })
    const { deliveries } = await dispatcher.dispatch(release)
    await expect.poll(() => receiver.requests).toHaveLength(1)
    await dispatcher.close({ deadlineMs: 1000 }) // in which the head comes, and no end
    const id = deliveries[0]?.id ?? ''
    expect(await store.get([id])).toMatchObject([{ state: 'delivered', attempts: 1 }])
    expect(await store.attempts(id)).toMatchObject([{ status: 200, code: 'ABORT_ERR' }])
  })

  it('undercuts no Retry-After of a head that no parser takes', async () => {
    const receiver = await answering('HTTP/1.1 429 Later\nRetry-After: 99999999\n\n')
    expect((await deliver(receiver.origin)).delivery).toMatchObject({
      attempts: 1,
      outcome: { reason: 'status-429', verdict: 'retry-after' },
    })
  })

  it('takes the answer behind interim ones', async () => {
    const receiver = await answering('HTTP/1.1 103 Hint\r\nX: y\r\n\r\nHTTP/1.1 204 No\nX: y\n\n')
    expect((await deliver(receiver.origin)).delivery).toMatchObject({
      outcome: { reason: 'status-204' },
      attempts: 1,
    })
  })

  it('takes no status of the half of a line', async () => {
    const receiver = await answering('HTTP/1.1 200')
    expect((await deliver(receiver.origin)).delivery).toMatchObject({
      outcome: { reason: 'reset' },
      attempts: 5,
    })
  })

  it.each([
    ['not-http', '220 smtp.example.com ESMTP\r\n'],
    ['not-http', '<html><body>hi</body></html>'],
    ['not-http', 'ICY 200 OK\r\n\r\n'],
    ['malformed-status-line', 'HTTP/1.1 banana\r\n\r\n'],
    ['malformed-status-line', 'HTTP/1.1  200 OK\r\n\r\n'],
    ['malformed-status-line', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['unasked-protocol', 'HTTP/1.1 101 Other\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'],
    ['too-many-interim-answers', 'HTTP/1.1 103 Hint\r\nX: y\r\n\r\n'.repeat(30)],
  ])('gives up after three attempts what says no status, and says what it is: %s', async (reason, bytes) => {
    const receiver = await answering(bytes)
    const { delivery } = await deliver(receiver.origin)
    expect(delivery).toMatchObject({ attempts: 3, outcome: { kind: 'dead', reason, verdict: 'refused' } })
    expect(receiver.connections).toBe(3)
  })

  describe('where the body decides', () => {
    it.each([
      ['malformed-line-ends', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'],
      ['malformed-line-ends', `${ok}Content-Length: 2\nX: y\r\n\r\nok`],
      ['malformed-length', `${ok}Content-Length: 2\r\nContent-Length: 2\r\n\r\nok`],
      ['malformed-length', `${ok}Content-Length: 2, 2\r\n\r\nok`],
      [
        'malformed-length',
        `${ok}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
      ],
      ['folded-header', `${ok}X: a\r\n\tb\r\nContent-Length: 2\r\n\r\nok`],
      ['malformed-header', `${ok}X: a\0b\r\nContent-Length: 2\r\n\r\nok`],
      ['headers-too-long', `${ok}X: ${'y'.repeat(70 * 1024)}\r\nContent-Length: 2\r\n\r\nok`],
      ['malformed-chunk', `${ok}Transfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n`],
    ])('an answer that cannot be read is refused, and said to be %s', async (reason, bytes) => {
      const receiver = await answering(bytes)
      expect((await deliver(receiver.origin, { target: message })).delivery).toMatchObject({
        attempts: 3,
        outcome: { kind: 'dead', reason, verdict: 'refused' },
      })
      expect((await deliver(receiver.origin, { target: build })).delivery).toMatchObject({
        attempts: 1,
        outcome: { reason, verdict: 'ambiguous' },
      })
    })

    it('an answer with 60 KiB of headers is read', async () => {
      const receiver = await answering(`${ok}X: ${'y'.repeat(60 * 1024)}\r\nContent-Length: 2\r\n\r\nok`)
      expect((await deliver(receiver.origin, { target: slack() })).delivery).toMatchObject({
        state: 'delivered',
      })
    })

    it('its status decides where that is none that is accepted', async () => {
      const receiver = await answering('HTTP/1.1 404 No\r\nContent-Length: 10\r\n\r\nhalf')
      for (const target of [message, build])
        expect((await deliver(receiver.origin, { target })).delivery).toMatchObject({
          attempts: 3,
          outcome: { reason: 'status-404', verdict: 'refused' },
        })
    })

    it('as it does where what it names is used: by a further request, and by who looks after what was started', async () => {
      const half = `${ok}Content-Length: 10\r\n\r\n{"id":"1`
      const id = { id: '/id' } as const
      const two = defineTarget({ name: 'two', repeat: 'duplicates', requests: [id, {}] })
      const started = defineTarget({ name: 'started', repeat: 'side-effect', requests: [id] })
      const receiver = await answering(half)
      expect((await deliver(receiver.origin, { target: two })).delivery).toMatchObject({
        attempts: 5,
        outcome: { reason: 'reset' },
      })
      expect((await deliver(receiver.origin, { target: started })).delivery).toMatchObject({
        attempts: 1,
        outcome: { reason: 'reset', verdict: 'ambiguous' },
      })
    })

    it('a body that breaks off is tried again, and not where it starts something', async () => {
      const receiver = await answering(`${ok}Content-Length: 10\r\n\r\nok`)
      expect((await deliver(receiver.origin, { target: message })).delivery).toMatchObject({
        attempts: 5,
        outcome: { reason: 'reset', verdict: 'exhausted' },
      })
      expect((await deliver(receiver.origin, { target: build })).delivery).toMatchObject({
        attempts: 1,
        outcome: { reason: 'reset', verdict: 'ambiguous' },
      })
    })
  })

  describe('a coding of the body', () => {
    const zipped = (name: string, status = 200): Uint8Array => {
      const body = gzipSync('ok planted')
      return Buffer.concat([
        Buffer.from(`HTTP/1.1 ${status} X\r\n${name}\r\nContent-Length: ${body.length}\r\n\r\n`),
        body,
      ])
    }

    it('is not asked for', async () => {
      const receiver = await answering(`${ok}Content-Length: 2\r\n\r\nok`)
      for (const target of [slack(), jsonPost()]) await deliver(receiver.origin, { target })
      await deliver(receiver.origin)
      expect(receiver.requests.map((request) => /^accept-encoding: (.*)\r$/imu.exec(request)?.[1])).toEqual([
        'identity',
        'identity',
        'identity',
      ])
    })

    it.each([
      'Content-Encoding: gzip',
      'Content-Encoding: GZIP',
      'Content-Encoding: br',
      'Content-Encoding: identity, zstd',
      'Content-Encoding: gzip\r\nContent-Encoding: br',
      'Content-Encoding: made-up',
    ])(
      'that comes all the same is not read, and taken where a repeat would only duplicate: %s',
      async (field) => {
        const receiver = await answering(zipped(field))
        for (const target of [slack(), message]) {
          const { delivery, attempts } = await deliver(receiver.origin, { target })
          expect(delivery).toMatchObject({
            state: 'delivered',
            attempts: 1,
            outcome: { reason: 'status-200' },
          })
          expect(attempts).toMatchObject([
            { excerpt: expect.stringMatching(/^\[left out: .*coding/u) as string },
          ])
        }
        expect(receiver.connections).toBe(2)
      },
    )

    it('is a coding of the transfer too', async () => {
      const receiver = await answering(
        `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n\x1f\x8b\r\n0\r\n\r\n`,
      )
      expect((await deliver(receiver.origin, { target: slack() })).delivery).toMatchObject({
        attempts: 1,
        state: 'delivered',
      })
    })

    it('is in doubt where it starts something', async () => {
      const receiver = await answering(zipped('Content-Encoding: gzip'))
      expect((await deliver(receiver.origin, { target: build })).delivery).toMatchObject({
        attempts: 1,
        outcome: { kind: 'dead', reason: 'status-200', verdict: 'ambiguous' },
      })
      const dispatched = await answering(zipped('Content-Encoding: gzip', 204))
      const target = githubDispatch({
        repository: 'a/b',
        token: 'tk_5f0c1e9a7b',
        eventType: 'deployed',
        apiUrl: dispatched.origin,
      })
      expect((await deliver(dispatched.origin, { target, url: undefined })).delivery).toMatchObject({
        state: 'delivered',
      })
    })

    it('changes nothing of what a status says', async () => {
      const receiver = await answering(zipped('Content-Encoding: gzip', 404))
      for (const target of [message, build, slack()])
        expect((await deliver(receiver.origin, { target })).delivery.outcome).toMatchObject({
          verdict: 'refused',
        })
    })

    it.each(['identity', 'none', 'utf-8', 'UTF-8', ''])('is none that is called %j', async (name) => {
      const receiver = await answering(`${ok}Content-Encoding: ${name}\r\nContent-Length: 2\r\n\r\nok`)
      const { delivery, attempts } = await deliver(receiver.origin, { target: build })
      expect(delivery).toMatchObject({ state: 'delivered' })
      expect(attempts).toMatchObject([{ excerpt: 'ok' }])
    })

    it('is none of a body that is not there', async () => {
      const receiver = await answering(`${ok}Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n`)
      expect((await deliver(receiver.origin, { target: message })).delivery.outcome).toMatchObject({
        reason: 'rejected',
      })
    })
  })
})
