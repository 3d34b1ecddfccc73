import assert from 'node:assert/strict'
import { always, ok, onceOnly, onRequest } from './answers.ts'
import type { TransportBehaviours } from './behaviours.ts'
import { guardOf } from './guards.ts'

export const reusing: TransportBehaviours = {
  async 'keeps a connection alive'(bench) {
    const receiver = await bench.listen(always())
    for (let count = 0; count < 5; count++) await bench.answer(receiver.url())
    assert.equal(receiver.connections, 1)
  },

  async 'sends at the same time over as many connections'(bench) {
    const waiting: (() => void)[] = []
    const receiver = await bench.listen(onRequest((write) => waiting.push(() => write(ok))))
    const exchanges = Array.from({ length: 5 }, () => bench.answer(receiver.url()))
    await receiver.until(() => waiting.length === 5)
    for (const answer of waiting) answer()
    await Promise.all(exchanges)
    assert.equal(receiver.connections, 5)
  },

  async 'uses no connection of another policy'(bench) {
    const receiver = await bench.listen(always())
    await bench.answer(receiver.url(), { connection: { guard: guardOf() } })
    await bench.answer(receiver.url(), { connection: { guard: guardOf() } })
    assert.equal(receiver.connections, 2)
  },

  async 'opens another connection when the receiver closed the last one after its answer'(bench) {
    const receiver = await bench.listen(onceOnly(ok.replace('Content', 'Connection: close\r\nContent')))
    await bench.answer(receiver.url())
    await bench.answer(receiver.url())
    assert.equal(receiver.connections, 2)
  },

  async 'never opened when a kept-alive connection breaks before any byte of the answer'(bench) {
    const receiver = await bench.listen(resettingAllButTheFirst())
    await bench.answer(receiver.url())
    const { cause, opened } = await bench.failure(receiver.url())
    assert.deepEqual({ cause, opened }, { cause: 'reset', opened: false })
    const again = await bench.failure(receiver.url())
    assert.deepEqual({ cause: again.cause, opened: again.opened }, { cause: 'reset', opened: true })
  },

  async 'never opened when a kept-alive connection breaks with a body before any byte of the answer'(bench) {
    const receiver = await bench.listen(resettingAllButTheFirst())
    const body = 'x'.repeat(10_000)
    await bench.answer(receiver.url(), { body })
    const { cause, opened } = await bench.failure(receiver.url(), { body })
    assert.deepEqual({ cause, opened }, { cause: 'reset', opened: false })
    const again = await bench.failure(receiver.url(), { body })
    assert.deepEqual({ cause: again.cause, opened: again.opened }, { cause: 'reset', opened: true })
  },

  async 'may have arrived when a kept-alive connection breaks within the answer'(bench) {
    let requests = 0
    const receiver = await bench.listen((socket) => {
      socket.on('data', () => {
        requests += 1
        if (requests === 1) socket.write(ok)
        else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
      })
    })
    await bench.answer(receiver.url())
    const { cause, opened } = await bench.failure(receiver.url())
    assert.deepEqual({ cause, opened }, { cause: 'reset', opened: true })
  },

  async 'takes nothing for its answer that came before its request'(bench) {
    const early = ok.replace('200 OK', '299 Early')
    let requests = 0
    const receiver = await bench.listen(
      onRequest((write) => {
        requests += 1
        write(requests === 1 ? ok + early : ok)
      }),
    )
    assert.equal((await bench.answer(receiver.url())).status, 200)
    const next = await bench.send(receiver.url())
    assert.notEqual(next.kind === 'answer' && next.status, 299)
  },
}

/** Answers the first request of a receiver, and resets the connection of each one after it. */
function resettingAllButTheFirst(): ReturnType<typeof onRequest> {
  let requests = 0
  return onRequest((write) => {
    requests += 1
    if (requests === 1) write(ok)
    else write.reset()
  })
}
