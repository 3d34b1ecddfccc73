import assert from 'node:assert/strict'
import type { Behaviours } from './behaviours.ts'
import { at, dead, delivered, newDeliveries, newDelivery, retryAt } from './samples.ts'
import { claim, claimIds, idsOf, only, recordClaimed, recordWaiting, settleAll, stored } from './steps.ts'

export const claiming: Behaviours = {
  async 'claims nothing of an empty store'(store) {
    assert.deepEqual(await claim(store, at(0)), [])
  },

  async 'gives a due delivery to whoever claims it, as it is'(store) {
    await recordWaiting(store, [newDelivery('1', { replayOf: '0' })])
    const { delivery, token } = only(await claim(store, at(0)))
    assert.deepEqual(delivery, await stored(store, '1'))
    assert.equal(typeof token, 'number')
  },

  async 'claims what is due at that moment, and nothing before'(store) {
    await recordWaiting(store, [newDelivery('1', { dueAt: at(5) }), newDelivery('2', { dueAt: at(6) })])
    assert.deepEqual(await claimIds(store, at(5) - 1), [])
    assert.deepEqual(await claimIds(store, at(5)), ['1'])
    assert.deepEqual(await claimIds(store, at(60)), ['2'])
  },

  async 'claims the longest due of a hook first'(store) {
    const mixed = Array.from({ length: 23 }, (_, index) => (index * 7) % 23)
    await recordWaiting(
      store,
      mixed.map((seconds) => newDelivery(`${seconds}`, { dueAt: at(seconds) })),
    )
    const ids = mixed.toSorted((one, other) => one - other).map(String)
    assert.deepEqual(await claimIds(store, at(60), { hooks: { a: 5 } }), ids.slice(0, 5))
    assert.deepEqual(await claimIds(store, at(60)), ids.slice(5))
  },

  async 'claims of each hook as many as asked at most'(store) {
    await recordWaiting(store, newDeliveries(20))
    await recordWaiting(store, [newDelivery('b', { hookId: 'b', dueAt: at(1) })])
    await recordWaiting(store, [newDelivery('c', { hookId: 'c' })])
    const claims = await claim(store, at(1), { hooks: { a: 2, b: 5, c: 0 } })
    assert.deepEqual(claims.map(({ delivery }) => delivery.hookId).toSorted(), ['a', 'a', 'b'])
  },

  async 'leaves the deliveries of other hooks'(store) {
    await recordWaiting(store, [newDelivery('1', { hookId: 'a' }), newDelivery('2', { hookId: 'b' })])
    assert.deepEqual(await claim(store, at(9), { hooks: { c: 9 } }), [])
    assert.deepEqual(await claimIds(store, at(9), { hooks: { b: 9 } }), ['2'])
    assert.deepEqual(await claimIds(store, at(9), { hooks: { a: 9, b: 9 } }), ['1'])
  },

  async 'gives out each delivery once'(store) {
    await recordWaiting(store, newDeliveries(5))
    const claims = [
      await claimIds(store, at(1), { hooks: { a: 2 } }),
      await claimIds(store, at(1), { hooks: { a: 2 } }),
      await claimIds(store, at(1), { hooks: { a: 2 } }),
      await claimIds(store, at(1), { hooks: { a: 2 } }),
    ]
    assert.deepEqual(
      claims.map(({ length }) => length),
      [2, 2, 1, 0],
    )
    assert.equal(new Set(claims.flat()).size, 5)
  },

  async 'gives out each delivery once to 20 claims at the same time'(store) {
    await recordWaiting(store, newDeliveries(30))
    const calls = Array.from({ length: 20 }, () => claim(store, at(1), { hooks: { a: 2 } }))
    const atOnce = await Promise.all(calls)
    for (const { length } of atOnce) assert.ok(length <= 2, `Expected 2 claims at most, got ${length}`)
    const ids = [...idsOf(atOnce.flat()), ...(await claimIds(store, at(1)))]
    assert.equal(ids.length, 30)
    assert.equal(new Set(ids).size, 30)
  },

  async 'gives out no delivery that is final'(store) {
    const [first, second, third] = await recordClaimed(store, newDeliveries(3))
    assert.ok(first !== undefined && second !== undefined && third !== undefined)
    await settleAll(store, [first], delivered)
    await settleAll(store, [second], dead)
    await store.end(third, dead, at(20))
    assert.deepEqual(await claimIds(store, at(3600)), [])
  },

  async 'gives every claim of a delivery another token'(store) {
    const claims = [...(await recordClaimed(store, [newDelivery('1')], at(10)))]
    claims.push(only(await claim(store, at(10), { until: at(20) })))
    await store.release(claims.slice(-1))
    claims.push(only(await claim(store, at(10), { until: at(20) })))
    await settleAll(store, claims.slice(-1), retryAt(at(30)))
    claims.push(only(await claim(store, at(30), { until: at(40) })))
    claims.push(only(await claim(store, at(40), { until: at(50) })))
    assert.equal(new Set(claims.map(({ token }) => token)).size, 5)
  },

  async 'tells ids apart by case, white space, accents and wildcards'(store) {
    const ids = [
      'a',
      'A',
      ' a',
      'a ',
      'á',
      'a\u0301',
      'a%',
      'a_',
      '%',
      "a'",
      'a"',
      'a\\',
      '1',
      '1.0',
      '01',
      '__proto__',
      '𝒶',
    ]
    await recordWaiting(
      store,
      ids.map((id) => newDelivery(id, { hookId: id })),
    )
    assert.deepEqual(
      (await store.get(ids)).map((delivery) => delivery?.id),
      ids,
    )
    for (const id of ids) {
      const hooks = Object.fromEntries([[id, 99]])
      assert.deepEqual(await claimIds(store, at(0), { hooks }), [id])
    }
  },
}
