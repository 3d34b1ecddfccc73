import assert from 'node:assert/strict'
import { maxHeaderBytes, type TransportRequest } from '../../http/transport.ts'
import { always, dripping, onceOnly, onRequest } from './answers.ts'
import type { TransportBehaviours } from './behaviours.ts'
import type { Bench } from './bench.ts'
import type { Serve } from './receiver.ts'

const deciding: Pick<TransportRequest, 'statusDecides'> = { statusDecides: () => true }
const ok = 'HTTP/1.1 200 OK\r\n'
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`

/** What becomes of a body whose head has come, and not of its end. */
const bodies: Readonly<Record<string, Serve>> = {
  'is shorter than its length': onceOnly(`${ok}Content-Length: 10\r\n\r\nhalf`),
  'is reset': onRequest((write) => {
    write(`${ok}Content-Length: 10\r\n\r\nhalf`)
    setImmediate(() => write.reset())
  }),
  'has no last chunk': onceOnly(`${chunked}4\r\nhalf\r\n`),
  'breaks off in a chunk': onceOnly(`${chunked}ff\r\nhalf`),
  'has a chunk without a size': always(`${chunked}4\r\nhalf\r\nzz\r\n`),
  'drips beyond the deadline': dripping(`${ok}Content-Length: 100000\r\n\r\n`, 'x'),
  'has no end': always(`${ok}\r\nhalf`),
  'has a trailer that drips': dripping(`${chunked}4\r\nhalf\r\n0\r\n`, 'x: y\r\n'),
}

/** Heads that parsers refuse, with what is certain in them. */
const malformed: Readonly<Record<string, string>> = {
  'lines that end with LF alone': 'HTTP/1.1 429 Later\nRetry-After: 7\nContent-Length: 2\n\nno',
  'a line that ends with LF alone': 'HTTP/1.1 429 Later\r\nRetry-After: 7\nContent-Length: 2\r\n\r\nno',
  'two lengths that are one':
    'HTTP/1.1 429 Later\r\nRetry-After: 7\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nno',
  'two lengths that differ':
    'HTTP/1.1 429 Later\r\nRetry-After: 7\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nno',
  'a length and chunks':
    'HTTP/1.1 429 Later\r\nRetry-After: 7\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a length that is no number': 'HTTP/1.1 429 Later\r\nRetry-After: 7\r\nContent-Length: two\r\n\r\nno',
  'a folded header': 'HTTP/1.1 429 Later\r\nRetry-After: 7\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nno',
  'a header with a NUL': 'HTTP/1.1 429 Later\r\nRetry-After: 7\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nno',
  'a header without a colon': 'HTTP/1.1 429 Later\r\nRetry-After: 7\r\nX\r\nContent-Length: 2\r\n\r\nno',
  'headers that are too long': `HTTP/1.1 429 Later\r\nRetry-After: 7\r\nX: ${'y'.repeat(maxHeaderBytes + 1)}\r\n\r\n`,
  'a version that is none': 'HTTP/1.7 429 Later\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nno',
  'an interim answer before it': `HTTP/1.1 103 Hint\r\nRetry-After: 1\r\n\r\nHTTP/1.1 429 Later\nRetry-After: 7\n\n`,
}

/** Where a status decides (`statusDecides`), an answer is one when its head is in. */
export const statuses: TransportBehaviours = {
  ...Object.fromEntries(
    Object.entries(bodies).map(([what, serve]) => [
      `gives an answer whose status decides, when its body ${what}`,
      async (bench: Bench) => {
        const receiver = await bench.listen(serve)
        const { status, body, code } = await bench.answer(receiver.url(), { ...deciding, deadlineMs: 300 })
        assert.equal(status, 200)
        assert.match(Buffer.from(body).toString(), /^(?:half|x*)$/u) // what had come
        assert.ok(code !== undefined && code !== '')
        await receiver.untilClosed()
      },
    ]),
  ),

  ...Object.fromEntries(
    Object.entries(malformed).map(([what, bytes]) => [
      `gives an answer whose status decides, and closes the connection, for ${what}`,
      async (bench: Bench) => {
        const receiver = await bench.listen(always(bytes))
        const { status, headers, body, code } = await bench.answer(receiver.url(), deciding)
        assert.deepEqual([status, headers['retry-after']], [429, '7'])
        assert.equal(body.byteLength, 0)
        assert.ok(code !== undefined && code !== '')
        await receiver.untilClosed()
      },
    ]),
  ),

  async 'gives an answer whose status decides without a code when all of it came'(bench) {
    const receiver = await bench.listen(always(`${ok}Content-Length: 2\r\n\r\nok`))
    for (let count = 0; count < 2; count++) {
      const answer = await bench.answer(receiver.url(), deciding)
      assert.equal(answer.code, undefined)
      assert.equal(Buffer.from(answer.body).toString(), 'ok')
    }
    assert.equal(receiver.connections, 1)
  },

  async 'gives an answer whose status decides when it is aborted within the body'(bench) {
    const receiver = await bench.listen(always(`${ok}Content-Length: 10\r\n\r\nhalf`))
    // Only the transport knows when the head is in: before that it fails, and is given more time.
    for (let waitMs = 20; ; waitMs *= 4) {
      const exchange = await bench.send(receiver.url(), { ...deciding, signal: AbortSignal.timeout(waitMs) })
      if (exchange.kind === 'answer') {
        assert.equal(exchange.status, 200)
        break
      }
      assert.equal(exchange.cause, 'aborted')
      assert.ok(waitMs < 5000)
    }
    await receiver.untilClosed()
  },

  async 'fails as ever for a status that does not decide'(bench) {
    const statusDecides = (status: number): boolean => status === 404
    const half = 'X\r\nContent-Length: 10\r\n\r\nhalf'
    for (const status of [200, 404]) {
      const receiver = await bench.listen(onceOnly(`HTTP/1.1 ${status} ${half}`))
      const exchange = await bench.send(receiver.url(), { statusDecides })
      assert.equal(exchange.kind, status === 404 ? 'answer' : 'failure')
      const malformedHead = await bench.listen(onceOnly(`HTTP/1.1 ${status} X\nContent-Length: 0\n\n`))
      const other = await bench.send(malformedHead.url(), { statusDecides })
      assert.equal(other.kind, status === 404 ? 'answer' : 'failure')
    }
  },

  async 'fails as ever for what has no status'(bench) {
    for (const bytes of [
      '220 smtp.example.com ESMTP\r\n',
      'HTTP/1.1 banana\r\n\r\n',
      'HTTP/1.1 2',
      ' HTTP/1.1 200 OK\n\n',
      '',
    ]) {
      const receiver = await bench.listen(onceOnly(bytes))
      const { opened } = await bench.failure(receiver.url(), deciding)
      assert.equal(opened, true)
      await receiver.untilClosed()
    }
  },
}
