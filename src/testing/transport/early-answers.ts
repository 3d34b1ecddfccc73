import assert from 'node:assert/strict'
import { always, ok, onRequest } from './answers.ts'
import type { TransportBehaviours } from './behaviours.ts'
import { stalling, tooMuch } from './stalling.ts'

const tooLarge = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\n\r\nlarge'

/** What a receiver that does not read the body does with the connection after its answer. */
const endings = {
  'keeps the connection': tooLarge,
  'closes the connection': tooLarge.replace('Content-', 'Connection: close\r\nContent-'),
}

export const earlyAnswers: TransportBehaviours = {
  ...Object.fromEntries(
    Object.entries(endings).map(([ending, answer]) => [
      `gives the answer of a receiver that does not read the body, and ${ending}`,
      async (bench: Parameters<TransportBehaviours[string]>[0]) => {
        const stalled = stalling((socket) => {
          if (answer === tooLarge) socket.write(answer)
          else socket.end(answer)
        })
        const receiver = await bench.listen(stalled.serve)
        const { status, body, timings } = await bench.answer(receiver.url(), { body: tooMuch })
        assert.equal(status, 413)
        assert.equal(Buffer.from(body).toString(), 'large')
        assert.equal(timings.firstByteMs, undefined)
        await stalled.provesCutOff(receiver)
      },
    ]),
  ),

  // Whether an answer before a reset is read is the system's to decide.
  async 'gives the answer of a receiver that resets the connection after it, or the reset'(bench) {
    const { serve } = stalling((socket) => socket.write(tooLarge, () => socket.resetAndDestroy()))
    const receiver = await bench.listen(serve)
    for (let count = 0; count < 5; count++) {
      const exchange = await bench.send(receiver.url(), { body: tooMuch })
      if (exchange.kind === 'answer') {
        assert.equal(exchange.status, 413)
        assert.equal(Buffer.from(exchange.body).toString(), 'large')
      } else {
        const { cause, opened } = exchange
        assert.deepEqual({ cause, opened }, { cause: 'reset', opened: true })
      }
    }
  },

  async 'fails when the connection is reset while the body is sent'(bench) {
    const receiver = await bench.listen(stalling((socket) => socket.resetAndDestroy()).serve)
    const { cause, opened } = await bench.failure(receiver.url(), { body: tooMuch })
    assert.deepEqual({ cause, opened }, { cause: 'reset', opened: true })
  },

  async 'sends the body after interim answers'(bench) {
    const body = 'x'.repeat(1_000_000)
    const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'
    const answering = onRequest((write) => void write(ok))
    const receiver = await bench.listen((socket) => {
      socket.once('data', () => socket.write(hint))
      answering(socket)
    })
    assert.equal((await bench.answer(receiver.url(), { body })).status, 200)
    assert.ok(receiver.received.endsWith(`\r\n\r\n${body}`))
  },

  async 'does not send the body to where it is redirected'(bench) {
    for (const status of [301, 302, 303, 307, 308]) {
      const redirect = `HTTP/1.1 ${status} Elsewhere\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n`
      const receiver = await bench.listen(always(redirect))
      assert.equal((await bench.answer(receiver.url(), { body: 'secret' })).status, status)
      assert.equal(receiver.received.split('secret').length, 2)
      assert.doesNotMatch(receiver.received, /elsewhere/u)
    }
  },
}
