import assert from 'node:assert/strict'
import type { Behaviours } from './behaviours.ts'
import { at, dead, delivered, newDeliveries, newDelivery, retryAt } from './samples.ts'
import { claim, claimIds, recordClaimed, recordWaiting, settleAll, stored } from './steps.ts'

export const rescheduling: Behaviours = {
  async 'makes a waiting delivery due earlier'(store) {
    await recordWaiting(store, [newDelivery('1', { dueAt: at(90) })])
    const before = await stored(store, '1')
    assert.deepEqual(await store.reschedule([{ id: '1', dueAt: at(30) }]), [true])
    assert.deepEqual(await stored(store, '1'), { ...before, dueAt: at(30) })
    assert.deepEqual(await claimIds(store, at(30) - 1), [])
    assert.deepEqual(await claimIds(store, at(30)), ['1'])
  },

  async 'makes a waiting delivery due later'(store) {
    await recordWaiting(store, [newDelivery('1', { dueAt: at(30) })])
    assert.deepEqual(await store.reschedule([{ id: '1', dueAt: at(90) }]), [true])
    assert.deepEqual(await claimIds(store, at(90) - 1), [])
    assert.deepEqual(await claimIds(store, at(90)), ['1'])
  },

  async 'takes the last of several new times'(store) {
    await recordWaiting(store, [newDelivery('1', { dueAt: at(30) })])
    for (const seconds of [90, 30, 60])
      assert.deepEqual(await store.reschedule([{ id: '1', dueAt: at(seconds) }]), [true])
    assert.deepEqual(await claimIds(store, at(60) - 1), [])
    assert.deepEqual(await claimIds(store, at(60), { until: at(500) }), ['1'])
    assert.deepEqual(await claimIds(store, at(400)), [])
  },

  async 'keeps the attempts and the outcome of a delivery that it reschedules'(store) {
    await settleAll(store, await recordClaimed(store, [newDelivery('1')]), retryAt(at(90)))
    const before = await stored(store, '1')
    const attempts = await store.attempts('1')
    assert.deepEqual(await store.reschedule([{ id: '1', dueAt: at(30) }]), [true])
    assert.deepEqual(await stored(store, '1'), { ...before, dueAt: at(30) })
    assert.deepEqual(await store.attempts('1'), attempts)
  },

  async 'leaves a claimed delivery as it is'(store) {
    const claims = await recordClaimed(store, [newDelivery('1')])
    const before = await stored(store, '1')
    assert.deepEqual(await store.reschedule([{ id: '1', dueAt: at(90) }]), [false])
    assert.deepEqual(await stored(store, '1'), before)
    assert.deepEqual(await store.renew(claims, at(70)), [true])
    await store.release(claims)
    assert.deepEqual(await claimIds(store, at(0)), ['1'])
  },

  async 'reschedules a delivery that was handed back'(store) {
    const claims = await recordClaimed(store, [newDelivery('1')])
    await store.release(claims)
    assert.deepEqual(await store.reschedule([{ id: '1', dueAt: at(90) }]), [true])
    assert.deepEqual(await store.renew(claims, at(500)), [false])
    assert.deepEqual(await claimIds(store, at(90) - 1), [])
    assert.deepEqual(await claimIds(store, at(90)), ['1'])
  },

  async 'tells for each delivery whether it waited, unclaimed'(store) {
    await settleAll(store, await recordClaimed(store, [newDelivery('delivered')]), delivered)
    await settleAll(store, await recordClaimed(store, [newDelivery('dead')]), dead)
    await recordClaimed(store, [newDelivery('claimed')])
    await recordWaiting(store, [newDelivery('1'), newDelivery('2')])
    const ids = ['1', 'delivered', 'unknown', 'dead', 'claimed', '2']
    const before = await store.get(ids)
    const isDone = await store.reschedule(ids.map((id) => ({ id, dueAt: at(90) })))
    assert.deepEqual(isDone, [true, false, false, false, false, true])
    const after = before.map((delivery, index) =>
      delivery !== undefined && isDone[index] === true ? { ...delivery, dueAt: at(90) } : delivery,
    )
    assert.deepEqual(await store.get(ids), after)
    assert.deepEqual(await claimIds(store, at(59)), [])
  },

  async 'gives each delivery its own new time'(store) {
    await recordWaiting(store, newDeliveries(3))
    const due = newDeliveries(3).map(({ id }, index) => ({ id, dueAt: at(90 - index * 10) }))
    assert.deepEqual(await store.reschedule(due), [true, true, true])
    assert.deepEqual(await claimIds(store, at(80)), ['dlv_2', 'dlv_1'])
    assert.equal((await claim(store, at(90))).length, 1)
  },
}
