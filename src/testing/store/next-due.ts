import assert from 'node:assert/strict'
import type { Claim, DueHooks, Store } from '../../stores/store.ts'
import type { Behaviours } from './behaviours.ts'
import { at, delivered, disabled, newDelivery, retryAt } from './samples.ts'
import { claim, nextDueAt, only, recordClaimed, recordWaiting, settleAll } from './steps.ts'

export const nextDue: Behaviours = {
  async 'knows no next time of hooks that nothing waits for'(store) {
    assert.equal(await nextDueAt(store, ['a']), undefined)
    await recordWaiting(store, [newDelivery('1')])
    assert.equal(await nextDueAt(store, ['b', 'c']), undefined)
    assert.equal(await nextDueAt(store, []), undefined)
  },

  async 'tells when the first delivery of the hooks asked about is due'(store) {
    await recordWaiting(store, [newDelivery('1', { dueAt: at(30) }), newDelivery('2', { dueAt: at(20) })])
    await recordWaiting(store, [newDelivery('3', { hookId: 'b', dueAt: at(10) })])
    assert.equal(await nextDueAt(store, ['a']), at(20))
    assert.equal(await nextDueAt(store, ['b']), at(10))
    assert.equal(await nextDueAt(store, ['a', 'b', 'c']), at(10))
  },

  async 'tells when the first lease ends, if nothing is due before'(store) {
    await recordClaimed(store, [newDelivery('1')], at(50))
    await recordClaimed(store, [newDelivery('2')], at(40))
    assert.equal(await nextDueAt(store, ['a']), at(40))
    await recordWaiting(store, [newDelivery('3', { dueAt: at(45) })])
    assert.equal(await nextDueAt(store, ['a']), at(40))
    await recordWaiting(store, [newDelivery('4', { dueAt: at(35) })])
    assert.equal(await nextDueAt(store, ['a']), at(35))
    assert.equal(await nextDueAt(store, ['b']), undefined)
  },

  async 'follows what is claimed, renewed and handed back'(store) {
    await recordWaiting(store, [newDelivery('1', { dueAt: at(10) })])
    const claims = await claim(store, at(10), { until: at(50) })
    assert.equal(await nextDueAt(store, ['a']), at(50))
    await store.renew(claims, at(80))
    assert.equal(await nextDueAt(store, ['a']), at(80))
    await store.release(claims)
    assert.equal(await nextDueAt(store, ['a']), at(10))
  },

  async 'follows what is settled, ended and rescheduled'(store) {
    const [first, second] = await recordClaimed(store, [newDelivery('1'), newDelivery('2')])
    assert.ok(first !== undefined && second !== undefined)
    await settleAll(store, [first], retryAt(at(30)))
    assert.equal(await nextDueAt(store, ['a']), at(30))
    await store.reschedule([{ id: '1', dueAt: at(500) }])
    assert.equal(await nextDueAt(store, ['a']), at(60))
    await store.end(second, disabled, at(20))
    assert.equal(await nextDueAt(store, ['a']), at(500))
    await settleAll(store, [only(await claim(store, at(500)))], delivered)
    assert.equal(await nextDueAt(store, ['a']), undefined)
  },

  async 'gives hooks that something can be claimed of, the longest due first'(store) {
    await recordWaiting(store, [newDelivery('1', { dueAt: at(30) }), newDelivery('2', { dueAt: at(20) })])
    await recordWaiting(store, [newDelivery('3', { hookId: 'b', dueAt: at(10) })])
    await recordWaiting(store, [newDelivery('4', { hookId: 'c', dueAt: at(25) })])
    await recordClaimed(store, [newDelivery('5', { hookId: 'd' })], at(15))
    assert.deepEqual(await due(store, at(9)), { hooks: [], nextAt: at(10) })
    assert.deepEqual(await due(store, at(10)), { hooks: ['b'], nextAt: at(15) })
    assert.deepEqual(await due(store, at(24)), { hooks: ['b', 'd', 'a'], nextAt: at(25) })
    assert.deepEqual(await due(store, at(30)), { hooks: ['b', 'd', 'a', 'c'] })
  },

  async 'gives so many hooks that are due, and tells when the first of the others is'(store) {
    const waiting = ['a', 'b', 'c'].map((hookId, index) =>
      newDelivery(hookId, { hookId, dueAt: at(30 - index * 10) }),
    )
    await recordWaiting(store, waiting)
    assert.deepEqual(await due(store, at(40), { limit: 2 }), { hooks: ['c', 'b'], nextAt: at(30) })
    assert.deepEqual(await due(store, at(40), { limit: 0 }), { hooks: [], nextAt: at(10) })
  },

  async 'passes over hooks that may not be sent to, and those that are not asked about'(store) {
    const waiting = ['a', 'b', 'c'].map((hookId, index) =>
      newDelivery(hookId, { hookId, dueAt: at(10 + index * 10) }),
    )
    await recordWaiting(store, waiting)
    await recordClaimed(store, [newDelivery('4', { hookId: 'a' })], at(35))
    assert.deepEqual(await due(store, at(20), { except: ['a'] }), { hooks: ['b'], nextAt: at(30) })
    assert.deepEqual(await due(store, at(40), { except: ['a'] }), { hooks: ['b', 'c'] })
    assert.deepEqual(await due(store, at(20), { among: ['a', 'c', 'x'] }), { hooks: ['a'], nextAt: at(30) })
    const both = await due(store, at(20), { except: ['a', 'x'], among: ['a', 'b'] })
    assert.deepEqual(both, { hooks: ['b'] })
    assert.deepEqual(await due(store, at(40), { among: [] }), { hooks: [] })
  },

  async 'gives no hook of which all that is due is claimed, settled or ended'(store) {
    const waiting = ['1', '2', '3'].map((id) => newDelivery(id, { dueAt: at(10) }))
    await recordWaiting(store, [...waiting, newDelivery('4', { dueAt: at(50) })])
    const claims = await claim(store, at(10), { until: at(90) })
    assert.equal(claims.length, 3)
    assert.deepEqual(await due(store, at(20)), { hooks: [], nextAt: at(50) })
    const [first, second, third] = claims as [Claim, Claim, Claim]
    await settleAll(store, [first], delivered)
    await store.end(second, disabled, at(20))
    await settleAll(store, [third], retryAt(at(30)))
    assert.deepEqual(await due(store, at(20)), { hooks: [], nextAt: at(30) })
    assert.deepEqual(await due(store, at(30)), { hooks: ['a'] })
  },
}

/** All hooks, and as many as there are, if nothing else is said. */
async function due(
  store: Store,
  now: number,
  given: { limit?: number; except?: readonly string[]; among?: readonly string[] } = {},
): Promise<DueHooks> {
  const { limit = 9, except = [], among } = given
  const found = await store.due({ now, limit, except: new Set(except), among: among && new Set(among) })
  return found.nextAt === undefined ? { hooks: found.hooks } : found
}
