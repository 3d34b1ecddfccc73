import assert from 'node:assert/strict'
import type { Behaviours } from './behaviours.ts'
import { at, delivered, newDeliveries, newDelivery, release, retryAt } from './samples.ts'
import { claim, claimIds, only, recordClaimed, recordWaiting, settleAll, stored } from './steps.ts'

export const recording: Behaviours = {
  async 'records deliveries as waiting, due at once and not yet attempted'(store) {
    const given = [newDelivery('2', { hookId: 'b' }), newDelivery('1', { recordedAt: at(1) })]
    const waiting = given.map((facts) => ({
      ...facts,
      state: 'waiting',
      attempts: 0,
      dueAt: facts.recordedAt,
    }))
    const recorded = await store.record(given, at(60))
    assert.deepEqual(
      recorded.map(({ delivery, fresh }) => ({ delivery, fresh })),
      waiting.map((delivery) => ({ delivery, fresh: true })),
    )
    assert.deepEqual(await store.get(['2', '1']), waiting)
  },

  async 'keeps when a delivery is due, and what it sends again'(store) {
    const given = newDelivery('2', { dueAt: at(30), replayOf: '1' })
    const expected = { ...given, state: 'waiting', attempts: 0 }
    assert.deepEqual(await store.record([given], at(60)), [{ delivery: expected, fresh: true }])
    assert.deepEqual(await stored(store, '2'), expected)
  },

  async 'takes an undefined due time, and an undefined replay, as not given'(store) {
    const given = newDelivery('1', { dueAt: undefined, replayOf: undefined })
    const { delivery } = only(await recordClaimed(store, [given]))
    const expected = { ...newDelivery('1'), state: 'waiting', attempts: 0, dueAt: at(0) }
    assert.deepEqual(delivery, expected)
    assert.deepEqual(await stored(store, '1'), expected)
  },

  async 'leases a fresh delivery without a due time to its recorder'(store) {
    await recordClaimed(store, [newDelivery('1')], at(30))
    assert.deepEqual(await claimIds(store, at(0)), [])
    assert.deepEqual(await claimIds(store, at(30) - 1), [])
    assert.deepEqual(await claimIds(store, at(30)), ['1'])
  },

  async 'claims no delivery with a due time, which anyone may claim from then on'(store) {
    const { token } = only(await store.record([newDelivery('1', { dueAt: at(30) })], at(90)))
    assert.equal(token, undefined)
    assert.deepEqual(await claimIds(store, at(30) - 1), [])
    assert.deepEqual(await claimIds(store, at(30)), ['1'])
  },

  async 'lets the first record of an id stand, unchanged'(store) {
    const { delivery } = only(await recordClaimed(store, [newDelivery('1')]))
    const other = { ...release, app: 'api', version: 'v9' }
    const again = newDelivery('1', {
      hookId: 'b',
      release: other,
      recordedAt: at(5),
      dueAt: at(7),
      replayOf: '0',
    })
    assert.deepEqual(await store.record([again], at(90)), [{ delivery, fresh: false }])
    assert.deepEqual(await stored(store, '1'), delivery)
    assert.deepEqual(await claimIds(store, at(59), { hooks: { a: 1, b: 1 } }), [])
  },

  async 'records what is new beside what was there'(store) {
    await recordClaimed(store, newDeliveries(2))
    const recorded = await store.record(newDeliveries(4).toReversed(), at(60))
    assert.deepEqual(
      recorded.map(({ delivery, fresh, token }) => [delivery.id, fresh, token !== undefined]),
      [
        ['dlv_3', true, true],
        ['dlv_2', true, true],
        ['dlv_1', false, false],
        ['dlv_0', false, false],
      ],
    )
  },

  async 'tells what became of a delivery that is recorded again'(store) {
    await settleAll(store, await recordClaimed(store, [newDelivery('1')]), retryAt(at(30)))
    const waiting = await stored(store, '1')
    assert.deepEqual(await store.record([newDelivery('1')], at(60)), [{ delivery: waiting, fresh: false }])
    await settleAll(store, await claim(store, at(30)), delivered)
    const final = await stored(store, '1')
    assert.equal(final.state, 'delivered')
    assert.deepEqual(await store.record([newDelivery('1')], at(90)), [{ delivery: final, fresh: false }])
  },

  async 'leases nothing to whoever records a delivery again'(store) {
    const held = await recordClaimed(store, [newDelivery('leased')], at(30))
    await recordWaiting(store, [newDelivery('waiting')])
    await store.record([newDelivery('leased'), newDelivery('waiting')], at(90))
    assert.deepEqual(await claimIds(store, at(0)), ['waiting'])
    assert.deepEqual(await store.renew(held, at(40)), [true])
    assert.deepEqual(await claimIds(store, at(40)), ['leased'])
  },

  async 'takes an id that is given twice in one call for one delivery'(store) {
    const recorded = await store.record([newDelivery('1'), newDelivery('1', { recordedAt: at(5) })], at(60))
    assert.deepEqual(
      recorded.map(({ delivery, fresh, token }) => [delivery.recordedAt, fresh, token !== undefined]),
      [
        [at(0), true, true],
        [at(0), false, false],
      ],
    )
    assert.equal((await store.list({}, { limit: 10 })).deliveries.length, 1)
  },
}
