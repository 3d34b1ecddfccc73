import assert from 'node:assert/strict'
import type { Behaviours } from '../store/behaviours.ts'
import { at, createTrigger, perMinute, runsAtMostMs, shown, startNext, taking } from './samples.ts'

export const takingCalls: Behaviours = {
  async 'makes a deployment of a call, due at once'(store) {
    const records = await createTrigger(store, { id: 't', tenant: 'acme' })
    const taken = await records.take(taking('1', 1, { depth: 2 }))
    assert.deepEqual(shown(taken), ['started', 'deployment 1'])
    const deployment = await records.deployment('deployment 1')
    assert.deepEqual(deployment, {
      id: 'deployment 1',
      triggerId: 't',
      tenant: 'acme',
      app: 'web',
      environment: 'production',
      callId: 'call 1',
      status: 'waiting',
      facts: { params: { from: '1' } },
      createdAt: at(1),
      dueAt: at(1),
      attempt: 0,
      failures: 0,
      depth: 2,
    })
    assert.deepEqual(await records.newest('t'), deployment)
    assert.equal((await records.get('t'))?.lastUsedAt, at(1))
  },

  async 'merges a call into what waits, whose newest call tells what is deployed'(store) {
    const records = await createTrigger(store, { id: 't' })
    await records.take(taking('1', 1))
    assert.deepEqual(shown(await records.take(taking('2', 2))), ['merged', 'deployment 1'])
    const { callId, facts } = (await records.deployment('deployment 1')) ?? {}
    assert.deepEqual([callId, facts?.params], ['call 2', { from: '2' }])
    assert.deepEqual(shown(await records.take(taking('3', 3, { lane: 'other' }))), [
      'started',
      'deployment 3',
    ])
  },

  async 'has calls wait in their order, skips them, or refuses them, as their overlap says'(store) {
    const records = await createTrigger(store, { id: 't' })
    await records.take(taking('1', 1))
    assert.equal(await startNext(records, 1), 'deployment 1')
    const later = async (id: string, overlap: 'queue' | 'skip' | 'reject' | 'latest'): Promise<unknown> =>
      shown(await records.take(taking(id, 2, { overlap, perMinute: 100 })))
    assert.deepEqual(await later('2', 'skip'), ['skipped', 'deployment 1'])
    assert.deepEqual(await later('3', 'reject'), ['busy', 'deployment 1'])
    assert.deepEqual(await later('4', 'queue'), ['started', 'deployment 4'])
    assert.deepEqual(await later('5', 'queue'), ['started', 'deployment 5'])
    assert.deepEqual(await later('6', 'latest'), ['merged', 'deployment 5'])
    const outcomes = (await records.calls('t', 10)).map(({ id, outcome }) => [id, outcome])
    assert.ok(outcomes.some(([id, outcome]) => id === 'call 3' && outcome === 'busy'))
  },

  async 'has 25 wait at most'(store) {
    const records = await createTrigger(store, { id: 't' })
    const queued = async (id: number): Promise<string> =>
      (await records.take(taking(String(id), 1, { overlap: 'queue', perMinute: 100 }))).outcome
    for (let id = 0; id < 25; id += 1) assert.equal(await queued(id), 'started')
    assert.equal(await queued(25), 'queue_full')
  },

  async 'counts the calls of a minute that make a deployment, and merged ones where it is told to'(store) {
    const records = await createTrigger(store, { id: 't' })
    for (const id of ['1', '2', '3']) await records.take(taking(id, 1, { lane: id }))
    assert.deepEqual(shown(await records.take(taking('4', 2, { lane: '1' }))), ['merged', 'deployment 1'])
    const refused = await records.take(taking('5', 2, { lane: '5' }))
    assert.equal(refused.outcome, 'rate_limited')
    assert.deepEqual('rate' in refused && refused.rate, { left: 0, moreInMs: 59_000 })
    assert.equal((await records.find('digest of t', at(2), perMinute))?.rate.left, 0)
    const counting = await records.take(taking('6', 2, { lane: '1', countsMerged: true }))
    assert.equal(counting.outcome, 'rate_limited')
    assert.deepEqual(shown(await records.take(taking('7', 61, { lane: '7' }))), ['started', 'deployment 7'])
  },

  async 'answers the same call as before: by its key, for a day, and by its id'(store) {
    const records = await createTrigger(store, { id: 't' })
    const key = { key: 'k', fingerprint: 'f' }
    const first = await records.take(taking('1', 1, { key }))
    assert.deepEqual(shown(await records.take(taking('1', 1, { key }))), shown(first))
    assert.deepEqual(shown(await records.take(taking('2', 2, { key, lane: '2' }))), [
      'repeated',
      'deployment 1',
    ])
    const other = { key: 'k', fingerprint: 'g' }
    assert.equal((await records.take(taking('3', 3, { key: other }))).outcome, 'key_reused')
    const tomorrow = 24 * 3600 + 1
    assert.deepEqual(shown(await records.take(taking('4', tomorrow, { key, lane: '4' }))), [
      'started',
      'deployment 4',
    ])
  },

  async 'takes no call of a trigger that was revoked, has expired, or whose token was rotated away'(store) {
    const records = await createTrigger(store, { id: 't' })
    await createTrigger(store, { id: 'u', expiresAt: at(5) })
    await records.rotate('t', { digest: 'second', hint: 'efgh' }, at(5), at(1))
    assert.equal((await records.take(taking('1', 5))).outcome, 'unknown')
    assert.equal((await records.take(taking('2', 5, { digest: 'second' }))).outcome, 'started')
    assert.equal(
      (await records.take(taking('3', 5, { triggerId: 'u', digest: 'digest of u' }))).outcome,
      'unknown',
    )
    assert.equal((await records.take(taking('4', 5, { digest: 'digest of u' }))).outcome, 'unknown')
    await records.revoke('t', at(6), false)
    assert.equal((await records.take(taking('5', 5, { digest: 'second' }))).outcome, 'unknown')
    assert.equal((await records.take(taking('6', 5, { triggerId: 'nobody' }))).outcome, 'unknown')
  },

  async 'cancels what waits when a trigger is revoked so, and nothing that runs'(store) {
    const records = await createTrigger(store, { id: 't' })
    await records.take(taking('1', 1))
    await startNext(records, 1)
    await records.take(taking('2', 2))
    await records.revoke('t', at(3), true)
    assert.equal((await records.deployment('deployment 1'))?.status, 'running')
    assert.equal((await records.deployment('deployment 2'))?.status, 'canceled')
    assert.deepEqual(await records.dueLanes(at(3), 10, runsAtMostMs), [])
  },

  async 'waits for quiet, and no longer than it is told to'(store) {
    const records = await createTrigger(store, { id: 't' })
    const debounce = { quietMs: 10_000, maxWaitMs: 25_000 }
    const dueAfter = async (id: string, seconds: number): Promise<number | undefined> => {
      await records.take(taking(id, seconds, { debounce }))
      return (await records.deployment('deployment 1'))?.dueAt
    }
    assert.equal(await dueAfter('1', 0), at(10))
    assert.equal(await dueAfter('2', 8), at(18))
    assert.equal(await records.nextDueAt(at(8)), at(18))
    assert.equal(await dueAfter('3', 17), at(25))
    assert.deepEqual(await records.dueLanes(at(25) - 1, 10, runsAtMostMs), [])
    assert.deepEqual(await records.dueLanes(at(25), 10, runsAtMostMs), ['lane'])
  },
}
