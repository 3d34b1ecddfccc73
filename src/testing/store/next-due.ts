import assert from 'node:assert/strict'
import type { Behaviours } from './behaviours.ts'
import { at, delivered, disabled, newDelivery, retryAt } from './samples.ts'
import { claim, only, recordClaimed, recordWaiting, settleAll } from './steps.ts'

export const nextDue: Behaviours = {
  async 'knows no next time of hooks that nothing waits for'(store) {
    assert.equal(await store.nextDueAt(['a']), undefined)
    await recordWaiting(store, [newDelivery('1')])
    assert.equal(await store.nextDueAt(['b', 'c']), undefined)
    assert.equal(await store.nextDueAt([]), undefined)
  },

  async 'tells when the first delivery of the hooks asked about is due'(store) {
    await recordWaiting(store, [newDelivery('1', { dueAt: at(30) }), newDelivery('2', { dueAt: at(20) })])
    await recordWaiting(store, [newDelivery('3', { hookId: 'b', dueAt: at(10) })])
    assert.equal(await store.nextDueAt(['a']), at(20))
    assert.equal(await store.nextDueAt(['b']), at(10))
    assert.equal(await store.nextDueAt(['a', 'b', 'c']), at(10))
  },

  async 'tells when the first lease ends, if nothing is due before'(store) {
    await recordClaimed(store, [newDelivery('1')], at(50))
    await recordClaimed(store, [newDelivery('2')], at(40))
    assert.equal(await store.nextDueAt(['a']), at(40))
    await recordWaiting(store, [newDelivery('3', { dueAt: at(45) })])
    assert.equal(await store.nextDueAt(['a']), at(40))
    await recordWaiting(store, [newDelivery('4', { dueAt: at(35) })])
    assert.equal(await store.nextDueAt(['a']), at(35))
    assert.equal(await store.nextDueAt(['b']), undefined)
  },

  async 'follows what is claimed, renewed and handed back'(store) {
    await recordWaiting(store, [newDelivery('1', { dueAt: at(10) })])
    const claims = await claim(store, at(10), { until: at(50) })
    assert.equal(await store.nextDueAt(['a']), at(50))
    await store.renew(claims, at(80))
    assert.equal(await store.nextDueAt(['a']), at(80))
    await store.release(claims)
    assert.equal(await store.nextDueAt(['a']), at(10))
  },

  async 'follows what is settled, ended and rescheduled'(store) {
    const [first, second] = await recordClaimed(store, [newDelivery('1'), newDelivery('2')])
    assert.ok(first !== undefined && second !== undefined)
    await settleAll(store, [first], retryAt(at(30)))
    assert.equal(await store.nextDueAt(['a']), at(30))
    await store.reschedule([{ id: '1', dueAt: at(500) }])
    assert.equal(await store.nextDueAt(['a']), at(60))
    await store.end(second, disabled, at(20))
    assert.equal(await store.nextDueAt(['a']), at(500))
    await settleAll(store, [only(await claim(store, at(500)))], delivered)
    assert.equal(await store.nextDueAt(['a']), undefined)
  },

  async 'takes hooks that can be gone through once'(store) {
    await recordWaiting(store, [newDelivery('1', { dueAt: at(30) })])
    await recordClaimed(store, [newDelivery('2', { hookId: 'b' })], at(20))
    assert.equal(await store.nextDueAt(new Map([['a', 1]]).keys()), at(30))
    assert.equal(await store.nextDueAt(new Map([['b', 1]]).keys()), at(20))
    assert.equal(await store.nextDueAt(['a', 'b'].values()), at(20))
  },
}
