import assert from 'node:assert/strict'
import type { Attempt, Delivery } from '../../delivery.ts'
import type { Store } from '../../stores/store.ts'
import type { Behaviours } from './behaviours.ts'
import { acceptedAt, at, attemptOf, dead, delivered, disabled, newDelivery, retryAt } from './samples.ts'
import { claim, claimIds, nextDueAt, only, recordClaimed, stored } from './steps.ts'

export const accepting: Behaviours = {
  async 'lets a delivery wait of which a request was accepted'(store) {
    const claimed = only(await recordClaimed(store, [newDelivery('1')]))
    const attempt = attemptOf(claimed, acceptedAt(at(50)), { status: 202 })
    const progress = { step: 1, at: at(20), attempt: 1 }
    const expected = { ...claimed.delivery, attempts: 1, outcome: attempt.outcome, dueAt: at(50), progress }
    assert.deepEqual(await store.settle(claimed, attempt), expected)
    assert.deepEqual(await stored(store, '1'), expected)
    assert.deepEqual(await store.attempts('1'), [attempt])
  },

  async 'gives a delivery of which a request was accepted to anyone, from its time on'(store) {
    const claimed = only(await recordClaimed(store, [newDelivery('1')], at(90)))
    await store.settle(claimed, attemptOf(claimed, acceptedAt(at(50))))
    assert.equal(await nextDueAt(store, ['a']), at(50))
    assert.deepEqual(await claimIds(store, at(50) - 1), [])
    assert.deepEqual(await store.renew([claimed], at(500)), [false])
    const { delivery } = only(await claim(store, at(50)))
    assert.deepEqual(delivery, await stored(store, '1'))
    assert.equal(delivery.outcome?.kind, 'accepted')
  },

  async 'remembers which request was accepted last, and when'(store) {
    const after = await makeAttempts(store, [
      { outcome: acceptedAt(at(30)), step: 1, endedAt: at(21) },
      { outcome: acceptedAt(at(40)), step: 2, endedAt: at(32) },
    ])
    assert.deepEqual(
      after.map(({ progress }) => progress),
      [
        { step: 1, at: at(21), attempt: 1 },
        { step: 2, at: at(32), attempt: 2 },
      ],
    )
  },

  async 'remembers when a request was accepted while it is asked how that went'(store) {
    const after = await makeAttempts(store, [
      { outcome: acceptedAt(at(30)), step: 2, endedAt: at(21) },
      { outcome: acceptedAt(at(40)), step: 'poll', endedAt: at(32) },
      { outcome: acceptedAt(at(50)), step: 'poll', endedAt: at(43) },
    ])
    assert.deepEqual(after.at(-1)?.progress, { step: 2, at: at(21), attempt: 3 })
    assert.deepEqual(after.at(-1)?.outcome, acceptedAt(at(50)))
  },

  async 'remembers what was accepted while what follows is tried again'(store) {
    const after = await makeAttempts(store, [
      { outcome: acceptedAt(at(30)), step: 1, endedAt: at(21) },
      { outcome: retryAt(at(40)), step: 2, endedAt: at(32) },
      { outcome: retryAt(at(50)), step: 2, endedAt: at(43) },
    ])
    assert.deepEqual(after.at(-1)?.progress, { step: 1, at: at(21), attempt: 1 })
    assert.deepEqual(after.at(-1)?.outcome, retryAt(at(50)))
  },

  async 'forgets how far a delivery was once it is final'(store) {
    for (const outcome of [delivered, dead]) {
      const after = await makeAttempts(store, [{ outcome: acceptedAt(at(30)) }, { outcome }], outcome.kind)
      assert.deepEqual(
        after.map((delivery) => 'progress' in delivery),
        [true, false],
      )
    }
    await makeAttempts(store, [{ outcome: acceptedAt(at(30)) }])
    const ended = await store.end(only(await claim(store, at(30))), disabled, at(31))
    assert.ok(ended !== undefined && !('progress' in ended), 'Expected no progress')
    assert.deepEqual(await stored(store, '1'), ended)
  },

  async 'keeps the last that the receiver told, of each thing that it tells'(store) {
    const after = await makeAttempts(store, [
      { outcome: retryAt(at(30)), remote: { status: 'queued', id: 'dpl_1' } },
      { outcome: acceptedAt(at(40)) },
      { outcome: acceptedAt(at(50)), remote: { status: 'running', url: 'https://one.example/ü?a=1' } },
      { outcome: delivered, remote: { status: 'succeeded' } },
    ])
    assert.deepEqual(
      after.map(({ remote }) => remote),
      [
        { id: 'dpl_1', status: 'queued' },
        { id: 'dpl_1', status: 'queued' },
        { id: 'dpl_1', status: 'running', url: 'https://one.example/ü?a=1' },
        { id: 'dpl_1', status: 'succeeded', url: 'https://one.example/ü?a=1' },
      ],
    )
  },

  async 'keeps an error that the receiver told, and a redirect, until the next answer'(store) {
    const location = 'https://two.example/'
    const after = await makeAttempts(store, [
      { outcome: retryAt(at(30)), remote: { id: 'dpl_1', error: 'out of memory', location } },
      { outcome: retryAt(at(40)), remote: { error: 'out of memory again' } },
      { outcome: retryAt(at(50)) },
    ])
    assert.deepEqual(
      after.map(({ remote }) => remote),
      [
        { id: 'dpl_1', error: 'out of memory', location },
        { id: 'dpl_1', error: 'out of memory again' },
        { id: 'dpl_1' },
      ],
    )
  },

  async 'knows nothing of a receiver that told an error alone, or nothing'(store) {
    const after = await makeAttempts(store, [
      { outcome: retryAt(at(30)), remote: {} },
      { outcome: retryAt(at(40)), remote: { error: 'rate_limited' } },
      { outcome: delivered },
    ])
    assert.deepEqual(
      after.map((delivery) => 'remote' in delivery),
      [false, true, false],
    )
  },

  async 'keeps all that the receiver told of a delivery that is ended'(store) {
    const remote = { id: 'dpl_1', status: 'unknown', error: 'rate_limited' } as const
    await makeAttempts(store, [{ outcome: retryAt(at(30)), remote }])
    const ended = await store.end(only(await claim(store, at(30))), disabled, at(31))
    assert.deepEqual(ended?.remote, remote)
    assert.deepEqual(await stored(store, '1'), ended)
  },
}

/** Records a delivery, and makes an attempt of it for each. @returns what each left, as it is stored */
async function makeAttempts(
  store: Store,
  attempts: readonly (Partial<Attempt> & Pick<Attempt, 'outcome'>)[],
  id = '1',
): Promise<readonly Delivery[]> {
  let claimed = only(await recordClaimed(store, [newDelivery(id)]))
  const after: Delivery[] = []
  for (const [index, { outcome, ...facts }] of attempts.entries()) {
    if (index > 0) claimed = only(await claim(store, at(20 + index * 10)))
    const delivery = await store.settle(claimed, attemptOf(claimed, outcome, facts))
    assert.deepEqual(await stored(store, id), delivery)
    after.push(await stored(store, id))
  }
  return after
}
