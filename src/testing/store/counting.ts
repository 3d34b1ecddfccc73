import assert from 'node:assert/strict'
import type { Count, Store } from '../../stores/store.ts'
import type { Behaviours } from './behaviours.ts'
import { at, dead, delivered, newDeliveries, newDelivery, retryAt } from './samples.ts'
import { claim, recordClaimed, recordWaiting, settleAll } from './steps.ts'

export const counting: Behaviours = {
  async 'counts nothing of an empty store'(store) {
    assert.deepEqual(await store.counts(), [])
  },

  async 'counts the deliveries of each hook in each state'(store) {
    const claims = await recordClaimed(store, newDeliveries(6))
    await settleAll(store, claims.slice(0, 3), delivered)
    await settleAll(store, claims.slice(3, 5), dead)
    await settleAll(store, claims.slice(5), retryAt(at(30)))
    await recordWaiting(store, [newDelivery('waiting')])
    await recordClaimed(store, [newDelivery('claimed', { hookId: 'b' })])
    assert.deepEqual(await sorted(store), [
      { hookId: 'a', state: 'dead', count: 2 },
      { hookId: 'a', state: 'delivered', count: 3 },
      { hookId: 'a', state: 'waiting', count: 2 },
      { hookId: 'b', state: 'waiting', count: 1 },
    ])
  },

  async 'counts a delivery in the state that it has now'(store) {
    await recordWaiting(store, [newDelivery('1')])
    await settleAll(store, await claim(store, at(0)), delivered)
    assert.deepEqual(await store.counts(), [{ hookId: 'a', state: 'delivered', count: 1 }])
    await store.prune(at(100))
    assert.deepEqual(await store.counts(), [])
  },
}

async function sorted(store: Store): Promise<readonly Count[]> {
  const key = ({ hookId, state }: Count): string => `${hookId} ${state}`
  return (await store.counts()).toSorted((one, other) => (key(one) < key(other) ? -1 : 1))
}
