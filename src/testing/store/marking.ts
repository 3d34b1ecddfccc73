import assert from 'node:assert/strict'
import type { Delivery, Progress } from '../../delivery.ts'
import type { Claim, Store } from '../../stores/store.ts'
import type { Behaviours } from './behaviours.ts'
import { acceptedAt, at, attemptOf, dead, delivered, newDelivery, retryAt } from './samples.ts'
import { claim, claimIds, nextDueAt, only, recordClaimed, stored, takeOver } from './steps.ts'

export const marking: Behaviours = {
  async 'remembers how far a delivery was when it is handed back'(store) {
    const { claimed, progress } = await markSending(store)
    await store.release([claimed])
    const { delivery } = only(await claim(store, at(0)))
    assert.deepEqual(delivery, { ...claimed.delivery, progress })
    assert.deepEqual(await stored(store, '1'), delivery)
  },

  async 'remembers how far a delivery was when its lease ends'(store) {
    const { claimed, progress } = await markSending(store)
    const { delivery } = only(await claim(store, at(60)))
    assert.deepEqual(delivery, { ...claimed.delivery, progress })
  },

  async 'remembers the last of several marks'(store) {
    const { claimed } = await markSending(store)
    const last: Progress = { step: 0, at: at(7), attempt: 0 }
    assert.equal(await store.mark(claimed, last), true)
    assert.deepEqual((await stored(store, '1')).progress, last)
  },

  async 'leaves a delivery that it marks to its claimer'(store) {
    const { claimed } = await markSending(store)
    assert.equal(await nextDueAt(store, ['a']), at(60))
    assert.deepEqual(await claimIds(store, at(60) - 1), [])
    assert.deepEqual(await store.renew([claimed], at(90)), [true])
    assert.notEqual(await store.settle(claimed, attemptOf(claimed, delivered)), undefined)
  },

  async 'marks a delivery whose lease has ended while nobody else claimed'(store) {
    const { claimed } = await markSending(store)
    await claim(store, at(70), { hooks: { b: 1 } })
    assert.equal(await store.mark(claimed, { step: 0, at: at(71), attempt: 0 }), true)
  },

  async 'changes nothing but how far a delivery is'(store) {
    const first = only(await recordClaimed(store, [newDelivery('1', { replayOf: '0' })]))
    const remote = { id: 'dpl_1', error: 'rate_limited' }
    await store.settle(first, attemptOf(first, acceptedAt(at(30)), { remote }))
    const claimed = only(await claim(store, at(30)))
    const progress: Progress = { step: 1, at: at(31), attempt: 1, sending: true }
    assert.equal(await store.mark(claimed, progress), true)
    assert.deepEqual(await stored(store, '1'), { ...claimed.delivery, progress })
    assert.equal((await store.attempts('1')).length, 1)
  },

  async 'takes nothing for sent any more that is tried again'(store) {
    const { claimed } = await markSending(store)
    const settled = await store.settle(claimed, attemptOf(claimed, retryAt(at(30))))
    assert.ok(settled !== undefined && !('progress' in settled), 'Expected no progress')
    assert.deepEqual(await stored(store, '1'), settled)
    assert.deepEqual(settled.outcome, retryAt(at(30)))
  },

  async 'keeps what was accepted before a request that is tried again'(store) {
    const first = only(await recordClaimed(store, [newDelivery('1')]))
    await store.settle(first, attemptOf(first, acceptedAt(at(30))))
    const claimed = only(await claim(store, at(30)))
    assert.equal(await store.mark(claimed, { step: 1, at: at(31), attempt: 1, sending: true }), true)
    const settled = await store.settle(claimed, attemptOf(claimed, retryAt(at(40)), { step: 2 }))
    assert.deepEqual(settled?.progress, { step: 1, at: at(31), attempt: 1 })
    assert.deepEqual(await stored(store, '1'), settled)
    assert.deepEqual(settled.outcome, retryAt(at(40)))
  },

  async 'takes what was accepted over what was marked'(store) {
    const { claimed } = await markSending(store)
    const settled = await store.settle(claimed, attemptOf(claimed, acceptedAt(at(30)), { step: 1 }))
    assert.deepEqual(settled?.progress, { step: 1, at: at(20), attempt: 1 })
    assert.deepEqual(await stored(store, '1'), settled)
  },

  async 'forgets a mark once the delivery is final'(store) {
    const settled = await markSending(store, 'settled')
    const ended = await markSending(store, 'ended')
    const after = [
      await store.settle(settled.claimed, attemptOf(settled.claimed, delivered)),
      await store.end(ended.claimed, dead, at(20)),
    ]
    for (const each of after) assert.ok(each !== undefined && !('progress' in each), 'Expected no progress')
    assert.deepEqual(await store.get(['settled', 'ended']), after)
  },

  async 'does not mark a delivery whose claim was lost'(store) {
    const { late } = await takeOver(store)
    await refusesMark(store, late)
  },

  async 'does not mark a delivery that was settled, ended or handed back'(store) {
    const [retried, done, ended, released] = await recordClaimed(
      store,
      ['retried', 'done', 'ended', 'released'].map((id) => newDelivery(id)),
    )
    assert.ok(retried !== undefined && done !== undefined && ended !== undefined && released !== undefined)
    await store.settle(retried, attemptOf(retried, retryAt(at(30))))
    await store.settle(done, attemptOf(done, delivered))
    await store.end(ended, dead, at(20))
    await store.release([released])
    for (const lost of [retried, done, ended, released]) await refusesMark(store, lost)
  },

  async 'marks nothing that it does not know'(store) {
    const { delivery, token } = only(await recordClaimed(store, [newDelivery('1')]))
    assert.equal(await store.mark({ delivery: { ...delivery, id: 'unknown' }, token }, sending), false)
    assert.deepEqual(await store.get(['unknown', '1']), [undefined, delivery])
  },
}

/** As before the first request. */
const sending: Progress = { step: 0, at: at(5), attempt: 0, sending: true }

/** Records a delivery, claimed until 60, and marks it. */
async function markSending(
  store: Store,
  id = '1',
): Promise<{ readonly claimed: Claim; readonly progress: Progress }> {
  const claimed = only(await recordClaimed(store, [newDelivery(id)]))
  assert.equal(await store.mark(claimed, sending), true)
  return { claimed, progress: sending }
}

async function refusesMark(store: Store, lost: Claim): Promise<void> {
  const before: Delivery = await stored(store, lost.delivery.id)
  assert.equal(await store.mark(lost, sending), false)
  assert.deepEqual(await stored(store, lost.delivery.id), before)
}
