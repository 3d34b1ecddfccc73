import assert from 'node:assert/strict'
import { ended, settled } from '../../stores/transition.ts'
import type { Behaviours } from './behaviours.ts'
import {
  acceptedAt,
  at,
  attemptOf,
  dead,
  delivered,
  disabled,
  newDeliveries,
  newDelivery,
  retryAt,
} from './samples.ts'
import { claim, claimIds, only, recordClaimed, settleAll, stored } from './steps.ts'

export const settling: Behaviours = {
  async 'makes a delivery final that is delivered'(store) {
    const claimed = only(await recordClaimed(store, [newDelivery('1', { replayOf: '0' })]))
    const attempt = attemptOf(claimed, delivered)
    const expected = settled(claimed.delivery, attempt)
    assert.deepEqual(await store.settle(claimed, attempt), expected)
    assert.deepEqual(await stored(store, '1'), expected)
    assert.deepEqual(await store.attempts('1'), [attempt])
  },

  async 'makes a delivery final that is dead, and keeps why'(store) {
    const claimed = only(await recordClaimed(store, [newDelivery('1')]))
    const attempt = attemptOf(claimed, dead, { status: 410 })
    const expected = settled(claimed.delivery, attempt)
    assert.deepEqual(await store.settle(claimed, attempt), expected)
    assert.deepEqual(await stored(store, '1'), expected)
    assert.deepEqual(await store.attempts('1'), [attempt])
  },

  async 'lets a delivery wait that is tried again'(store) {
    const claimed = only(await recordClaimed(store, [newDelivery('1')]))
    const attempt = attemptOf(claimed, retryAt(at(50)))
    const expected = settled(claimed.delivery, attempt)
    assert.deepEqual(await store.settle(claimed, attempt), expected)
    assert.deepEqual(await stored(store, '1'), expected)
    assert.deepEqual(await store.attempts('1'), [attempt])
  },

  async 'gives a delivery that is tried again to anyone, from its time on'(store) {
    const first = await recordClaimed(store, [newDelivery('1')], at(90))
    await settleAll(store, first, retryAt(at(50)))
    assert.deepEqual(await claimIds(store, at(50) - 1), [])
    assert.deepEqual(await store.renew(first, at(500)), [false])
    const { delivery } = only(await claim(store, at(50)))
    assert.deepEqual(delivery, await stored(store, '1'))
  },

  async 'counts the attempts of a delivery over all its claims'(store) {
    let claimed = only(await recordClaimed(store, [newDelivery('1')]))
    const attempts = []
    for (const [index, outcome] of [retryAt(at(30)), retryAt(at(40)), delivered].entries()) {
      const attempt = attemptOf(claimed, outcome, { endedAt: at(25 + index * 10) })
      attempts.push(attempt)
      const delivery = await store.settle(claimed, attempt)
      assert.deepEqual([delivery?.attempts, delivery?.outcome], [index + 1, outcome])
      if (outcome.kind === 'retry') claimed = only(await claim(store, outcome.at))
    }
    assert.deepEqual(await store.attempts('1'), attempts)
    assert.equal((await stored(store, '1')).settledAt, at(45))
  },

  async 'takes one attempt of a claim, whatever it came to'(store) {
    for (const outcome of [delivered, dead, retryAt(at(30)), acceptedAt(at(30))]) {
      const claimed = only(await recordClaimed(store, [newDelivery(outcome.kind)]))
      const first = await store.settle(claimed, attemptOf(claimed, outcome))
      assert.notEqual(first, undefined)
      assert.equal(await store.settle(claimed, attemptOf(claimed, delivered, { endedAt: at(21) })), undefined)
      assert.equal(await store.end(claimed, disabled, at(22)), undefined)
      assert.deepEqual(await stored(store, outcome.kind), first)
      assert.equal((await store.attempts(outcome.kind)).length, 1)
    }
  },

  async 'takes one of several attempts that come at the same time'(store) {
    const claimed = only(await recordClaimed(store, [newDelivery('1')]))
    const calls = Array.from({ length: 5 }, (_, index) =>
      store.settle(claimed, attemptOf(claimed, retryAt(at(30 + index)))),
    )
    const taken = (await Promise.all(calls)).filter((delivery) => delivery !== undefined)
    assert.deepEqual(only(taken), await stored(store, '1'))
    assert.equal((await store.attempts('1')).length, 1)
  },

  async 'settles many deliveries at the same time'(store) {
    const claims = await recordClaimed(store, newDeliveries(50))
    const calls = claims.map((claimed, index) =>
      store.settle(claimed, attemptOf(claimed, index % 2 === 0 ? delivered : retryAt(at(30 + index)))),
    )
    const after = await Promise.all(calls)
    assert.deepEqual(
      after.map((delivery) => delivery?.state),
      claims.map((_, index) => (index % 2 === 0 ? 'delivered' : 'waiting')),
    )
    assert.deepEqual(await store.get(claims.map(({ delivery }) => delivery.id)), after)
  },

  async 'ends a delivery without an attempt'(store) {
    await settleAll(store, await recordClaimed(store, [newDelivery('1')]), retryAt(at(30)))
    const claimed = only(await claim(store, at(30)))
    const expected = ended(claimed.delivery, disabled, at(31))
    assert.deepEqual(await store.end(claimed, disabled, at(31)), expected)
    assert.deepEqual(await stored(store, '1'), expected)
    assert.equal((await store.attempts('1')).length, 1)
    assert.deepEqual(await claimIds(store, at(3600)), [])
  },

  async 'ends a delivery once, and takes no attempt after that'(store) {
    const claimed = only(await recordClaimed(store, [newDelivery('1')]))
    const ended = await store.end(claimed, disabled, at(5))
    assert.equal(ended?.attempts, 0)
    assert.equal(await store.end(claimed, dead, at(6)), undefined)
    assert.equal(await store.settle(claimed, attemptOf(claimed, delivered)), undefined)
    assert.deepEqual(await store.renew([claimed], at(500)), [false])
    assert.deepEqual(await stored(store, '1'), ended)
    assert.deepEqual(await store.attempts('1'), [])
  },

  async 'settles nothing that it does not know'(store) {
    const { delivery, token } = only(await recordClaimed(store, [newDelivery('1')]))
    const unknown = { delivery: { ...delivery, id: 'unknown' }, token }
    assert.equal(await store.settle(unknown, attemptOf(unknown, delivered)), undefined)
    assert.equal(await store.end(unknown, dead, at(20)), undefined)
    assert.deepEqual(await store.attempts('unknown'), [])
    assert.deepEqual(await store.get(['unknown', '1']), [undefined, delivery])
  },
}
