import assert from 'node:assert/strict'
import type { NewDelivery, Store } from '../../stores/store.ts'
import type { Behaviours } from './behaviours.ts'
import { at, dead, delivered, newDelivery, retryAt } from './samples.ts'
import { recordClaimed, recordWaiting, settleAll } from './steps.ts'

export const following: Behaviours = {
  async 'finds nothing of a group of which nothing was recorded'(store) {
    await recordWaiting(store, [newDelivery('1', { group: 'web' })])
    assert.deepEqual(await store.latest('a', 'api', 5), [])
  },

  async 'finds the deliveries of a group, last recorded first, whatever became of them'(store) {
    const [first, second, third] = await recordClaimed(store, threeInOrder)
    assert.ok(first !== undefined && second !== undefined && third !== undefined)
    await settleAll(store, [third], delivered, at(20))
    await settleAll(store, [first], dead, at(21))
    await settleAll(store, [second], retryAt(at(30)), at(22))
    await recordWaiting(store, [newDelivery('4', { group: 'web', recordedAt: at(-1) })])
    assert.deepEqual(await latestIds(store, 'web'), ['4', '3', '2', '1'])
  },

  async 'finds as many deliveries of a group as asked at most'(store) {
    await recordWaiting(store, threeInOrder)
    assert.deepEqual(await latestIds(store, 'web', 2), ['3', '2'])
    assert.deepEqual(await latestIds(store, 'web', 1), ['3'])
    assert.deepEqual(await latestIds(store, 'web', 0), [])
  },

  async 'gives the deliveries of a group as they are'(store) {
    await settleAll(store, await recordClaimed(store, threeInOrder), retryAt(at(30)))
    assert.deepEqual(await store.latest('a', 'web', 9), await store.get(['3', '2', '1']))
    assert.ok(
      (await store.latest('a', 'web', 9)).every((delivery) => !('group' in delivery)),
      'Expected deliveries without their group',
    )
  },

  async 'finds no delivery that was recorded without a group'(store) {
    await recordWaiting(store, [newDelivery('1'), newDelivery('2', { group: undefined })])
    for (const group of ['', 'undefined', 'null', 'web', 'a'])
      assert.deepEqual(await latestIds(store, group), [])
  },

  async 'tells groups of one hook from those of another'(store) {
    const pairs = [
      ['a', 'web'],
      ['aw', 'eb'],
      ['a', 'Web'],
      ['A', 'web'],
      ['a', 'web '],
      ['a', 'w%'],
      ['a', ''],
      ['a', '1'],
      ['a', '1.0'],
      ['', 'a'],
      ['a', '__proto__'],
      ['1 a', 'web'],
    ] as const
    await recordWaiting(
      store,
      pairs.map(([hookId, group], index) => newDelivery(`${index}`, { hookId, group })),
    )
    for (const [index, [hookId, group]] of pairs.entries())
      assert.deepEqual(
        (await store.latest(hookId, group, 9)).map(({ id }) => id),
        [`${index}`],
      )
  },

  async 'lets the first record of an id stand in its group'(store) {
    await recordWaiting(store, [newDelivery('1', { group: 'web' }), newDelivery('2')])
    await store.record([newDelivery('1', { group: 'api' }), newDelivery('2', { group: 'api' })], at(60))
    assert.deepEqual(await latestIds(store, 'api'), [])
    assert.deepEqual(await latestIds(store, 'web'), ['1'])
  },

  async 'forgets from a group what it prunes, and nothing else'(store) {
    const claims = await recordClaimed(store, threeInOrder)
    await settleAll(store, claims.slice(0, 1), delivered, at(30))
    await settleAll(store, claims.slice(2), delivered, at(10))
    assert.equal(await store.prune(at(20)), 1)
    assert.deepEqual(await latestIds(store, 'web', 2), ['2', '1'])
    assert.equal(await store.prune(at(40)), 1)
    assert.deepEqual(await latestIds(store, 'web'), ['2'])
  },

  async 'takes a delivery that is recorded anew into its new group alone'(store) {
    await settleAll(store, await recordClaimed(store, threeInOrder.slice(0, 1)), delivered, at(10))
    await store.prune(at(20))
    await recordWaiting(store, [newDelivery('2', { group: 'api' }), newDelivery('1', { group: 'api' })])
    assert.deepEqual(await latestIds(store, 'web'), [])
    assert.deepEqual(await latestIds(store, 'api'), ['1', '2'])
  },

  async 'finds the last of a group of 300, before and after most of it is forgotten'(store) {
    const many = Array.from({ length: 300 }, (_, index) => newDelivery(`${index}`, { group: 'web' }))
    const claims = await recordClaimed(store, many)
    assert.deepEqual(await latestIds(store, 'web', 2), ['299', '298'])
    await Promise.all(claims.slice(10).map((claim) => store.end(claim, dead, at(10))))
    await store.prune(at(20))
    assert.deepEqual(await latestIds(store, 'web', 2), ['9', '8'])
  },
}

/** Of one group. Each was recorded later, at an earlier time. */
const threeInOrder: readonly NewDelivery[] = ['1', '2', '3'].map((id, index) =>
  newDelivery(id, { group: 'web', recordedAt: at(-index) }),
)

/** Of hook `a`. */
async function latestIds(store: Store, group: string, limit = 9): Promise<readonly string[]> {
  return (await store.latest('a', group, limit)).map(({ id }) => id)
}
