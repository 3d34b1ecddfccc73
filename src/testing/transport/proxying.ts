import assert from 'node:assert/strict'
import type { ConnectionPolicy } from '../../http/transport.ts'
import { always, dripping, ok, onceOnly, silent } from './answers.ts'
import type { TransportBehaviours } from './behaviours.ts'
import type { Bench } from './bench.ts'
import { authority } from './certificates.ts'
import { guardAgainst, guardAgainstUrls, guardOf, lookUpBy, lookUpHangs } from './guards.ts'
import { proxyAnswers, tunnelsTo } from './proxy.ts'
import type { Serve } from './receiver.ts'

export const proxying: TransportBehaviours = {
  async 'goes through the proxy, which looks the name up'(bench) {
    const receiver = await bench.listen(always())
    const proxy = await bench.listen(tunnelsTo(receiver.port))
    await bench.answer('http://only.proxy.knows:8080/a', { connection: through(proxy.origin) })
    assert.match(proxy.received, /^CONNECT only\.proxy\.knows:8080 HTTP\/1\.1\r\n/u)
    assert.match(receiver.received, /^POST \/a HTTP\/1\.1\r\n/u)
    assert.match(receiver.received, /host: only\.proxy\.knows:8080\r\n/iu)
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
    const receiver = await bench.listen(always())
    const proxy = await bench.listen(tunnelsTo(receiver.port))
    const origin = proxy.origin.replace('//', '//user%40corp:pass%3Aword@')
    await bench.answer('http://receiver.test/', { connection: through(origin) })
    const basic = Buffer.from('user@corp:pass:word').toString('base64')
    const lines = proxy.received.split('\r\n').map((line) => line.toLowerCase())
    assert.ok(lines.includes(`proxy-authorization: basic ${basic.toLowerCase()}`))
    assert.doesNotMatch(receiver.received, /proxy|pass/iu)
  },

  async 'fails with the status of a proxy that refuses, and without its credentials'(bench) {
    for (const status of [302, 403, 407, 502, 503]) {
      const proxy = await bench.listen(proxyAnswers(`HTTP/1.1 ${status} No\r\nContent-Length: 2\r\n\r\nno`))
      const connection = through(proxy.origin.replace('//', '//user:s3cret@'))
      const failure = await bench.failure('http://receiver.test/', { connection })
      assertProxy(failure, `PROXY_${status}`)
      assert.doesNotMatch(JSON.stringify(failure), /s3cret|127\.0\.0\.1/u)
      await proxy.untilClosed()
    }
  },

  async 'fails when the proxy cannot be reached'(bench) {
    const connection = through(`http://127.0.0.1:${await bench.freePort()}`)
    assertProxy(await bench.failure('http://receiver.test/', { connection }), 'ECONNREFUSED')
  },

  async 'fails when the proxy closes, or does not speak HTTP, or does not end its headers'(bench) {
    const proxies: readonly Serve[] = [
      onceOnly(''),
      proxyAnswers('SSH-2.0-x\r\n\r\n'),
      proxyAnswers(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(20_000)}`),
    ]
    for (const serve of proxies) {
      const proxy = await bench.listen(serve)
      assertProxy(await bench.failure('http://receiver.test/', { connection: through(proxy.origin) }))
      await proxy.untilClosed()
    }
  },

  async 'keeps the deadline although the proxy says nothing, or drips'(bench) {
    for (const serve of [silent, dripping('HTTP/1.1 200 OK\r\n', 'x: y\r\n')]) {
      const proxy = await bench.listen(serve)
      const connection = through(proxy.origin)
      assertProxy(await bench.failure('http://receiver.test/', { connection, deadlineMs: 100 }))
      await proxy.untilClosed()
    }
  },

  async 'keeps the deadline although the name of the proxy is not found out'(bench) {
    const guard = guardOf({ proxy: new URL('http://proxy.test:3128'), lookup: lookUpHangs })
    assertProxy(await bench.failure('http://receiver.test/', { connection: { guard }, deadlineMs: 100 }))
  },

  async 'lets go of the proxy at once when it is aborted'(bench) {
    const proxy = await bench.listen(silent)
    const controller = new AbortController()
    const sent = bench.failure('http://receiver.test/', {
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
        const connection = { guard: { ...guard, proxy: new URL(proxy.origin) } }
        const { cause, code } = await bench.failure(url, { connection })
        assert.deepEqual({ cause, code }, { cause: 'blocked', code: 'EGRESS_TEST' })
      }
    }
    assert.equal(proxy.connections, 0)
  },

  async 'takes what breaks behind the proxy for the receiver’s'(bench) {
    const receiver = await bench.listen((socket) => void socket.once('data', () => socket.end()))
    const proxy = await bench.listen(tunnelsTo(receiver.port))
    const connection = through(proxy.origin)
    const { cause, opened } = await bench.failure('http://receiver.test/', { connection })
    assert.deepEqual({ cause, opened }, { cause: 'reset', opened: true })
    const secure = await bench.failure('https://receiver.test/', { connection })
    assert.deepEqual({ cause: secure.cause, opened: secure.opened }, { cause: 'tls', opened: false })
  },
}

/** Its own look-up knows no name: through a proxy, none is looked up here. */
function through(origin: string): ConnectionPolicy {
  return { guard: guardOf({ proxy: new URL(origin), lookup: lookUpBy(() => []) }) }
}

function assertProxy(failure: Awaited<ReturnType<Bench['failure']>>, code = failure.code): void {
  const { cause, opened } = failure
  assert.deepEqual({ cause, opened, code: failure.code }, { cause: 'proxy', opened: false, code })
}
