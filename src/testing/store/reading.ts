import assert from 'node:assert/strict'
import type { Release } from '../../release.ts'
import type { Behaviours } from './behaviours.ts'
import { at, delivered, newDeliveries, newDelivery, release } from './samples.ts'
import { claim, recordClaimed, recordWaiting, settleAll, stored } from './steps.ts'

export const reading: Behaviours = {
  async 'gives deliveries in the order asked for, and undefined for those not there'(store) {
    await recordWaiting(store, newDeliveries(3))
    const ids = ['dlv_2', 'unknown', 'dlv_0', 'dlv_2', 'unknown']
    const found = await store.get(ids)
    assert.deepEqual(
      found.map((delivery) => delivery?.id),
      ['dlv_2', undefined, 'dlv_0', 'dlv_2', undefined],
    )
  },

  async 'does nothing when it is given nothing'(store) {
    await recordWaiting(store, [newDelivery('1')])
    assert.deepEqual(await store.record([], at(60)), [])
    assert.deepEqual(await claim(store, at(9), { hooks: {} }), [])
    assert.deepEqual(await store.renew([], at(60)), [])
    await store.release([])
    assert.deepEqual(await store.reschedule([]), [])
    assert.deepEqual(await store.get([]), [])
  },

  async 'keeps every field of a release exactly'(store) {
    const given = releases.map((release, index) => newDelivery(`${index}`, { release }))
    await recordWaiting(store, given)
    const there = await store.get(given.map(({ id }) => id))
    assert.deepEqual(
      there.map((delivery) => delivery?.release),
      releases,
    )
    const { deliveries } = await store.list({}, { limit: 100 })
    assert.deepEqual(
      deliveries.map(({ release }) => release),
      releases,
    )
    const claims = await claim(store, at(0))
    const byId = claims.toSorted((one, other) => Number(one.delivery.id) - Number(other.delivery.id))
    assert.deepEqual(
      byId.map(({ delivery }) => delivery.release),
      releases,
    )
  },

  async 'keeps a release that several hooks get as long as one of its deliveries is there'(store) {
    const shared = { ...release, meta: { shared: true } }
    const given = ['a', 'b', 'c'].map((hookId) => newDelivery(hookId, { hookId, release: shared }))
    await settleAll(store, await recordClaimed(store, given.slice(0, 2)), delivered)
    await recordClaimed(store, given.slice(2))
    assert.equal(await store.prune(at(100)), 2)
    assert.deepEqual((await stored(store, 'c')).release, shared)
  },
}

const long = '𝒜é\u{1F680}'.repeat(400) // 2,000 UTF-16 units, 4,000 bytes

const full: Release = {
  app: 'secure-woodland',
  version: 'v5',
  user: 'O\'Neil "the" \\ zoë 部署 \u{1F680}',
  sha: '35b3726',
  summary: 'gabrtv deployed 35b3726\r\n\tand 100 % more: ; -- $1 ? :a @b {}',
  environment: 'production',
  previous: 'v4',
  url: 'https://secure-woodland.example.com/?a=b&c=%20+#top',
  logUrl: 'https://logs.example.com/v5',
  diffUrl: 'https://git.example.com/compare/v4...v5',
  at: '2026-01-01T00:00:00.000Z',
  meta: {
    text: 'ü \u{1F680} e\u0301 \u2028 \uFFFD',
    empty: '',
    'number as text': '1',
    integer: 9_007_199_254_740_991,
    negative: -1.5,
    sum: 0.1 + 0.2,
    large: 1e21,
    small: 1e-7,
    zero: 0,
    yes: true,
    no: false,
    nothing: null,
    "odd 'name' \u{1F680}": 'x',
  },
}

/** Of one app and version, as an idempotency key allows, and with no field or every field. */
const releases: readonly Release[] = [
  release,
  full,
  { ...release, summary: '' },
  { ...release, summary: 'gabrtv deployed v4 again', meta: {} },
  {
    app: long,
    version: long,
    user: long,
    sha: long,
    summary: long,
    environment: long,
    meta: { [long]: long },
  },
  release,
]
