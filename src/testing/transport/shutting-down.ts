import assert from 'node:assert/strict'
import { always, endless, onceOnly, onRequest, silent } from './answers.ts'
import type { TransportBehaviours } from './behaviours.ts'
import { guardAgainst, guardOf, lookUpHangs } from './guards.ts'

export const shuttingDown: TransportBehaviours = {
  async 'leaves no connection open when it is closed'(bench) {
    const receiver = await bench.listen(always())
    await Promise.all(Array.from({ length: 5 }, () => bench.answer(receiver.url())))
    bench.transport.close()
    await receiver.untilClosed()
  },

  async 'aborts what is in flight when it is closed'(bench) {
    const receiver = await bench.listen(silent)
    const connection = { guard: guardOf({ lookup: lookUpHangs }) }
    const sent = [bench.failure(receiver.url()), bench.failure('http://hangs.test/', { connection })]
    await receiver.until(({ received }) => received.endsWith('\r\n\r\n'))
    bench.transport.close()
    for (const { cause } of await Promise.all(sent)) assert.equal(cause, 'aborted')
    await receiver.untilClosed()
  },

  async 'sends nothing after it is closed, and may be closed again'(bench) {
    const receiver = await bench.listen(always())
    bench.transport.close()
    const { cause, opened } = await bench.failure(receiver.url())
    assert.deepEqual({ cause, opened }, { cause: 'aborted', opened: false })
    bench.transport.close()
    assert.equal(receiver.connections, 0)
  },

  async 'lets no error go unhandled'(bench) {
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', note).on('uncaughtException', note)
    try {
      const serves = [
        endless('HTTP/1.1 200 OK\r\n\r\n', 'x'),
        endless('', 'HTTP/1.1 103 Hint\r\n\r\n'),
        onceOnly(''),
        onceOnly('garbage'),
        onRequest((write) => write.reset()),
        silent,
      ]
      for (const serve of serves) {
        const receiver = await bench.listen(serve)
        const sent = Array.from({ length: 3 }, () => bench.send(receiver.url(), { deadlineMs: 30 }))
        sent.push(bench.send(receiver.url().replace('http:', 'https:'), { deadlineMs: 30 }))
        await Promise.all(sent)
        await receiver.untilClosed()
      }
      await bench.send('http://127.0.0.1/', { connection: { guard: guardAgainst(['127.0.0.1']) } })
      bench.transport.close()
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    } finally {
      process.off('unhandledRejection', note).off('uncaughtException', note)
    }
    assert.deepEqual(unhandled, [])
  },
}
