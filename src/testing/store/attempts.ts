import assert from 'node:assert/strict'
import type { Timings } from '../../http/transport.ts'
import type { Attempt } from '../../delivery.ts'
import type { Store } from '../../stores/store.ts'
import type { Behaviours } from './behaviours.ts'
import { acceptedAt, at, attemptOf, dead, delivered, newDelivery, retryAt } from './samples.ts'
import { claim, only, recordClaimed, settleAll } from './steps.ts'

export const attempts: Behaviours = {
  async 'knows no attempts of a delivery that had none, or is not there'(store) {
    await recordClaimed(store, [newDelivery('1')])
    assert.deepEqual(await store.attempts('1'), [])
    assert.deepEqual(await store.attempts('unknown'), [])
  },

  async 'gives the attempts of a delivery first to last'(store) {
    await makeAttempts(
      store,
      Array.from({ length: 12 }, () => ({})),
    )
    const numbers = (await store.attempts('1')).map(({ number }) => number)
    assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  },

  async 'keeps every field of an attempt exactly'(store) {
    const made = await makeAttempts(store, seen)
    assert.deepEqual(await store.attempts('1'), made)
  },

  async 'keeps the reason, the verdict and the time of every outcome'(store) {
    const exhausted = { ...dead, verdict: 'exhausted' } as const
    for (const outcome of [delivered, dead, exhausted, retryAt(at(77)), acceptedAt(at(78))]) {
      const claimed = only(await recordClaimed(store, [newDelivery(JSON.stringify(outcome))]))
      await settleAll(store, [claimed], outcome)
      assert.deepEqual(only(await store.attempts(claimed.delivery.id)).outcome, outcome)
    }
  },

  async 'keeps the excerpt of the last attempt, and of every one if it is durable'(store) {
    const excerpts = ['first', '', 'ü \u{1F680} \uFFFD\r\n\t'.repeat(400)]
    const made = await makeAttempts(
      store,
      excerpts.map((excerpt) => ({ status: 503, excerpt })),
    )
    const kept = await store.attempts('1')
    assert.deepEqual(kept.at(-1), made.at(-1))
    if (store.durable) assert.deepEqual(kept, made)
  },

  async 'keeps which request each attempt was, and what its answer told'(store) {
    const made = await makeAttempts(store, [
      {
        step: 1,
        remote: { id: 'dpl_ü', url: 'https://one.example/?a=1&b=%20', status: 'queued', error: '' },
      },
      { step: 'poll', remote: { status: 'running' } },
      { step: 'poll', remote: {} },
      { step: 2 },
      {},
    ])
    assert.deepEqual(await store.attempts('1'), made)
  },

  async 'keeps the attempts of each delivery apart'(store) {
    const claims = await recordClaimed(
      store,
      ['1', '11', '2'].map((id) => newDelivery(id)),
    )
    await settleAll(store, claims, delivered)
    for (const { delivery } of claims)
      assert.equal(only(await store.attempts(delivery.id)).deliveryId, delivery.id)
  },
}

const timings: readonly Timings[] = [
  { totalMs: 0 },
  { dnsMs: 0, connectMs: 0, tlsMs: 0, firstByteMs: 0, totalMs: 0 },
  { dnsMs: 0.1 + 0.2, connectMs: 1.25, tlsMs: 33.333333333333336, firstByteMs: 1e-3, totalMs: 14_999.9999 },
  { firstByteMs: 12, totalMs: 12.5 },
]

/** What attempts may have come to, besides their outcome. */
const seen: readonly Partial<Attempt>[] = [
  ...timings.map((each) => ({ timings: each })),
  { startedAt: at(1), endedAt: at(16), connects: 11, code: 'ECONNREFUSED' },
  { startedAt: at(1), endedAt: at(1), connects: 0, code: '' },
  { status: 503 },
  { connects: 2, status: 599, excerpt: '<h1>Bad</h1>', timings: timings[2] as Timings },
]

/** Makes an attempt of delivery `1` for each; all but the last are tried again. */
async function makeAttempts(store: Store, facts: readonly Partial<Attempt>[]): Promise<readonly Attempt[]> {
  let claimed = only(await recordClaimed(store, [newDelivery('1')]))
  const made: Attempt[] = []
  for (const [index, each] of facts.entries()) {
    const isLast = index === facts.length - 1
    const attempt = attemptOf(claimed, isLast ? delivered : retryAt(at(100 + index)), each)
    assert.notEqual(await store.settle(claimed, attempt), undefined)
    made.push(attempt)
    if (!isLast) claimed = only(await claim(store, at(100 + index)))
  }
  return made
}
