import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Exchange } from '../../http/transport.ts'
import { dripping, silent } from './answers.ts'
import type { TransportBehaviours } from './behaviours.ts'
import type { Bench } from './bench.ts'
import { authority } from './certificates.ts'
import { guardOf, lookUpHangs } from './guards.ts'
import type { ReceiverOptions, Serve } from './receiver.ts'
import { stalling, tooMuch } from './stalling.ts'

const deadlineMs = 200

/** What a receiver does with the connection until the deadline, after the request may have arrived. */
const stages: Readonly<Record<string, Serve>> = {
  'a receiver that says nothing': silent,
  'a status line that drips': dripping('HTTP/1.1 200 ', 'O'),
  'headers that drip': dripping('HTTP/1.1 200 OK\r\n', 'x: y\r\n'),
  'interim answers that drip': dripping('', 'HTTP/1.1 103 Hint\r\nx: y'),
  'a body that drips': dripping('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n', 'x'),
  'chunks that drip': dripping('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\nx\r\n'),
  'a trailer that drips': dripping(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n',
    'x: y\r\n',
  ),
}

export const deadlines: TransportBehaviours = {
  ...Object.fromEntries(
    Object.entries(stages).map(([what, serve]) => [
      `keeps the deadline with ${what}`,
      async (bench: Bench) => provesInTime(bench, serve, true),
    ]),
  ),

  async 'keeps the deadline with a TLS handshake that does not end'(bench) {
    const receiver = await bench.listen(silent)
    const url = receiver.url().replace('http:', 'https:')
    const connection = { guard: guardOf(), tls: { ca: authority } }
    assertTimeout(await inTime(() => bench.send(url, { deadlineMs, connection })), false)
    await receiver.untilClosed()
  },

  async 'keeps the deadline with a name server that does not answer'(bench) {
    const connection = { guard: guardOf({ lookup: lookUpHangs }) }
    assertTimeout(await inTime(() => bench.send('http://hangs.test/', { deadlineMs, connection })), false)
  },

  async 'keeps the deadline with a receiver that does not read the body'(bench) {
    const stalled = stalling()
    const receiver = await bench.listen(stalled.serve)
    assertTimeout(await inTime(() => bench.send(receiver.url(), { body: tooMuch, deadlineMs })), true)
    await stalled.provesCutOff(receiver)
  },

  async 'keeps the deadline over a kept-alive connection'(bench) {
    let requests = 0
    const receiver = await bench.listen((socket) => {
      socket.on('data', () => {
        requests += 1
        if (requests === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      })
    })
    await bench.answer(receiver.url())
    assertTimeout(await inTime(() => bench.send(receiver.url(), { deadlineMs })), true)
    await receiver.untilClosed()
  },
}

async function provesInTime(
  bench: Bench,
  serve: Serve,
  opened: boolean,
  options?: ReceiverOptions,
): Promise<void> {
  const receiver = await bench.listen(serve, options)
  assertTimeout(await inTime(() => bench.send(receiver.url(), { deadlineMs })), opened)
  await receiver.untilClosed()
}

/** Turns of the event loop in which a transport ends what its timer has ended. */
const turnsToEnd = 100

/**
 * The suite's only measurement of time: not sooner than the deadline, and hardly later. Later is told by a timer of this process, not by a
 * clock: where a busy machine has the process wait, both wait.
 */
async function inTime(send: () => Promise<Exchange>): Promise<Exchange> {
  const startedAt = performance.now()
  let isLate = false
  const late = setTimeout(() => {
    void turns(turnsToEnd).then(() => (isLate = true))
  }, deadlineMs * 1.75)
  const exchange = await send()
  clearTimeout(late)
  const tookMs = performance.now() - startedAt
  assert.ok(tookMs > deadlineMs - 2, `Expected ${deadlineMs} ms, took ${tookMs}`) // a timer counts whole milliseconds
  assert.ok(!isLate, `Expected ${deadlineMs} ms, took ${tookMs}`)
  return exchange
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await nextTurn()
}

function assertTimeout(exchange: Exchange, opened: boolean): void {
  const { kind } = exchange
  assert.deepEqual(kind === 'failure' ? { cause: exchange.cause, opened: exchange.opened } : exchange, {
    cause: 'timeout',
    opened,
  })
}
