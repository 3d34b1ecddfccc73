import assert from 'node:assert/strict'
import { always } from './answers.ts'
import type { TransportBehaviours } from './behaviours.ts'

export const requests: TransportBehaviours = {
  async 'sends the request target byte for byte'(bench) {
    const receiver = await bench.listen(always())
    const target = '/a%2fb%41/|~?app=a~b&x=%7e+%20%27&y={}|%5E?z'
    await bench.answer(receiver.url(target))
    assert.equal(receiver.received.split('\r\n')[0], `POST ${target} HTTP/1.1`)
  },

  async 'sends what the URL standard makes of what a target cannot hold'(bench) {
    const receiver = await bench.listen(always())
    await bench.answer(receiver.url('/a b/../\u00fc?q="\u20ac\'#f'))
    assert.match(receiver.received, /^POST \/%C3%BC\?q=%22%E2%82%AC%27 HTTP/u)
  },

  async 'sends no fragment, and a slash for no path'(bench) {
    const receiver = await bench.listen(always())
    await bench.answer(receiver.url(''))
    await bench.answer(receiver.url('?a=b'))
    await bench.answer(receiver.url('/c#d'))
    const targets = [...receiver.received.matchAll(/^POST (.*) HTTP/gmu)].map(([, target]) => target)
    assert.deepEqual(targets, ['/', '/?a=b', '/c'])
  },

  async 'sends the given headers byte for byte, those of the connection, and no others'(bench) {
    const receiver = await bench.listen(always())
    const headers = { authorization: 'abc123', 'user-agent': 'test', 'idempotency-key': '"dlv: 1, 2"' }
    await bench.answer(receiver.url(), { headers })
    const ofConnection = ['connection: keep-alive', 'content-length: 0', `host: 127.0.0.1:${receiver.port}`]
    assert.deepEqual(
      headersOf(receiver.received),
      [
        ...ofConnection.toSorted(),
        'authorization: abc123',
        'idempotency-key: "dlv: 1, 2"',
        'user-agent: test',
      ].toSorted(),
    )
  },

  async 'sends no header of its own when none is given'(bench) {
    const receiver = await bench.listen(always())
    await bench.answer(receiver.url())
    const names = headersOf(receiver.received).map((line) => line.split(':')[0])
    assert.deepEqual(names, ['connection', 'content-length', 'host'])
  },

  async 'sends no body'(bench) {
    const receiver = await bench.listen(always())
    await bench.answer(receiver.url())
    assert.ok(receiver.received.endsWith('\r\n\r\n'))
    assert.equal(receiver.received.split('\r\n\r\n').length, 2)
  },

  async 'names the host of the URL, and its port unless the scheme means it'(bench) {
    const receiver = await bench.listen(always())
    await bench.answer(receiver.url('/', 'RECEIVER.test'))
    assert.ok(headersOf(receiver.received).includes(`host: receiver.test:${receiver.port}`))
  },
}

/** Sorted, with the names of those that the transport makes in lower case. */
export function headersOf(head: string): readonly string[] {
  return head
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map((line) => line.replace(/^(?:Host|Connection|Content-Length):/iu, (name) => name.toLowerCase()))
    .toSorted()
}
