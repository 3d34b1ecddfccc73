import assert from 'node:assert/strict'
import type { NewDelivery } from '../../stores/store.ts'
import type { Behaviours } from './behaviours.ts'
import { at, newDeliveries, newDelivery, release } from './samples.ts'
import { claim, idsOf, recordClaimed } from './steps.ts'

export const recordingMany: Behaviours = {
  async 'lets one of many concurrent records of an id be fresh'(store) {
    const calls = Array.from({ length: 20 }, () => store.record(newDeliveries(3), at(60)))
    const recorded = (await Promise.all(calls)).flat()
    const fresh = recorded.filter(({ fresh }) => fresh)
    assert.deepEqual(fresh.map(({ delivery }) => delivery.id).toSorted(), ['dlv_0', 'dlv_1', 'dlv_2'])
    assert.equal(recorded.filter(({ token }) => token !== undefined).length, 3)
  },

  async 'records 1,000 deliveries in one call'(store) {
    const given = newDeliveries(1000)
    const claims = await recordClaimed(store, given)
    assert.deepEqual(
      idsOf(claims),
      given.map(({ id }) => id),
    )
    const there = await store.get(given.map(({ id }) => id))
    assert.deepEqual(
      there,
      claims.map(({ delivery }) => delivery),
    )
    assert.deepEqual(
      await store.renew(claims, at(90)),
      claims.map(() => true),
    )
    await store.release(claims)
    assert.equal((await claim(store, at(0), { hooks: { a: 1000 } })).length, 1000)
  },

  async 'records all of a call or, when it rejects, nothing of it'(store) {
    for (const [index, broken] of unstorable.entries()) {
      const calls = [
        [newDelivery(`before ${index}`)],
        [newDelivery(`with ${index}`), { ...newDelivery(`broken ${index}`), ...broken }],
        [newDelivery(`after ${index}`)],
      ]
      const results = await Promise.allSettled(calls.map((deliveries) => store.record(deliveries, at(60))))
      const there = await store.get(calls.map(([first]) => first?.id ?? ''))
      assert.deepEqual(
        there.map((delivery) => delivery !== undefined),
        results.map(({ status }) => status === 'fulfilled'),
      )
    }
  },
}

/** What no column takes. A store may well keep it, or reject the call. */
const unstorable: readonly Partial<NewDelivery>[] = [
  { recordedAt: Number.NaN },
  { hookId: undefined as never },
  { release: { ...release, meta: { size: 1n as never } } },
]
