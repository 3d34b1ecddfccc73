import assert from 'node:assert/strict'
import { always, onceOnly, onRequest } from './answers.ts'
import type { TransportBehaviours } from './behaviours.ts'
import { assertProtocol } from './heads.ts'

const notHttp = {
  'a greeting of another protocol': '220 smtp.example.com ESMTP\r\n',
  'a status that is none': 'HTTP/1.1 banana\r\n\r\n',
  'a Content-Length that is no number': 'HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\nok',
  'a negative Content-Length': 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok',
  'two lengths that differ': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok',
  'a chunk without a size': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n',
  'a header with a NUL': 'HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n',
}

export const breaking: TransportBehaviours = {
  ...Object.fromEntries(
    Object.entries(notHttp).map(([what, bytes]) => [
      `fails for ${what}, as a fault of the protocol`,
      async (bench: Parameters<TransportBehaviours[string]>[0]) => {
        const receiver = await bench.listen(always(bytes))
        assertProtocol(await bench.failure(receiver.url()))
        await receiver.untilClosed()
      },
    ]),
  ),

  async 'fails when the connection closes without an answer'(bench) {
    const receiver = await bench.listen(onceOnly(''))
    assertReset(await bench.failure(receiver.url()))
  },

  async 'fails when the connection is reset without an answer'(bench) {
    const receiver = await bench.listen(onRequest((write) => write.reset()))
    assertReset(await bench.failure(receiver.url()))
  },

  async 'fails when the connection closes in the middle of the headers'(bench) {
    const receiver = await bench.listen(onceOnly('HTTP/1.1 200 OK\r\nX: y'))
    const { kind, opened } = await bench.failure(receiver.url())
    assert.deepEqual({ kind, opened }, { kind: 'failure', opened: true })
  },

  async 'fails when the connection closes in the middle of the body'(bench) {
    const half = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'
    for (const bytes of [half, half.replace('Content', 'Connection: close\r\nContent')]) {
      const receiver = await bench.listen(onceOnly(bytes))
      assertReset(await bench.failure(receiver.url()))
    }
  },

  async 'fails when the connection is reset in the middle of the body'(bench) {
    const receiver = await bench.listen((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', () => socket.resetAndDestroy())
      })
    })
    assertReset(await bench.failure(receiver.url()))
  },

  async 'fails when nothing listens, and never opened'(bench) {
    const { cause, opened, code } = await bench.failure(`http://127.0.0.1:${await bench.freePort()}/`)
    assert.deepEqual({ cause, opened, code }, { cause: 'unreachable', opened: false, code: 'ECONNREFUSED' })
  },

  async 'fails when the name is not known, and never opened'(bench) {
    const { cause, opened, code } = await bench.failure('http://unknown.test/')
    assert.deepEqual({ cause, opened, code }, { cause: 'dns', opened: false, code: 'ENOTFOUND' })
  },

  async 'fails for a URL that is none, and never opened'(bench) {
    const { opened } = await bench.failure('not a URL')
    assert.equal(opened, false)
  },

  async 'fails for a header that cannot be sent, and never opened'(bench) {
    const receiver = await bench.listen(always())
    const { opened } = await bench.failure(receiver.url(), { headers: { x: 'a\r\nb: c' } })
    assert.equal(opened, false)
    assert.equal(receiver.received, '')
  },

  async 'gives codes, and no message, since messages hold addresses'(bench) {
    const port = await bench.freePort()
    const exchange = JSON.stringify(await bench.failure(`http://receiver.test:${port}/secret?token=s3cret`))
    assert.doesNotMatch(exchange, /127\.0\.0\.1|receiver\.test|s3cret/u)
  },
}

function assertReset({ cause, opened }: { readonly cause: string; readonly opened: boolean }): void {
  assert.deepEqual({ cause, opened }, { cause: 'reset', opened: true })
}
