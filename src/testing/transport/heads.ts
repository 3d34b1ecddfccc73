import assert from 'node:assert/strict'
import { maxInterimAnswers } from '../../http/transport.ts'
import { always, endless, ok } from './answers.ts'
import type { TransportBehaviours } from './behaviours.ts'

const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'

export const heads: TransportBehaviours = {
  async 'takes 60 KiB of headers'(bench) {
    const receiver = await bench.listen(
      always(ok.replace('Content', `X: ${'y'.repeat(60 * 1024)}\r\nContent`)),
    )
    assert.equal((await bench.answer(receiver.url())).headers['x']?.length, 60 * 1024)
  },

  async 'fails for a header of 65 KiB'(bench) {
    const receiver = await bench.listen(
      always(ok.replace('Content', `X: ${'y'.repeat(65 * 1024)}\r\nContent`)),
    )
    assertProtocol(await bench.failure(receiver.url()))
    await receiver.untilClosed()
  },

  async 'fails for headers without an end'(bench) {
    const receiver = await bench.listen(endless('HTTP/1.1 200 OK\r\n', 'x: y\r\n'))
    assertProtocol(await bench.failure(receiver.url()))
    await receiver.untilClosed()
  },

  async 'waits for the answer after interim ones'(bench) {
    const receiver = await bench.listen(always(hint.repeat(maxInterimAnswers) + ok))
    const { status, body } = await bench.answer(receiver.url())
    assert.equal(status, 200)
    assert.equal(Buffer.from(body).toString(), 'ok')
  },

  async 'fails for more than 20 interim answers'(bench) {
    const receiver = await bench.listen(endless('', hint))
    assertProtocol(await bench.failure(receiver.url()))
    await receiver.untilClosed()
  },

  async 'fails for another protocol that was not asked for'(bench) {
    const receiver = await bench.listen(
      always('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'),
    )
    assertProtocol(await bench.failure(receiver.url()))
    await receiver.untilClosed()
  },
}

export function assertProtocol({
  cause,
  opened,
}: {
  readonly cause: string
  readonly opened: boolean
}): void {
  assert.deepEqual({ cause, opened }, { cause: 'protocol', opened: true })
}
