import assert from 'node:assert/strict'
import type { Behaviours } from './behaviours.ts'
import { at, attemptOf, dead, delivered, newDeliveries, newDelivery, retryAt } from './samples.ts'
import {
  claim,
  claimIds,
  idsOf,
  nextDueAt,
  only,
  recordClaimed,
  recordWaiting,
  settleAll,
  stored,
  takeOver,
} from './steps.ts'

export const leases: Behaviours = {
  async 'gives what is claimed to nobody else before the lease ends'(store) {
    await recordWaiting(store, [newDelivery('1')])
    assert.deepEqual(await claimIds(store, at(5), { until: at(30) }), ['1'])
    assert.deepEqual(await claimIds(store, at(30) - 1), [])
    assert.deepEqual(await claimIds(store, at(30), { until: at(40) }), ['1'])
    assert.deepEqual(await claimIds(store, at(40) - 1), [])
    assert.deepEqual(await claimIds(store, at(40)), ['1'])
  },

  async 'ends each lease at its own time'(store) {
    await recordClaimed(store, [newDelivery('long')], at(90))
    await recordClaimed(store, [newDelivery('short')], at(30))
    await recordClaimed(store, [newDelivery('medium')], at(60))
    assert.deepEqual(await claimIds(store, at(30), { until: at(3600) }), ['short'])
    assert.deepEqual(await claimIds(store, at(60), { until: at(3600) }), ['medium'])
    assert.deepEqual(await claimIds(store, at(90)), ['long'])
  },

  async 'lengthens a lease'(store) {
    const claims = await recordClaimed(store, [newDelivery('1')], at(30))
    assert.deepEqual(await store.renew(claims, at(50)), [true])
    assert.deepEqual(await store.renew(claims, at(70)), [true])
    assert.deepEqual(await claimIds(store, at(70) - 1), [])
    assert.deepEqual(await claimIds(store, at(70)), ['1'])
  },

  async 'does not lengthen the lease of a claim that was lost'(store) {
    const { late } = await takeOver(store)
    assert.deepEqual(await store.renew([late], at(500)), [false])
    assert.deepEqual(await claimIds(store, at(100)), ['dlv'])
  },

  async 'tells for each claim whether it still holds'(store) {
    const { late, held } = await takeOver(store)
    const [other] = await recordClaimed(store, [newDelivery('other')])
    const unknown = { delivery: { ...held.delivery, id: 'unknown' }, token: held.token }
    assert.ok(other !== undefined)
    assert.deepEqual(await store.renew([late, held, unknown, other], at(200)), [false, true, false, true])
    assert.deepEqual(await claimIds(store, at(200) - 1), [])
  },

  async 'renews a lease that has ended while nobody else claimed'(store) {
    await recordWaiting(store, [newDelivery('other', { hookId: 'b' })])
    const claims = await recordClaimed(store, [newDelivery('1')], at(30))
    await claim(store, at(40), { hooks: { b: 1 } })
    assert.deepEqual(await store.renew(claims, at(90)), [true])
    assert.deepEqual(await claimIds(store, at(90) - 1), [])
    assert.deepEqual(await claimIds(store, at(90)), ['1'])
  },

  async 'takes the attempt of a claim whose lease has ended while nobody else claimed'(store) {
    await recordWaiting(store, [newDelivery('other', { hookId: 'b' })])
    const claims = await recordClaimed(store, [newDelivery('1')], at(30))
    await claim(store, at(40), { hooks: { b: 1 } })
    await settleAll(store, claims, delivered, at(41))
    assert.equal((await stored(store, '1')).state, 'delivered')
    assert.deepEqual(await claimIds(store, at(90)), [])
  },

  async 'hands a released delivery back, due as before'(store) {
    await settleAll(store, await recordClaimed(store, [newDelivery('1')]), retryAt(at(30)))
    const before = await stored(store, '1')
    await store.release(await claim(store, at(40), { until: at(90) }))
    assert.deepEqual(await stored(store, '1'), before)
    assert.equal((await store.attempts('1')).length, 1)
    assert.deepEqual(await claimIds(store, at(30)), ['1'])
  },

  async 'hands released deliveries back, due at the time that is given'(store) {
    const [first] = await recordClaimed(store, [newDelivery('1')])
    assert.ok(first !== undefined)
    await settleAll(store, [first], retryAt(at(30)))
    const before = await stored(store, '1')
    const claims = [...(await claim(store, at(40))), ...(await recordClaimed(store, [newDelivery('2')]))]
    await store.release(claims, at(50))
    assert.deepEqual(await stored(store, '1'), { ...before, dueAt: at(50) })
    assert.equal(await nextDueAt(store, ['a']), at(50))
    assert.deepEqual(await claimIds(store, at(50) - 1), [])
    const again = await claim(store, at(50))
    assert.deepEqual(idsOf(again).toSorted(), ['1', '2'])
    await store.release(again, at(20))
    assert.deepEqual((await claimIds(store, at(20))).toSorted(), ['1', '2'])
  },

  async 'takes nothing more from a claim that was released'(store) {
    const released = only(await recordClaimed(store, [newDelivery('1')]))
    await store.release([released])
    const before = await stored(store, '1')
    assert.deepEqual(await store.renew([released], at(500)), [false])
    assert.equal(await store.settle(released, attemptOf(released, delivered)), undefined)
    assert.equal(await store.end(released, dead, at(20)), undefined)
    assert.deepEqual(await stored(store, '1'), before)
    assert.deepEqual(await store.attempts('1'), [])
    assert.deepEqual(await claimIds(store, at(0)), ['1'])
  },

  async 'passes over lost claims when it releases others'(store) {
    const { late } = await takeOver(store)
    const claims = await recordClaimed(store, newDeliveries(2), at(100))
    const unknown = { delivery: { ...late.delivery, id: 'unknown' }, token: late.token }
    await store.release([late, unknown, ...claims])
    const again = await claim(store, at(11), { until: at(100) })
    assert.deepEqual(idsOf(again).toSorted(), ['dlv_0', 'dlv_1'])
    await store.release([late, unknown, ...again], at(12))
    assert.deepEqual((await claimIds(store, at(12))).toSorted(), ['dlv_0', 'dlv_1'])
  },
}
