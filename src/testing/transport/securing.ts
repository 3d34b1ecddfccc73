import assert from 'node:assert/strict'
import type { TlsOptions as ServerOptions } from 'node:tls'
import type { Failure, TlsOptions } from '../../http/transport.ts'
import { always } from './answers.ts'
import type { TransportBehaviours } from './behaviours.ts'
import type { Bench } from './bench.ts'
import { authority, clientCertificate, clientKey } from './certificates.ts'
import { guardOf, lookUpBy } from './guards.ts'
import type { Receiver } from './receiver.ts'

const demanding: ServerOptions = { requestCert: true, rejectUnauthorized: true, ca: authority }
const asClient = { ca: authority, cert: clientCertificate, key: clientKey }

export const securing: TransportBehaviours = {
  async 'accepts a certificate of an authority that the policy trusts, and keeps the connection'(bench) {
    const receiver = await bench.listen(always(), { tls: {} })
    const connection = { guard: guardOf(), tls: { ca: [authority] } }
    for (const host of ['127.0.0.1', 'localhost', 'LOCALHOST.'])
      assert.equal((await bench.answer(receiver.url('/', host), { connection })).status, 200)
    await bench.answer(receiver.url('/'), { connection })
    assert.equal(receiver.connections, 3)
  },

  async 'refuses a certificate of an authority that nobody trusts'(bench) {
    const receiver = await bench.listen(always(), { tls: {} })
    await provesRefused(bench, receiver.url())
  },

  async 'refuses a certificate for another name'(bench) {
    const receiver = await bench.listen(always(), { tls: {} })
    await provesRefused(bench, receiver.url('/', 'receiver.test'), { ca: authority })
  },

  async 'refuses both again, after a connection that was accepted'(bench) {
    const receiver = await bench.listen(always(), { tls: {} })
    const connection = policyOf({ ca: authority })
    await bench.answer(receiver.url('/', 'localhost'), { connection })
    await provesRefused(bench, receiver.url('/', 'localhost'))
    const { cause } = await bench.failure(receiver.url('/', 'receiver.test'), { connection })
    assert.equal(cause, 'tls')
  },

  async 'refuses both whatever NODE_TLS_REJECT_UNAUTHORIZED says'(bench) {
    const receiver = await bench.listen(always(), { tls: {} })
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      await provesRefused(bench, receiver.url())
      await provesRefused(bench, receiver.url('/', 'receiver.test'), { ca: authority })
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
    }
  },

  async 'shows the certificate of the policy'(bench) {
    const receiver = await bench.listen(always(), { tls: demanding })
    await bench.answer(receiver.url(), { connection: policyOf(asClient) })
  },

  async 'fails without the certificate that the receiver wants, and never opened'(bench) {
    const receiver = await bench.listen(always(), { tls: { ...demanding, maxVersion: 'TLSv1.2' } })
    await provesRefused(bench, receiver.url(), { ca: authority })
    // After the client's handshake, with TLS 1.3: the alert and the reset of the connection race.
    const newer = await bench.listen(always(), { tls: { ...demanding, minVersion: 'TLSv1.3' } })
    const { cause } = await bench.failure(newer.url(), { connection: policyOf({ ca: authority }) })
    assert.match(cause, /^(?:tls|reset)$/u)
  },

  async 'fails when the policy has a certificate that cannot be read'(bench) {
    const receiver = await bench.listen(always(), { tls: {} })
    await provesRefused(bench, receiver.url(), { ca: authority, cert: 'not PEM', key: 'not PEM' })
  },

  async 'fails when the receiver does not speak TLS'(bench) {
    const receiver = await bench.listen((socket) => void socket.end('this is not TLS\r\n\r\n'))
    await provesRefused(bench, receiver.url().replace('http:', 'https:'))
    const closing = await bench.listen((socket) => void socket.end())
    await provesRefused(bench, closing.url().replace('http:', 'https:'))
  },

  async 'tells of a receiver that speaks HTTP/2 alone'(bench) {
    const secure = await bench.listen(always(), { tls: { ALPNProtocols: ['h2'] } })
    assertHttp2(await bench.failure(secure.url(), { connection: policyOf({ ca: authority }) }))
    // Without a word of its protocols, or without TLS: its first bytes tell, sent at once or when it was asked.
    const silent = await bench.listen((socket) => void socket.end(settingsFrame), { tls: {} })
    assertHttp2(await bench.failure(silent.url(), { connection: policyOf({ ca: authority }) }))
    const plain = await bench.listen((socket) => void socket.once('data', () => socket.end(settingsFrame)))
    assertHttp2(await bench.failure(plain.url(), { body: 'x' }))
    const other = await bench.listen((socket) => void socket.end('\0\0\u0006\u0005\0\0\0\0\0'))
    assert.notEqual((await bench.failure(other.url())).code, 'HTTP2_ONLY')
  },

  async 'offers HTTP/1.1 alone, and names the host'(bench) {
    const seen: unknown[] = []
    const receiver: Receiver = await bench.listen(always(), {
      tls: {
        ALPNCallback: ({ servername, protocols }) => {
          seen.push({ servername, protocols })
          return protocols[0]
        },
      },
    })
    const connection = { guard: guardOf({ lookup: lookUpBy(() => ['127.0.0.1']) }), tls: { ca: authority } }
    await bench.answer(receiver.url('/', 'localhost.'), { connection })
    assert.deepEqual(seen, [{ servername: 'localhost', protocols: ['http/1.1'] }])
  },
}

/** With which an HTTP/2 receiver begins: one setting, and then that the connection ends, for what it was sent is no preface. */
const settingsFrame = Buffer.from('000006040000000000000400ffffff0000080700000000000000000000000001', 'hex')

function assertHttp2({ cause, code, opened }: Failure): void {
  assert.deepEqual({ cause, code, opened }, { cause: 'protocol', code: 'HTTP2_ONLY', opened: false })
}

function policyOf(tls: TlsOptions | undefined): {
  guard: ReturnType<typeof guardOf>
  tls: TlsOptions | undefined
} {
  return { guard: guardOf(), tls }
}

async function provesRefused(bench: Bench, url: string, tls?: TlsOptions): Promise<void> {
  const { cause, opened, code } = await bench.failure(url, { connection: policyOf(tls) })
  assert.deepEqual({ cause, opened }, { cause: 'tls', opened: false }, code)
}
