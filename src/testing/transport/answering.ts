import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { keptBytes, maxAnswerBytes } from '../../http/transport.ts'
import { always, endless, ok, onceOnly } from './answers.ts'
import type { TransportBehaviours } from './behaviours.ts'

export const answering: TransportBehaviours = {
  async 'gives status, headers with names in lower case, and body'(bench) {
    const receiver = await bench.listen(
      always('HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nX-Odd: \xe9\r\nContent-Length: 4\r\n\r\nbusy'),
    )
    const { status, headers, body } = await bench.answer(receiver.url())
    assert.equal(status, 503)
    assert.deepEqual({ ...headers }, { 'retry-after': '7', 'x-odd': '\xe9', 'content-length': '4' })
    assert.equal(Buffer.from(body).toString(), 'busy')
  },

  async 'gives repeated headers as node:http does'(bench) {
    const repeated = 'Retry-After: 7\r\nRetry-After: 9\r\nVia: a\r\nVia: b\r\nSet-Cookie: c=1\r\n'
    const receiver = await bench.listen(always(ok.replace('Content', `${repeated}Content`)))
    const { headers } = await bench.answer(receiver.url())
    assert.equal(headers['retry-after'], '7')
    assert.equal(headers['via'], 'a, b')
    assert.deepEqual(headers['set-cookie'], ['c=1'])
  },

  async 'takes an answer that can have no body as complete'(bench) {
    for (const status of [204, 205, 304]) {
      const receiver = await bench.listen(always(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`))
      assert.equal((await bench.answer(receiver.url())).status, status)
    }
  },

  async 'reads a body in chunks'(bench) {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
    const receiver = await bench.listen(always(`${head}2\r\nab\r\n3;x=y\r\ncde\r\n0\r\nX-Trailer: t\r\n\r\n`))
    assert.equal(Buffer.from((await bench.answer(receiver.url())).body).toString(), 'abcde')
  },

  async 'reads a body without a length to the end of the connection'(bench) {
    const receiver = await bench.listen(onceOnly('HTTP/1.0 200 OK\r\n\r\nold'))
    assert.equal(Buffer.from((await bench.answer(receiver.url())).body).toString(), 'old')
  },

  async 'keeps the first 4 KiB of a body'(bench) {
    const body = 'a'.repeat(keptBytes) + 'b'.repeat(5000)
    const receiver = await bench.listen(
      always(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
    )
    assert.equal(Buffer.from((await bench.answer(receiver.url())).body).toString(), 'a'.repeat(keptBytes))
    await bench.answer(receiver.url())
    assert.equal(receiver.connections, 1)
  },

  async 'keeps as much of a body as is asked for'(bench) {
    const body = numbered(maxAnswerBytes - 1)
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`
    const receiver = await bench.listen(always(head + body))
    for (const keepBytes of [0, 1, keptBytes + 1, maxAnswerBytes]) {
      const answer = await bench.answer(receiver.url(), { keepBytes })
      assert.equal(Buffer.from(answer.body).toString(), body.slice(0, keepBytes))
    }
    assert.equal(receiver.connections, 1)
  },

  async 'keeps as much of a body in tiny chunks as is asked for'(bench) {
    const body = numbered(maxAnswerBytes - 1)
    const chunks = Array.from(body, (byte) => `1\r\n${byte}\r\n`).join('')
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
    const receiver = await bench.listen(always(`${head}${chunks}0\r\n\r\n`))
    for (const keepBytes of [keptBytes - 1, maxAnswerBytes]) {
      const answer = await bench.answer(receiver.url(), { keepBytes })
      assert.equal(Buffer.from(answer.body).toString(), body.slice(0, keepBytes))
    }
  },

  async 'keeps 64 KiB of a body at most, whatever is asked for'(bench) {
    const receiver = await bench.listen(endless('HTTP/1.1 200 OK\r\n\r\n', 'x'))
    for (const keepBytes of [maxAnswerBytes + 1, 1e9, Infinity]) {
      const { body } = await bench.answer(receiver.url(), { keepBytes })
      assert.equal(body.byteLength, maxAnswerBytes)
    }
    await receiver.untilClosed()
  },

  async 'cuts an answer off with its connection when 64 KiB of it are read'(bench) {
    const receiver = await bench.listen(endless('HTTP/1.1 200 OK\r\n\r\n', 'x'))
    const { status, body } = await bench.answer(receiver.url())
    assert.equal(status, 200)
    assert.equal(body.byteLength, keptBytes)
    await receiver.untilClosed()
  },

  async 'cuts endless chunks off as well'(bench) {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
    const receiver = await bench.listen(endless(head, '1\r\nx\r\n'))
    assert.equal((await bench.answer(receiver.url())).body.byteLength, keptBytes)
    await receiver.untilClosed()
  },

  async 'does not decompress'(bench) {
    const bomb = gzipSync(Buffer.alloc(10_000_000))
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`
    const receiver = await bench.listen(always(Buffer.concat([Buffer.from(head), bomb])))
    assert.deepEqual(Buffer.from((await bench.answer(receiver.url())).body), bomb.subarray(0, keptBytes))
  },

  async 'does not follow a redirect'(bench) {
    const receiver = await bench.listen(
      always('HTTP/1.1 307 Elsewhere\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n'),
    )
    const { status, headers } = await bench.answer(receiver.url('/here'))
    assert.equal(status, 307)
    assert.equal(headers.location, '/elsewhere')
    assert.doesNotMatch(receiver.received, /elsewhere/u)
  },
}

/** Text of which no part can be taken for another. */
function numbered(length: number): string {
  let text = ''
  for (let count = 0; text.length < length; count++) text += `${count},`
  return text.slice(0, length)
}
