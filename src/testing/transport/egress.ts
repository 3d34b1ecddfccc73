import assert from 'node:assert/strict'
import { always } from './answers.ts'
import type { TransportBehaviours } from './behaviours.ts'
import type { Bench } from './bench.ts'
import { guardAgainst, guardAgainstUrls, guardOf, lookUpBy, lookUpIn } from './guards.ts'
import type { Receiver } from './receiver.ts'

const again = 6

export const egress: TransportBehaviours = {
  async 'connects to no URL that the guard refuses'(bench) {
    await provesBlocked(bench, ['http://127.0.0.1', 'https://receiver.test'], guardAgainstUrls)
  },

  async 'connects to no address that the guard refuses, however it is written'(bench) {
    const hosts = ['127.0.0.1', '127.1', '2130706433', '0x7f.0.0.1', '0177.0.0.1', '127.0.0.1.']
    const origins = hosts.flatMap((host) => [`http://${host}`, `https://${host}`])
    await provesBlocked(bench, origins, guardAgainst(['127.0.0.1']))
  },

  async 'connects to no IPv6 address that the guard refuses'(bench) {
    const origins = ['http://[::1]', 'https://[0:0:0:0:0:0:0:1]']
    await provesBlocked(bench, origins, guardAgainst(['::1']))
  },

  async 'connects to no name whose address the guard refuses, however it is written'(bench) {
    const lookup = lookUpBy(() => ['127.0.0.1'])
    const hosts = ['receiver.test', 'RECEIVER.Test', 'receiver.test.', 'localhost', 'LOCALHOST.']
    const origins = hosts.flatMap((host) => [`http://${host}`, `https://${host}`])
    await provesBlocked(bench, origins, guardAgainst(['127.0.0.1'], { lookup }))
  },

  async 'connects to what was checked when a name changes its address at each look-up'(bench) {
    const receiver = await bench.listen(always())
    let lookUps = 0
    // Nothing listens at the other address, which the guard allows.
    const lookup = lookUpBy(() => [lookUps++ % 2 === 0 ? '127.0.0.2' : '127.0.0.1'])
    const guard = guardAgainst(['127.0.0.1'], { lookup })
    for (const scheme of ['http', 'https']) {
      for (let count = 0; count < again; count++) {
        const url = `${scheme}://receiver.test:${receiver.port}/`
        const { cause } = await bench.failure(url, { connection: { guard } })
        assert.equal(cause, count % 2 === 0 ? 'unreachable' : 'blocked')
      }
    }
    assert.equal(lookUps, 2 * again)
    assertUntouched(receiver)
  },

  async 'connects only to those of the addresses that the guard allows'(bench) {
    const forbidden = await bench.listen(always(), { host: '127.0.0.2' })
    const receiver = await bench.listen(always(), { port: forbidden.port })
    for (const addresses of [
      ['127.0.0.2', '127.0.0.1'],
      ['127.0.0.1', '127.0.0.2'],
      ['127.0.0.2', '127.0.0.2', '127.0.0.1'],
    ]) {
      const guard = guardAgainst(['127.0.0.2'], { lookup: lookUpIn({ 'receiver.test': addresses }) })
      await bench.answer(receiver.url('/', 'receiver.test'), { connection: { guard } })
    }
    assertUntouched(forbidden)
    assert.equal(receiver.connections, 3)
  },

  async 'sends nothing over the connection of a policy that allows more'(bench) {
    const receiver = await bench.listen(always())
    await bench.answer(receiver.url(), { connection: { guard: guardOf() } })
    const received = receiver.received
    const { cause } = await bench.failure(receiver.url(), {
      connection: { guard: guardAgainst(['127.0.0.1']) },
    })
    assert.equal(cause, 'blocked')
    assert.equal(receiver.received, received)
    assert.equal(receiver.connections, 1)
  },
}

async function provesBlocked(
  bench: Bench,
  origins: readonly string[],
  guard: ReturnType<typeof guardOf>,
): Promise<void> {
  const receiver = await bench.listen(always())
  for (const origin of origins) {
    const { cause, code, opened } = await bench.failure(`${origin}:${receiver.port}/`, {
      connection: { guard },
    })
    assert.deepEqual(
      { cause, code, opened },
      { cause: 'blocked', code: 'EGRESS_TEST', opened: false },
      origin,
    )
  }
  assertUntouched(receiver)
}

function assertUntouched({ connections, received }: Receiver): void {
  assert.deepEqual({ connections, received }, { connections: 0, received: '' })
}
