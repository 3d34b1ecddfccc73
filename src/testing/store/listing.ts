import assert from 'node:assert/strict'
import type { Delivery } from '../../delivery.ts'
import type { DeliveryFilter, Store } from '../../stores/store.ts'
import type { Behaviours } from './behaviours.ts'
import { listed } from './pages.ts'
import { at, dead, delivered, newDelivery, release, retryAt } from './samples.ts'
import { recordClaimed, recordWaiting, settleAll } from './steps.ts'

export const listing: Behaviours = {
  async 'lists nothing of an empty store'(store) {
    assert.deepEqual(await store.list({}, { limit: 10 }), { deliveries: [] })
  },

  async 'lists deliveries in the order in which they were recorded, as they are'(store) {
    const ids = await recordVariety(store)
    assert.deepEqual(await listed(store, {}), await store.get(ids))
  },

  async 'lists the deliveries of a hook'(store) {
    await listsThose(store, { hook: 'b' }, ['2', '4', '6', '8'])
  },

  async 'lists the deliveries of an app'(store) {
    await listsThose(store, { app: 'api' }, ['2', '3', '6'])
  },

  async 'lists the deliveries of a version, a user, a SHA'(store) {
    await listsThose(store, { version: 'v5' }, ['4', '8'])
    await listsThose(store, { user: 'ops' }, ['3', '4'])
    await listsThose(store, { sha: '35b3726' }, ['4'])
  },

  async 'lists the deliveries of an environment, a tenant, a stage, and those that have none'(store) {
    await listsThose(store, { environment: 'production' }, ['3', '4'])
    await listsThose(store, { environment: null }, ['1', '2', '5', '6', '7', '8'])
    await listsThose(store, { tenant: 'acme' }, ['2', '6'])
    await listsThose(store, { tenant: null }, ['1', '3', '4', '5', '7', '8'])
    await listsThose(store, { stage: 'failed' }, ['4'])
    await listsThose(store, { stage: 'released' }, ['1', '2', '3', '5', '6', '7', '8'])
    await listsThose(store, { environment: 'null' }, [])
  },

  async 'lists the deliveries that came to an outcome'(store) {
    await listsThose(store, { reason: 'status-200' }, ['1', '2'])
    await listsThose(store, { reason: 'status-503' }, ['4'])
    await listsThose(store, { verdict: 'gone' }, ['3'])
    await listsThose(store, { verdict: 'exhausted' }, [])
  },

  async 'lists the deliveries in a state'(store) {
    await listsThose(store, { state: 'waiting' }, ['4', '5', '6', '7', '8'])
    await listsThose(store, { state: 'delivered' }, ['1', '2'])
    await listsThose(store, { state: 'dead' }, ['3'])
  },

  async 'lists the deliveries that were recorded since a time, and then'(store) {
    await listsThose(store, { since: at(20) }, ['2', '3', '4', '6', '8'])
    await listsThose(store, { since: at(20) + 1 }, ['3', '4', '8'])
  },

  async 'lists the deliveries that were recorded before a time, and not then'(store) {
    await listsThose(store, { before: at(20) }, ['1', '5', '7'])
    await listsThose(store, { before: at(20) + 1 }, ['1', '2', '5', '6', '7'])
  },

  async 'lists the deliveries that another sends again, or that none does'(store) {
    await listsThose(store, { replayed: true }, ['1', '3', '4'])
    await listsThose(store, { replayed: false }, ['2', '5', '6', '7', '8'])
  },

  async 'lists the deliveries that match every part of a filter'(store) {
    const ids = await recordVariety(store)
    const all = await store.get(ids)
    const sources = new Set(all.map((delivery) => delivery?.replayOf))
    for (const filter of filters) {
      const expected = all.filter((delivery) => delivery !== undefined && matches(delivery, filter, sources))
      assert.deepEqual(await listed(store, filter), expected, JSON.stringify(filter))
    }
  },

  async 'does not take a delivery for sent again because of one that was there before'(store) {
    await recordWaiting(store, [newDelivery('1'), newDelivery('2')])
    await store.record([newDelivery('2', { replayOf: '1' })], at(60))
    assert.deepEqual(await listed(store, { replayed: true }), [])
  },

  async 'takes a delivery for sent again as long as the other is there'(store) {
    const [source] = await recordClaimed(store, [newDelivery('1')])
    assert.ok(source !== undefined)
    const replays = [newDelivery('2', { replayOf: '1' }), newDelivery('3', { replayOf: '1' })]
    const [first, second] = await recordClaimed(store, replays)
    assert.ok(first !== undefined && second !== undefined)
    await settleAll(store, [first], delivered, at(10))
    await settleAll(store, [second], delivered, at(20))
    await settleAll(store, [source], dead, at(30))
    for (const [olderThan, isReplayed] of [
      [at(20), true],
      [at(30), false],
    ] as const) {
      assert.equal(await store.prune(olderThan), 1)
      assert.equal((await listed(store, { replayed: true })).length, isReplayed ? 1 : 0)
    }
  },
}

/** Two hooks, two apps, every state, times out of order and some the same, and some that others send again. */
async function recordVariety(store: Store): Promise<readonly string[]> {
  const api = { release: { ...release, app: 'api', tenant: 'acme' } }
  const live = { ...release, user: 'ops', environment: 'production' }
  const failed = { ...live, version: 'v5', sha: '35b3726', stage: 'failed' as const }
  const variety = [
    newDelivery('1', { recordedAt: at(10) }),
    newDelivery('2', { recordedAt: at(20), hookId: 'b', ...api }),
    newDelivery('3', { recordedAt: at(30), release: { ...live, app: 'api' } }),
    newDelivery('4', { recordedAt: at(30), hookId: 'b', replayOf: '3', release: failed }),
    newDelivery('5', { recordedAt: at(10), replayOf: '1' }),
    newDelivery('6', { recordedAt: at(20), hookId: 'b', replayOf: '1', ...api }),
    newDelivery('7', { recordedAt: at(0), replayOf: 'unknown' }),
  ]
  const [first, second, third, fourth] = await recordClaimed(store, variety)
  assert.ok(first !== undefined && second !== undefined && third !== undefined && fourth !== undefined)
  const eighth = { recordedAt: at(40), hookId: 'b', replayOf: '4', release: { ...release, version: 'v5' } }
  await recordWaiting(store, [newDelivery('8', eighth)])
  await settleAll(store, [second, first], delivered)
  await settleAll(store, [third], dead)
  await settleAll(store, [fourth], retryAt(at(30)))
  return ['1', '2', '3', '4', '5', '6', '7', '8']
}

async function listsThose(store: Store, filter: DeliveryFilter, ids: readonly string[]): Promise<void> {
  if ((await store.get(['1']))[0] === undefined) await recordVariety(store)
  assert.deepEqual(
    (await listed(store, filter)).map(({ id }) => id),
    ids,
  )
}

const facts: readonly DeliveryFilter[] = [
  { version: 'v4' },
  { user: 'ops', version: 'v5' },
  { sha: '35b3726' },
  { environment: 'production' },
  { environment: null, tenant: 'acme' },
  { tenant: null, stage: 'released' },
  { stage: 'failed', reason: 'status-503' },
  { reason: 'status-200' },
  { verdict: 'gone' },
]

/** With parts left out and parts undefined. */
const crossed: readonly DeliveryFilter[] = [undefined, 'a', 'b', 'none']
  .flatMap((hook) => [undefined, 'web', 'api'].map((app) => ({ hook, app })))
  .flatMap((filter) =>
    ([undefined, 'waiting', 'delivered', 'dead'] as const).map((state) => ({ ...filter, state })),
  )
  .flatMap((filter) => [{}, { since: at(20) }].map((part) => ({ ...filter, ...part })))
  .flatMap((filter) => [{}, { before: at(30) }].map((part) => ({ ...filter, ...part })))
  .flatMap((filter) => [undefined, true, false].map((replayed) => ({ ...filter, replayed })))
  .flatMap((filter, index) => [filter, { ...filter, ...facts[index % facts.length] }])

const filters: readonly DeliveryFilter[] = [...facts, ...crossed]

/** What the contract says, in its plainest form. */
export function matches(
  delivery: Delivery,
  filter: DeliveryFilter,
  sources: ReadonlySet<string | undefined>,
): boolean {
  const { release, outcome } = delivery
  const { environment = null, tenant = null, stage = 'released' } = release
  const { since = -Infinity, before = Infinity, ...asked } = filter
  const all: Readonly<Record<string, unknown>> = {
    ...release,
    environment,
    tenant,
    stage,
    hook: delivery.hookId,
    state: delivery.state,
    reason: outcome?.reason,
    verdict: outcome?.kind === 'dead' ? outcome.verdict : undefined,
    replayed: sources.has(delivery.id),
  }
  const isAsked = Object.entries(asked).every(([name, value]) => value === undefined || all[name] === value)
  return isAsked && delivery.recordedAt >= since && delivery.recordedAt < before
}
