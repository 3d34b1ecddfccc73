import assert from 'node:assert/strict'
import type { ConnectionPolicy } from '../../http/transport.ts'
import { always, onRequest, silent } from './answers.ts'
import type { TransportBehaviours } from './behaviours.ts'
import type { Bench } from './bench.ts'
import { guardOf, lookUpHangs } from './guards.ts'
import type { Receiver } from './receiver.ts'
import { stalling, tooMuch } from './stalling.ts'

export const aborting: TransportBehaviours = {
  async 'opens nothing when it is aborted before'(bench) {
    const receiver = await bench.listen(always())
    const { cause, opened } = await bench.failure(receiver.url(), { signal: AbortSignal.abort() })
    assert.deepEqual({ cause, opened }, { cause: 'aborted', opened: false })
    await bench.answer(receiver.url())
    assert.equal(receiver.connections, 1)
  },

  async 'ends at once when it is aborted while a name is looked up'(bench) {
    const asked = Promise.withResolvers<void>()
    const guard = guardOf({
      lookup: (...given) => {
        asked.resolve()
        lookUpHangs(...given)
      },
    })
    await endsWhen(bench, 'http://hangs.test/', () => asked.promise, false, { guard })
  },

  async 'ends at once when it is aborted within the TLS handshake'(bench) {
    const receiver = await bench.listen(silent)
    const url = receiver.url().replace('http:', 'https:')
    await endsWhen(bench, url, () => receiver.until(({ received }) => received !== ''), false)
    await receiver.untilClosed()
  },

  async 'ends at once when it is aborted while it waits for the answer'(bench) {
    const receiver = await bench.listen(silent)
    await endsWhen(bench, receiver.url(), () => whenRequested(receiver), true)
    await receiver.untilClosed()
  },

  async 'ends at once when it is aborted within the answer'(bench) {
    const receiver = await bench.listen(
      onRequest((write) => void write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')),
    )
    await endsWhen(bench, receiver.url(), () => whenRequested(receiver), true)
    await receiver.untilClosed()
  },

  async 'ends at once when it is aborted while the body is sent'(bench) {
    const stalled = stalling()
    const receiver = await bench.listen(stalled.serve)
    const controller = new AbortController()
    const sent = bench.failure(receiver.url(), { body: tooMuch, signal: controller.signal })
    await receiver.until(({ received }) => received !== '')
    controller.abort()
    const { cause, opened } = await sent
    assert.deepEqual({ cause, opened }, { cause: 'aborted', opened: true })
    await stalled.provesCutOff(receiver)
  },

  async 'ends all that share a signal'(bench) {
    const receiver = await bench.listen(silent)
    const controller = new AbortController()
    const exchanges = Array.from({ length: 20 }, () =>
      bench.failure(receiver.url(), { signal: controller.signal }),
    )
    await receiver.until(({ received }) => received.split('\r\n\r\n').length === 21)
    controller.abort()
    for (const { cause } of await Promise.all(exchanges)) assert.equal(cause, 'aborted')
    await receiver.untilClosed()
  },

  async 'is left alone by an abort after its end'(bench) {
    const receiver = await bench.listen(always())
    const controller = new AbortController()
    await bench.answer(receiver.url(), { signal: controller.signal })
    controller.abort()
    await bench.answer(receiver.url())
    assert.equal(receiver.connections, 1)
  },
}

async function endsWhen(
  bench: Bench,
  url: string,
  moment: () => Promise<void>,
  opened: boolean,
  connection?: ConnectionPolicy,
): Promise<void> {
  const controller = new AbortController()
  const settings = connection === undefined ? {} : { connection }
  const sent = bench.failure(url, { signal: controller.signal, ...settings })
  await moment()
  controller.abort()
  const failure = await sent
  assert.deepEqual({ cause: failure.cause, opened: failure.opened }, { cause: 'aborted', opened })
}

function whenRequested(receiver: Receiver): Promise<void> {
  return receiver.until(({ received }) => received.endsWith('\r\n\r\n'))
}
