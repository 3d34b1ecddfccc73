import assert from 'node:assert/strict'
import type { Behaviours } from './behaviours.ts'
import { listed } from './pages.ts'
import { at, dead, delivered, newDeliveries, newDelivery, retryAt } from './samples.ts'
import { claim, claimIds, only, recordClaimed, recordWaiting, settleAll, stored } from './steps.ts'

export const pruning: Behaviours = {
  async 'forgets what became final before the time, and tells how many'(store) {
    const [first, second, third] = await recordClaimed(store, newDeliveries(3))
    assert.ok(first !== undefined && second !== undefined && third !== undefined)
    await settleAll(store, [first], delivered, at(10))
    await settleAll(store, [second], dead, at(20))
    await settleAll(store, [third], delivered, at(30))
    assert.equal(await store.prune(at(10)), 0)
    assert.equal(await store.prune(at(20)), 1)
    assert.deepEqual(
      (await listed(store, {})).map(({ id }) => id),
      ['dlv_1', 'dlv_2'],
    )
    assert.equal(await store.prune(at(1000)), 2)
    assert.deepEqual(await store.get(['dlv_0', 'dlv_1', 'dlv_2']), [undefined, undefined, undefined])
    assert.equal(await store.prune(at(1000)), 0)
  },

  async 'forgets what was ended without an attempt'(store) {
    const claimed = only(await recordClaimed(store, [newDelivery('1')]))
    await store.end(claimed, dead, at(10))
    assert.equal(await store.prune(at(10)), 0)
    assert.equal(await store.prune(at(11)), 1)
  },

  async 'forgets the attempts of what it forgets, and no others'(store) {
    const [old, kept] = await recordClaimed(store, newDeliveries(2))
    assert.ok(old !== undefined && kept !== undefined)
    await settleAll(store, [old], delivered, at(10))
    await settleAll(store, [kept], delivered, at(20))
    await store.prune(at(20))
    assert.deepEqual(await store.attempts('dlv_0'), [])
    assert.equal((await store.attempts('dlv_1')).length, 1)
  },

  async 'never forgets what waits, however old it is'(store) {
    const claims = await recordClaimed(store, newDeliveries(2))
    await settleAll(store, claims.slice(1), retryAt(at(30)))
    await recordWaiting(store, [newDelivery('waiting')])
    const ids = ['dlv_0', 'dlv_1', 'waiting']
    const before = await store.get(ids)
    assert.equal(await store.prune(at(1_000_000)), 0)
    assert.deepEqual(await store.get(ids), before)
    assert.equal((await store.attempts('dlv_1')).length, 1)
  },

  async 'forgets 300 deliveries in one call'(store) {
    const calls = (await recordClaimed(store, newDeliveries(300))).map((each) =>
      store.end(each, dead, at(10)),
    )
    await Promise.all(calls)
    await recordWaiting(store, [newDelivery('waiting')])
    assert.equal(await store.prune(at(20)), 300)
    assert.deepEqual(
      (await listed(store, {})).map(({ id }) => id),
      ['waiting'],
    )
  },

  async 'takes a delivery that it forgot for a fresh one'(store) {
    await settleAll(store, await recordClaimed(store, [newDelivery('1')]), delivered, at(10))
    await store.prune(at(20))
    const anew = newDelivery('1', { hookId: 'b', recordedAt: at(30) })
    const { delivery } = only(await recordClaimed(store, [anew], at(90)))
    assert.deepEqual(delivery, { ...anew, state: 'waiting', attempts: 0, dueAt: at(30) })
    assert.deepEqual(await store.attempts('1'), [])
    assert.deepEqual(await claimIds(store, at(60), { hooks: { a: 9, b: 9 } }), [])
  },

  async 'gives a delivery that was recorded anew to its new hook alone'(store) {
    const claims = await recordClaimed(store, [newDelivery('1')], at(5))
    await claim(store, at(6), { hooks: { c: 1 } }) // a store may note that the lease has ended
    await settleAll(store, claims, delivered, at(10))
    await store.prune(at(20))
    await recordWaiting(store, [newDelivery('1', { hookId: 'b' })])
    assert.deepEqual(await claimIds(store, at(60), { hooks: { a: 9 } }), [])
    assert.deepEqual(await claimIds(store, at(60), { hooks: { b: 9 } }), ['1'])
    assert.equal((await stored(store, '1')).hookId, 'b')
  },
}
