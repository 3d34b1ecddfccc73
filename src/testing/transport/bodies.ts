import assert from 'node:assert/strict'
import type { RequestMethod } from '../../http/transport.ts'
import { always } from './answers.ts'
import type { TransportBehaviours } from './behaviours.ts'
import { headersOf } from './requests.ts'

const withBody: readonly RequestMethod[] = ['POST', 'PUT', 'PATCH']

/** Characters of one to four bytes, line ends of every kind, the end of a head, a NUL, and half of a surrogate pair. */
const texts: Readonly<Record<string, string>> = {
  'one to four bytes': '{"a":"\u00e4\u20ac\u{1f680}"}',
  'line ends': '\r\na\nb\rc\r\n\r\nPOST / HTTP/1.1\r\n\r\n',
  controls: 'a\0b\ufeff\u2028',
  'half a character': 'a\ud83db',
}

export const bodies: TransportBehaviours = {
  async 'sends the method that is given'(bench) {
    for (const method of ['GET', ...withBody] as const) {
      const receiver = await bench.listen(always())
      await bench.answer(receiver.url('/a'), { method })
      assert.equal(receiver.received.split('\r\n')[0], `${method} /a HTTP/1.1`)
    }
  },

  async 'sends neither a body nor its length with a GET'(bench) {
    for (const body of [undefined, '', 'body']) {
      const receiver = await bench.listen(always())
      await bench.answer(receiver.url(), { method: 'GET', body })
      assert.deepEqual(namesOf(receiver.received), ['connection', 'host'])
      assert.ok(receiver.received.endsWith('\r\n\r\n'))
    }
  },

  async 'sends a length of 0 without a body, and with an empty one'(bench) {
    for (const method of withBody)
      for (const body of [undefined, '']) {
        const receiver = await bench.listen(always())
        await bench.answer(receiver.url(), { method, body })
        assert.ok(headersOf(receiver.received).includes('content-length: 0'))
        assert.ok(receiver.received.endsWith('\r\n\r\n'))
      }
  },

  async 'sends a body as UTF-8, byte for byte, with its length in bytes'(bench) {
    for (const method of withBody)
      for (const [what, body] of Object.entries(texts)) {
        const receiver = await bench.listen(always())
        await bench.answer(receiver.url(), { method, body })
        const [head, sent] = splitAtBody(receiver.received)
        assert.deepEqual(Buffer.from(sent, 'latin1'), Buffer.from(body, 'utf8'), what)
        assert.ok(headersOf(head).includes(`content-length: ${Buffer.byteLength(body)}`), what)
      }
  },

  async 'sends a body of 1 MB'(bench) {
    const receiver = await bench.listen(always())
    const body = 'body '.repeat(200_000)
    await bench.answer(receiver.url(), { body })
    assert.ok(splitAtBody(receiver.received)[1] === body)
  },

  async 'sends no header of its own with a body but its length'(bench) {
    const receiver = await bench.listen(always())
    await bench.answer(receiver.url(), { body: '{}' })
    assert.deepEqual(namesOf(receiver.received), ['connection', 'content-length', 'host'])
  },

  async 'sends the type of a body that is given'(bench) {
    const receiver = await bench.listen(always())
    const headers = { 'content-type': 'application/json' }
    await bench.answer(receiver.url(), { headers, body: '{}' })
    assert.ok(headersOf(splitAtBody(receiver.received)[0]).includes('content-type: application/json'))
  },

  async 'keeps a connection alive after each method, with and without a body'(bench) {
    const receiver = await bench.listen(always())
    for (const method of ['PUT', 'GET', 'PATCH', 'POST', 'GET'] as const)
      for (const body of ['\u20ac'.repeat(10_000), undefined, ''])
        await bench.answer(receiver.url(), { method, body })
    assert.equal(receiver.connections, 1)
  },
}

function namesOf(request: string): readonly (string | undefined)[] {
  return headersOf(splitAtBody(request)[0]).map((line) => line.split(':')[0])
}

/** The head of a request, and what comes after it. */
function splitAtBody(request: string): readonly [head: string, body: string] {
  const end = request.indexOf('\r\n\r\n')
  return [request.slice(0, end), request.slice(end + 4)]
}
