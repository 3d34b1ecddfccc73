import assert from 'node:assert/strict'
import type { Store } from '../../stores/store.ts'
import type { SharedBehaviours } from './behaviours.ts'
import { acceptedAt, at, attemptOf, dead, delivered, newDeliveries, newDelivery, retryAt } from './samples.ts'
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

export const sharing: SharedBehaviours = {
  async 'shows another instance all that was recorded'(store, reopen) {
    await fill(store)
    const another = await reopen()
    assert.deepEqual(await contents(another), await contents(store))
    await settleAll(another, await claim(another, at(500)), delivered, at(501))
    assert.deepEqual(await contents(store), await contents(another))
  },

  async 'keeps all that was recorded after it was closed'(store, reopen) {
    await fill(store)
    const before = await contents(store)
    await store.close()
    const another = await reopen()
    assert.deepEqual(await contents(another), before)
    assert.deepEqual((await claimIds(another, at(500))).toSorted(), ['dlv_2', 'waiting'])
  },

  async 'lets one of several instances record an id fresh'(store, reopen) {
    const another = await reopen()
    const calls = [store, another, store, another].map((each) => each.record(newDeliveries(5), at(60)))
    const fresh = (await Promise.all(calls)).flat().filter(({ fresh }) => fresh)
    assert.equal(fresh.length, 5)
    assert.equal(new Set(fresh.map(({ delivery }) => delivery.id)).size, 5)
  },

  async 'gives out each delivery once to claims of several instances'(store, reopen) {
    const another = await reopen()
    await recordWaiting(store, newDeliveries(30))
    const calls = Array.from({ length: 20 }, (_, index) =>
      claim(index % 2 === 0 ? store : another, at(1), { hooks: { a: 2 } }),
    )
    const ids = idsOf((await Promise.all(calls)).flat())
    const all = [...ids, ...(await claimIds(another, at(1))), ...(await claimIds(store, at(1)))]
    assert.equal(all.length, 30)
    assert.equal(new Set(all).size, 30)
  },

  async 'respects the leases of another instance'(store, reopen) {
    const another = await reopen()
    const claims = await recordClaimed(store, [newDelivery('1')], at(30))
    assert.deepEqual(await claimIds(another, at(30) - 1), [])
    await store.renew(claims, at(60))
    assert.deepEqual(await claimIds(another, at(60) - 1), [])
    assert.equal(await nextDueAt(another, ['a']), at(60))
    assert.deepEqual(await another.reschedule([{ id: '1', dueAt: at(5) }]), [false])
    assert.deepEqual(await claimIds(another, at(60)), ['1'])
  },

  async 'takes nothing from a claim that was lost to another instance'(store, reopen) {
    const another = await reopen()
    const { late, held } = await takeOver(store, another)
    assert.equal(await store.settle(late, attemptOf(late, dead)), undefined)
    assert.equal(await store.end(late, dead, at(20)), undefined)
    assert.deepEqual(await store.renew([late], at(500)), [false])
    await store.release([late])
    await store.release([late], at(11))
    assert.equal(await store.mark(late, { step: 0, at: at(20), attempt: 0, sending: true }), false)
    assert.deepEqual(await claimIds(store, at(100) - 1), [])
    await settleAll(another, [held], delivered)
    assert.equal((await store.attempts('dlv')).length, 1)
    assert.equal((await stored(store, 'dlv')).state, 'delivered')
  },

  async 'keeps a mark that was made just before it was closed'(store, reopen) {
    const claimed = only(await recordClaimed(store, [newDelivery('1')]))
    const progress = { step: 0, at: at(5), attempt: 0, sending: true } as const
    assert.equal(await store.mark(claimed, progress), true)
    await store.close()
    const another = await reopen()
    const { delivery } = only(await claim(another, at(0)))
    assert.deepEqual(delivery, { ...claimed.delivery, progress })
  },

  async 'hands back what it claimed when it is closed'(store, reopen) {
    const another = await reopen()
    await recordWaiting(another, [newDelivery('claimed')])
    const claims = [
      ...(await claim(store, at(0))),
      ...(await recordClaimed(store, [newDelivery('recorded')])),
    ]
    const before = await another.get(['claimed', 'recorded'])
    await store.close()
    assert.deepEqual(await another.get(['claimed', 'recorded']), before)
    assert.deepEqual(await another.renew(claims, at(500)), [false, false])
    assert.deepEqual((await claimIds(another, at(0))).toSorted(), ['claimed', 'recorded'])
  },

  async 'leaves what others claimed when it is closed, also for the second time'(store, reopen) {
    const another = await reopen()
    const own = await recordClaimed(store, [newDelivery('1')])
    const [other] = await recordClaimed(another, [newDelivery('2')])
    await store.close()
    const taken = only(await claim(another, at(0), { until: at(60) }))
    assert.deepEqual(idsOf([taken]), idsOf(own))
    await store.close()
    assert.ok(other !== undefined)
    assert.deepEqual(await claimIds(another, at(60) - 1), [])
    assert.deepEqual(await another.renew([taken, other], at(90)), [true, true])
  },

  async 'leaves what it lost to another when it is closed'(store, reopen) {
    const another = await reopen()
    const { held } = await takeOver(store, another)
    await store.close()
    assert.deepEqual(await claimIds(another, at(100) - 1), [])
    assert.deepEqual(await another.renew([held], at(200)), [true])
  },
}

async function fill(store: Store): Promise<void> {
  const claims = await recordClaimed(store, newDeliveries(3, { group: 'web' }))
  await settleAll(store, claims.slice(0, 1), delivered)
  await settleAll(store, claims.slice(1, 2), dead)
  await settleAll(store, claims.slice(2), retryAt(at(500)))
  await recordWaiting(store, [newDelivery('waiting', { replayOf: 'dlv_1', dueAt: at(400) })])
  const accepted = only(await recordClaimed(store, [newDelivery('accepted', { hookId: 'b', group: 'web' })]))
  const answer = { step: 1, status: 202, remote: { id: 'dpl_1', status: 'queued' } } as const
  await store.settle(accepted, attemptOf(accepted, acceptedAt(at(400)), answer))
  const [marked] = await claim(store, at(400), { hooks: { b: 1 } })
  assert.ok(marked !== undefined)
  await store.mark(marked, { step: 1, at: at(401), attempt: 1, sending: true })
  await store.release([marked], at(450))
  await store.setHookStates([{ hookId: 'b', enabled: false, since: at(10), reason: 'gone' }])
}

/** All that a store shows. */
async function contents(store: Store): Promise<unknown> {
  const { deliveries } = await store.list({}, { limit: 100 })
  const attempts = await Promise.all(deliveries.map(({ id }) => store.attempts(id)))
  const counts = (await store.counts()).map(({ hookId, state, count }) => `${hookId} ${state}: ${count}`)
  return {
    deliveries,
    attempts,
    counts: counts.toSorted(),
    latest: await Promise.all(['a', 'b'].map((hook) => store.latest(hook, 'web', 9))),
    replayed: (await store.list({ replayed: true }, { limit: 100 })).deliveries,
    hookStates: await store.hookStates(),
    nextDueAt: await nextDueAt(store, ['a']),
  }
}
