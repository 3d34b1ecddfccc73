import assert from 'node:assert/strict'
import type { Claim, Store } from '../../stores/store.ts'
import type { Behaviours } from './behaviours.ts'
import { acceptedAt, at, attemptOf, dead, delivered, newDelivery, retryAt } from './samples.ts'
import { claim, claimIds, only, recordClaimed, settleAll, stored, takeOver } from './steps.ts'

export const fencing: Behaviours = {
  async 'does not take the attempt of a claim that was lost'(store) {
    const { late } = await takeOver(store)
    const before = await stored(store, 'dlv')
    for (const outcome of [delivered, dead, retryAt(at(30)), acceptedAt(at(30))])
      assert.equal(await store.settle(late, attemptOf(late, outcome)), undefined)
    assert.deepEqual(await stored(store, 'dlv'), before)
    assert.deepEqual(await store.attempts('dlv'), [])
  },

  async 'does not end a delivery whose claim was lost'(store) {
    const { late } = await takeOver(store)
    const before = await stored(store, 'dlv')
    assert.equal(await store.end(late, dead, at(20)), undefined)
    assert.deepEqual(await stored(store, 'dlv'), before)
  },

  async 'does not hand back a delivery whose claim was lost'(store) {
    const { late, held } = await takeOver(store)
    const before = await stored(store, 'dlv')
    await store.release([late])
    await store.release([late], at(11))
    assert.deepEqual(await stored(store, 'dlv'), before)
    assert.deepEqual(await claimIds(store, at(99)), [])
    assert.deepEqual(await store.renew([held], at(200)), [true])
  },

  async 'takes the attempt of the claim that holds, after a late one was refused'(store) {
    const { late, held } = await takeOver(store)
    await store.settle(late, attemptOf(late, dead, { status: 410 }))
    const attempt = attemptOf(held, delivered, { status: 200 })
    assert.equal((await store.settle(held, attempt))?.state, 'delivered')
    assert.deepEqual(await store.attempts('dlv'), [attempt])
  },

  async 'takes nothing from a claim that was lost once the delivery is final'(store) {
    const { late, held } = await takeOver(store)
    await settleAll(store, [held], delivered)
    await refusesAll(store, late)
  },

  async 'takes nothing from a claim that was lost while the delivery waits to be tried again'(store) {
    const { late, held } = await takeOver(store)
    await settleAll(store, [held], retryAt(at(30)))
    await refusesAll(store, late)
    await refusesAll(store, held)
    assert.deepEqual(await claimIds(store, at(30)), ['dlv'])
  },

  async 'takes nothing from a claim that was lost and whose successor was released'(store) {
    const { late, held } = await takeOver(store)
    await store.release([held])
    await refusesAll(store, late)
    assert.deepEqual(await claimIds(store, at(11)), ['dlv'])
  },

  async 'takes nothing from a claim of before the delivery was pruned and recorded anew'(store) {
    const { late, held } = await takeOver(store)
    await settleAll(store, [held], delivered)
    await store.prune(at(100))
    const anew = [only(await recordClaimed(store, [newDelivery('dlv', { recordedAt: at(200) })], at(230)))]
    anew.push(only(await claim(store, at(230))))
    for (const { token } of anew) assert.ok(token !== late.token && token !== held.token)
    await refusesAll(store, late)
    await refusesAll(store, held)
    await settleAll(store, anew.slice(-1), delivered)
  },
}

/** Asserts that nothing this claimer says changes anything. */
async function refusesAll(store: Store, lost: Claim): Promise<void> {
  const { id } = lost.delivery
  const before = await stored(store, id)
  const attempts = await store.attempts(id)
  assert.deepEqual(await store.renew([lost], at(9000)), [false])
  await store.release([lost])
  await store.release([lost], at(0))
  assert.equal(await store.mark(lost, { step: 1, at: at(90), attempt: 1, sending: true }), false)
  assert.equal(await store.settle(lost, attemptOf(lost, delivered)), undefined)
  assert.equal(await store.end(lost, dead, at(99)), undefined)
  assert.deepEqual(await stored(store, id), before)
  assert.deepEqual(await store.attempts(id), attempts)
}
