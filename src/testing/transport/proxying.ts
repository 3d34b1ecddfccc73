import assert from 'node:assert/strict'
import type { EgressGuard } from '../../http/egress-guard.ts'
import type { ConnectionPolicy } from '../../http/transport.ts'
import { always, dripping, ok, onceOnly, silent } from './answers.ts'
import type { TransportBehaviours } from './behaviours.ts'
import type { Bench } from './bench.ts'
import { authority } from './certificates.ts'
import {
  guardAgainst,
  guardAgainstUrls,
  guardOf,
  lookUpBy,
  lookUpHangs,
  lookUpIn,
  proxyAt,
} from './guards.ts'
import { forwardsTo, proxyAnswers, tunnelsTo } from './proxy.ts'
import type { Receiver, Serve } from './receiver.ts'

export const proxying: TransportBehaviours = {
  async 'sends to an http receiver through the proxy in absolute form, and has the proxy look the name up'(
    bench,
  ) {
    const receiver = await bench.listen(always())
    const proxy = await bench.listen(forwardsTo(receiver.port))
    await bench.answer('http://only.proxy.knows:8080/a?b=c%20d', {
      connection: through(proxy.origin),
      body: 'e',
    })
    assert.match(proxy.received, /^POST http:\/\/only\.proxy\.knows:8080\/a\?b=c%20d HTTP\/1\.1\r\n/u)
    assert.match(proxy.received, /^host: only\.proxy\.knows:8080\r\n/imu)
    assert.match(receiver.received, /^POST \/a\?b=c%20d HTTP\/1\.1\r\n/u)
    assert.match(receiver.received, /\r\n\r\ne$/u)
  },

  async 'keeps no connection to a proxy that is sent the requests themselves, which may close it without a word'(
    bench,
  ) {
    const receiver = await bench.listen(always())
    const proxy = await bench.listen(forwardsTo(receiver.port))
    const settings = { connection: through(proxy.origin) }
    for (let count = 1; count <= 3; count += 1) {
      await bench.answer('http://receiver.test/', settings)
      assert.equal(proxy.connections, count)
    }
    assert.equal(proxy.received.match(/^connection: close\r$/gimu)?.length, 3)
  },

  async 'sends to the receiver itself where the guard names no proxy for the URL'(bench) {
    const receiver = await bench.listen(always())
    const proxy = await bench.listen(proxyAnswers(ok))
    const of = proxyAt(proxy.origin)
    const proxyFor: EgressGuard['proxyFor'] = (url) => (url.pathname === '/through' ? of() : undefined)
    const connection = { guard: guardOf({ proxyFor }) }
    await bench.answer(receiver.url('/direct'), { connection })
    assert.match(receiver.received, /^POST \/direct HTTP\/1\.1\r\n/u)
    assert.equal(proxy.connections, 0)
  },

  async 'speaks TLS with the receiver through the proxy, and keeps the tunnel'(bench) {
    const receiver = await bench.listen(always(), { tls: {} })
    const proxy = await bench.listen(tunnelsTo(receiver.port))
    const connection = { ...through(proxy.origin), tls: { ca: authority } }
    await bench.answer('https://localhost/a', { connection })
    await bench.answer('https://localhost/b', { connection })
    assert.equal(proxy.connections, 1)
    assert.match(proxy.received, /^CONNECT localhost:443 HTTP\/1\.1\r\n/u)
    assert.doesNotMatch(proxy.received, /POST/u)
    const { cause } = await bench.failure('https://other.test/', { connection })
    assert.equal(cause, 'tls')
  },

  async 'shows its credentials to the proxy, and to nobody else'(bench) {
    let decrypted = ''
    const receiver = await bench.listen(
      (socket) => {
        socket.on('data', (data) => {
          decrypted += data.toString('latin1')
          socket.write(ok)
        })
      },
      { tls: {} },
    )
    const plain = await bench.listen(always())
    const [tunnel, forwarding] = [
      await bench.listen(tunnelsTo(receiver.port)),
      await bench.listen(forwardsTo(plain.port)),
    ]
    const settingsOf = ({ origin }: Receiver): { connection: ConnectionPolicy } => ({
      connection: { ...through(origin.replace('//', '//user%40corp:pass%3Aword@')), tls: { ca: authority } },
    })
    await bench.answer('https://localhost/', settingsOf(tunnel))
    await bench.answer('http://receiver.test/', settingsOf(forwarding))
    const basic = Buffer.from('user@corp:pass:word').toString('base64')
    for (const { received } of [tunnel, forwarding]) {
      const lines = received.split('\r\n').map((line) => line.toLowerCase())
      assert.ok(lines.includes(`proxy-authorization: basic ${basic.toLowerCase()}`))
    }
    assert.match(decrypted, /^POST \/ HTTP/u)
    assert.doesNotMatch(decrypted + plain.received, /proxy|pass/iu)
  },

  async 'fails with the status of a proxy that refuses, and without its credentials'(bench) {
    for (const status of [302, 403, 407, 502, 503]) {
      const proxy = await bench.listen(proxyAnswers(`HTTP/1.1 ${status} No\r\nContent-Length: 2\r\n\r\nno`))
      const connection = through(proxy.origin.replace('//', '//user:s3cret@'))
      const failure = await bench.failure('https://receiver.test/', { connection })
      assertProxy(failure, `PROXY_${status}`)
      assert.doesNotMatch(JSON.stringify(failure), /s3cret|127\.0\.0\.1/u)
      await proxy.untilClosed()
    }
  },

  async 'takes the proxy’s own answers in the place of an http receiver for the proxy’s'(bench) {
    const own: readonly (readonly [status: number, header: string, opened: boolean])[] = [
      [407, 'Proxy-Authenticate: Basic', false],
      [403, 'X-Squid-Error: ERR_ACCESS_DENIED 0', false],
      [503, 'X-Squid-Error: ERR_CONNECT_FAIL 111', false],
      [502, 'Proxy-Status: corp; error=connection_terminated', true],
      [504, 'X-Squid-Error: ERR_READ_TIMEOUT 0', true],
      [500, 'Server: tinyproxy/1.11.1', true],
    ]
    for (const [status, header, opened] of own) {
      const proxy = await bench.listen(
        proxyAnswers(`HTTP/1.1 ${status} No\r\n${header}\r\nContent-Length: 0\r\n\r\n`),
      )
      const { cause, code, ...failure } = await bench.failure('http://receiver.test/', {
        connection: through(proxy.origin),
      })
      assert.deepEqual(
        { cause, code, opened: failure.opened },
        { cause: 'proxy', code: `PROXY_${status}`, opened },
      )
    }
  },

  async 'takes what the proxy passes on for the receiver’s'(bench) {
    for (const head of [
      '503 Busy\r\nRetry-After: 60',
      '403 No',
      '502 No\r\nProxy-Status: corp; received-status=502',
    ]) {
      const receiver = await bench.listen(onceOnly(`HTTP/1.1 ${head}\r\nContent-Length: 0\r\n\r\n`))
      const proxy = await bench.listen(forwardsTo(receiver.port))
      const { status } = await bench.answer('http://receiver.test/', { connection: through(proxy.origin) })
      assert.equal(`${status}`, head.slice(0, 3))
    }
    // Where there is no proxy, a receiver may say what it likes.
    const receiver = await bench.listen(
      always('HTTP/1.1 407 No\r\nX-Squid-Error: x\r\nContent-Length: 0\r\n\r\n'),
    )
    assert.equal((await bench.answer(receiver.url())).status, 407)
  },

  async 'fails when the proxy cannot be reached'(bench) {
    const connection = through(`http://127.0.0.1:${await bench.freePort()}`)
    assertProxy(await bench.failure('https://receiver.test/', { connection }), 'ECONNREFUSED')
  },

  async 'fails when the proxy closes, or does not speak HTTP, or does not end its headers'(bench) {
    const proxies: readonly Serve[] = [
      onceOnly(''),
      proxyAnswers('SSH-2.0-x\r\n\r\n'),
      proxyAnswers(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(20_000)}`),
    ]
    for (const serve of proxies) {
      const proxy = await bench.listen(serve)
      assertProxy(await bench.failure('https://receiver.test/', { connection: through(proxy.origin) }))
      await proxy.untilClosed()
    }
  },

  async 'keeps the deadline although the proxy says nothing, or drips'(bench) {
    for (const serve of [silent, dripping('HTTP/1.1 200 OK\r\n', 'x: y\r\n')]) {
      const proxy = await bench.listen(serve)
      const connection = through(proxy.origin)
      assertProxy(await bench.failure('https://receiver.test/', { connection, deadlineMs: 100 }))
      await proxy.untilClosed()
    }
  },

  async 'connects to whichever address of the proxy takes a connection'(bench) {
    const receiver = await bench.listen(always())
    const proxy = await bench.listen(forwardsTo(receiver.port))
    const lookup = lookUpIn({ 'proxy.test': ['127.0.0.2', '127.0.0.3', '127.0.0.1'] })
    const guard = guardOf({ proxyFor: proxyAt(`http://proxy.test:${proxy.port}`), lookup })
    await bench.answer('http://receiver.test/', { connection: { guard } })
    assert.equal(proxy.connections, 1)
  },

  async 'keeps the deadline although the name of the proxy is not found out'(bench) {
    const guard = guardOf({ proxyFor: proxyAt('http://proxy.test:3128'), lookup: lookUpHangs })
    assertProxy(await bench.failure('http://receiver.test/', { connection: { guard }, deadlineMs: 100 }))
  },

  async 'lets go of the proxy at once when it is aborted'(bench) {
    const proxy = await bench.listen(silent)
    const controller = new AbortController()
    const sent = bench.failure('https://receiver.test/', {
      connection: through(proxy.origin),
      signal: controller.signal,
    })
    await proxy.until(({ received }) => received !== '')
    controller.abort()
    assert.equal((await sent).cause, 'aborted')
    await proxy.untilClosed()
  },

  async 'asks the proxy for nothing that the guard refuses'(bench) {
    const proxy = await bench.listen(proxyAnswers(ok))
    for (const guard of [guardAgainstUrls, guardAgainst(['127.0.0.1', '::1'])]) {
      for (const url of ['http://127.0.0.1/', 'https://127.1/', 'http://[::1]/']) {
        const connection = { guard: { ...guard, proxyFor: proxyAt(proxy.origin) } }
        const { cause, code } = await bench.failure(url, { connection })
        assert.deepEqual({ cause, code }, { cause: 'blocked', code: 'EGRESS_TEST' })
      }
    }
    assert.equal(proxy.connections, 0)
  },

  async 'takes what breaks behind the proxy for the receiver’s'(bench) {
    const receiver = await bench.listen((socket) => void socket.once('data', () => socket.end()))
    const forwarding = await bench.listen(forwardsTo(receiver.port))
    const plain = { connection: through(forwarding.origin) }
    const { cause, opened } = await bench.failure('http://receiver.test/', plain)
    assert.deepEqual({ cause, opened }, { cause: 'reset', opened: true })
    const proxy = await bench.listen(tunnelsTo(receiver.port))
    const secure = await bench.failure('https://receiver.test/', { connection: through(proxy.origin) })
    assert.deepEqual({ cause: secure.cause, opened: secure.opened }, { cause: 'tls', opened: false })
  },
}

/** Its own look-up knows no name: through a proxy, none is looked up here. */
function through(origin: string): ConnectionPolicy {
  return { guard: guardOf({ proxyFor: proxyAt(origin), lookup: lookUpBy(() => []) }) }
}

function assertProxy(failure: Awaited<ReturnType<Bench['failure']>>, code = failure.code): void {
  const { cause, opened } = failure
  assert.deepEqual({ cause, opened, code: failure.code }, { cause: 'proxy', opened: false, code })
}
