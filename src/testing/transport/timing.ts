import assert from 'node:assert/strict'
import type { Exchange } from '../../http/transport.ts'
import { always, silent } from './answers.ts'
import type { TransportBehaviours } from './behaviours.ts'
import { authority } from './certificates.ts'
import { guardAgainst, guardOf, proxyAt } from './guards.ts'
import { tunnelsTo } from './proxy.ts'

export const timing: TransportBehaviours = {
  async 'times each phase of a new connection, and none of a kept-alive one'(bench) {
    const receiver = await bench.listen(always())
    const url = receiver.url('/', 'receiver.test')
    assert.deepEqual(phasesOf(await bench.send(url)), ['connectMs', 'dnsMs', 'firstByteMs', 'totalMs'])
    assert.deepEqual(phasesOf(await bench.send(url)), ['firstByteMs', 'totalMs'])
  },

  async 'times no look-up of an address'(bench) {
    const receiver = await bench.listen(always())
    assert.deepEqual(phasesOf(await bench.send(receiver.url())), ['connectMs', 'firstByteMs', 'totalMs'])
  },

  async 'times TLS'(bench) {
    const receiver = await bench.listen(always(), { tls: {} })
    const connection = { guard: guardOf(), tls: { ca: authority } }
    const phases = phasesOf(await bench.send(receiver.url('/', 'localhost'), { connection }))
    assert.deepEqual(phases, ['connectMs', 'dnsMs', 'firstByteMs', 'tlsMs', 'totalMs'])
  },

  async 'times the tunnel as the connection'(bench) {
    const receiver = await bench.listen(always(), { tls: {} })
    const { origin } = await bench.listen(tunnelsTo(receiver.port))
    const connection = { guard: guardOf({ proxyFor: proxyAt(origin) }), tls: { ca: authority } }
    const phases = phasesOf(await bench.send('https://localhost/', { connection }))
    assert.deepEqual(phases, ['connectMs', 'firstByteMs', 'tlsMs', 'totalMs'])
  },

  async 'times as far as a failure got'(bench) {
    const receiver = await bench.listen(silent)
    const timeOut = await bench.send(receiver.url(), { deadlineMs: 50 })
    assert.deepEqual(phasesOf(timeOut), ['connectMs', 'totalMs'])
    const refused = await bench.send(`http://receiver.test:${await bench.freePort()}/`)
    assert.deepEqual(phasesOf(refused), ['dnsMs', 'totalMs'])
    const connection = { guard: guardAgainst(['127.0.0.1']) }
    assert.deepEqual(phasesOf(await bench.send(receiver.url(), { connection })), ['totalMs'])
  },
}

/** The names of the phases, which are all numbers of milliseconds. */
function phasesOf({ timings }: Exchange): readonly string[] {
  for (const ms of Object.values(timings))
    assert.ok(typeof ms === 'number' && ms >= 0, JSON.stringify(timings))
  return Object.keys(timings).toSorted()
}
