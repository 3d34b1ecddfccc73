import assert from 'node:assert/strict'
import type { DeliveryFilter, PageOptions, Store } from '../../stores/store.ts'
import type { Behaviours } from './behaviours.ts'
import { listed, pagesOf } from './pages.ts'
import { at, delivered, newDeliveries, newDelivery } from './samples.ts'
import { claim, recordClaimed, recordWaiting, settleAll } from './steps.ts'

export const paging: Behaviours = {
  async 'gives each delivery once, whatever the size of the pages'(store) {
    await recordWaiting(
      store,
      newDeliveries(9).map((delivery, index) => ({ ...delivery, recordedAt: at(-index) })),
    )
    const ids = newDeliveries(9).map(({ id }) => id)
    for (let limit = 1; limit <= 10; limit += 1) assert.deepEqual(await listedIds(store, {}, limit), ids)
  },

  async 'gives each delivery once when all were recorded at the same time'(store) {
    for (const delivery of newDeliveries(5)) await recordWaiting(store, [delivery])
    const ids = newDeliveries(5).map(({ id }) => id)
    for (let limit = 1; limit <= 5; limit += 1) assert.deepEqual(await listedIds(store, {}, limit), ids)
  },

  async 'gives each delivery that matches once, whatever the size of the pages'(store) {
    const mixed = newDeliveries(12).map((delivery, index) => ({
      ...delivery,
      hookId: index % 3 === 0 ? 'a' : 'b',
    }))
    await recordWaiting(store, mixed)
    const ids = ['dlv_0', 'dlv_3', 'dlv_6', 'dlv_9']
    for (let limit = 1; limit <= 5; limit += 1)
      assert.deepEqual(await listedIds(store, { hook: 'a', since: at(0) }, limit), ids)
  },

  async 'gives each of 250 deliveries once'(store) {
    await recordWaiting(store, newDeliveries(250))
    const ids = newDeliveries(250).map(({ id }) => id)
    for (const limit of [49, 50, 250, 1000]) assert.deepEqual(await listedIds(store, {}, limit), ids)
  },

  async 'gives the newest first when it is asked to, each once'(store) {
    await recordWaiting(
      store,
      newDeliveries(9).map((delivery, index) => ({ ...delivery, hookId: index % 2 === 0 ? 'a' : 'b' })),
    )
    const ids = newDeliveries(9).map(({ id }) => id)
    for (let limit = 1; limit <= 10; limit += 1) {
      assert.deepEqual(await listedIds(store, {}, limit, undefined, 'newest'), ids.toReversed())
      const ofOne = ids.filter((_, index) => index % 2 === 0).toReversed()
      assert.deepEqual(await listedIds(store, { hook: 'a' }, limit, undefined, 'newest'), ofOne)
    }
  },

  async 'keeps a cursor of the newest good while deliveries are added and pruned'(store) {
    await recordWaiting(store, newDeliveries(3))
    await settleAll(store, await recordClaimed(store, [newDelivery('pruned')]), delivered, at(10))
    await recordWaiting(store, [newDelivery('last')])
    const { deliveries, next } = await store.list({}, { limit: 2, order: 'newest' })
    assert.deepEqual(
      deliveries.map(({ id }) => id),
      ['last', 'pruned'],
    )
    assert.equal(await store.prune(at(20)), 1)
    await recordWaiting(store, [newDelivery('newer')])
    assert.deepEqual(await listedIds(store, {}, 2, next, 'newest'), ['dlv_2', 'dlv_1', 'dlv_0'])
  },

  async 'keeps a cursor good while deliveries are added'(store) {
    await recordWaiting(store, newDeliveries(4))
    const ids = []
    for await (const { deliveries } of pagesOf(store, {}, 1)) {
      ids.push(...deliveries.map(({ id }) => id))
      if (ids.length === 1) await recordWaiting(store, [newDelivery('older', { recordedAt: at(-60) })])
      if (ids.length === 3) await recordWaiting(store, [newDelivery('newer', { recordedAt: at(60) })])
    }
    assert.deepEqual(ids, ['dlv_0', 'dlv_1', 'dlv_2', 'dlv_3', 'older', 'newer'])
  },

  async 'keeps a cursor good while deliveries are settled'(store) {
    await recordClaimed(store, newDeliveries(6), at(10))
    const claims = await claim(store, at(10))
    const ids = []
    for await (const { deliveries } of pagesOf(store, { state: 'waiting' }, 2)) {
      const found = deliveries.map(({ id }) => id)
      ids.push(...found)
      // What was found matches no more: a cursor that counted deliveries would skip some now.
      await settleAll(
        store,
        claims.filter(({ delivery }) => found.includes(delivery.id)),
        delivered,
      )
    }
    assert.deepEqual(
      ids,
      newDeliveries(6).map(({ id }) => id),
    )
  },

  async 'keeps a cursor good while deliveries are pruned'(store) {
    await recordWaiting(store, [newDelivery('first')])
    await settleAll(store, await recordClaimed(store, newDeliveries(3)), delivered, at(10))
    await recordWaiting(store, [newDelivery('second')])
    await settleAll(store, await recordClaimed(store, [newDelivery('pruned')]), delivered, at(10))
    await recordWaiting(store, [newDelivery('third')])
    const { deliveries, next } = await store.list({}, { limit: 2 })
    assert.deepEqual(
      deliveries.map(({ id }) => id),
      ['first', 'dlv_0'],
    )
    assert.equal(await store.prune(at(20)), 4)
    assert.deepEqual(await listedIds(store, {}, 2, next), ['second', 'third'])
    await recordWaiting(store, [newDelivery('dlv_0')])
    assert.deepEqual(await listedIds(store, {}, 1, next), ['second', 'third', 'dlv_0'])
  },
}

async function listedIds(
  store: Store,
  filter: DeliveryFilter,
  limit: number,
  from?: string,
  order?: PageOptions['order'],
): Promise<readonly string[]> {
  return (await listed(store, filter, limit, from, order)).map(({ id }) => id)
}
