import assert from 'node:assert/strict'
import { longMemoryMs, type HookToTell } from '../../stores/ledger/telling.ts'
import type { Store } from '../../stores/store.ts'
import type { Behaviours, SharedBehaviours } from './behaviours.ts'
import { at, attemptOf, dead, delivered } from './samples.ts'
import { only } from './steps.ts'
import { newTelling } from './tellings.ts'

/** What became of a telling, in short: how it was taken, and for each hook whether its delivery is fresh. */
async function tell(store: Store, telling: ReturnType<typeof newTelling>): Promise<string> {
  const { news, recorded } = await store.tell(telling, at(60))
  return [news, ...recorded.map(({ delivery: { hookId }, fresh }) => `${hookId}${fresh ? '+' : ''}`)].join(
    ' ',
  )
}

const stages = {
  failed: { stage: 'failed' },
  succeeded: { stage: 'succeeded' },
} as const

/** What waits for hooks `a` to `d` dies. */
async function endAll(store: Store): Promise<void> {
  const claims = await store.claim({
    hooks: new Map(['a', 'b', 'c', 'd'].map((hook) => [hook, 9])),
    now: at(60),
    until: at(90),
  })
  for (const claim of claims) await store.settle(claim, attemptOf(claim, dead))
}

async function pruneAll(store: Store): Promise<number> {
  await endAll(store)
  return store.prune(at(86_400))
}

export const telling: Behaviours = {
  async 'tells a release once, and shows its deliveries when it is told again'(store) {
    assert.equal(await tell(store, newTelling({}, { hooks: ['a', 'b'] })), 'told a+ b+')
    assert.equal(await tell(store, newTelling({}, { hooks: ['a', 'b'] })), 'repeated a b')
  },

  async 'claims what is told and due for its recorder, and nothing that has a due time'(store) {
    const hooks = ['a', { hookId: 'b', dueAt: at(30) }]
    const { recorded } = await store.tell(newTelling({}, { hooks }), at(60))
    assert.deepEqual(
      recorded.map(({ delivery, token }) => [delivery.hookId, delivery.dueAt, token === undefined]),
      [
        ['a', at(0), false],
        ['b', at(30), true],
      ],
    )
    const [first] = recorded
    const claim = { delivery: first?.delivery as never, token: first?.token as number }
    const settled = await store.settle(claim, attemptOf(claim, delivered))
    assert.equal(settled?.state, 'delivered')
  },

  async 'gives a first telling the id that is made of app, version, stage and hook, and others ids of their own'(
    store,
  ) {
    const first = only((await store.tell(newTelling(), at(60))).recorded).delivery
    assert.equal(first.id, 'dlv_62b6a88ef41ec467a085b482cc11ffce')
    assert.equal(first.again, undefined)
    await tell(store, newTelling({ version: 'v5' }))
    const again = only((await store.tell(newTelling(), at(60))).recorded).delivery
    assert.notEqual(again.id, first.id)
    assert.equal(again.again, true)
    assert.deepEqual(await store.get([again.id]), [again])
  },

  async 'tells each app, environment and tenant by itself'(store) {
    const scopes = [{}, { app: 'api' }, { environment: 'staging' }, { tenant: 't' }, { tenant: 'staging' }]
    for (const scope of scopes) assert.equal(await tell(store, newTelling(scope)), 'told a+')
    for (const scope of scopes) assert.equal(await tell(store, newTelling(scope)), 'repeated a')
  },

  async 'tells a version again that was away, and another commit or deployment of it'(store) {
    const versions = ['v3', 'v2', 'v3', 'v3'].map((version) => newTelling({ version }))
    const told: string[] = []
    for (const each of versions) told.push(await tell(store, each))
    assert.deepEqual(told, ['told a+', 'told a+', 'told a+', 'repeated a'])
    assert.equal(await tell(store, newTelling({ version: 'v3', sha: 'abc' })), 'told a+')
    assert.equal(await tell(store, newTelling({ version: 'v3', deployment: 'd1' })), 'told a+')
    assert.equal(await tell(store, newTelling({ version: 'v3', deployment: 'd2' })), 'told a+')
    assert.equal(await tell(store, newTelling({ version: 'v3', deployment: 'd1' })), 'repeated a')
  },

  async 'tells a result again when another one came between, and not otherwise'(store) {
    const told: string[] = []
    for (const stage of ['succeeded', 'succeeded', 'failed', 'failed', 'succeeded'] as const)
      told.push(await tell(store, newTelling(stages[stage])))
    assert.deepEqual(told, ['told a+', 'repeated a', 'told a+', 'repeated a', 'told a+'])
  },

  async 'knows an event by its time, whatever came since'(store) {
    const event = { ...stages.failed, at: '2026-01-01T00:00:00.000Z' }
    assert.equal(await tell(store, newTelling(event)), 'told a+')
    await tell(store, newTelling({ version: 'v5' }))
    assert.equal(await tell(store, newTelling(event)), 'repeated a')
    assert.equal(await tell(store, newTelling({ ...event, at: '2026-01-01T00:00:01.000Z' })), 'told a+')
  },

  async 'knows an event by its time for as long as its rollout is open'(store) {
    const hour = 3600
    const on = (stage: 'failed' | 'succeeded', hours: number): ReturnType<typeof newTelling> =>
      newTelling(
        { ...stages[stage], at: `2026-01-01T00:00:0${stage.length}.000Z` },
        { recordedAt: at(hours * hour) },
      )
    assert.equal(await tell(store, on('failed', 0)), 'told a+')
    assert.equal(await tell(store, on('succeeded', 13)), 'told a+')
    assert.equal(await tell(store, on('failed', 36)), 'repeated a')
    assert.equal(await tell(store, on('failed', 37)), 'told a+')
  },

  async 'tells an older event late: it is not the last one, and no change'(store) {
    const hooks = ['a', { hookId: 'b', group: 'web', onlyChanges: true }]
    const on = (stage: 'failed' | 'succeeded', second: number): ReturnType<typeof newTelling> =>
      newTelling({ ...stages[stage], at: new Date(at(second)).toISOString() }, { hooks })
    assert.equal(await tell(store, on('succeeded', 5)), 'told a+ b+')
    assert.equal(await tell(store, on('failed', 3)), 'late a+')
    assert.equal(await tell(store, on('succeeded', 6)), 'repeated a b')
    assert.equal(await tell(store, on('failed', 7)), 'told a+ b+')
  },

  async 'goes by the key alone, in its scope and stage'(store) {
    const key = { idempotencyKey: 'k' }
    assert.equal(await tell(store, newTelling({}, key)), 'told a+')
    assert.equal(await tell(store, newTelling({ version: 'v9' }, key)), 'repeated a')
    assert.equal(await tell(store, newTelling(stages.failed, key)), 'told a+')
    assert.equal(await tell(store, newTelling({ app: 'api' }, key)), 'told a+')
    assert.equal(await tell(store, newTelling({}, { idempotencyKey: 'another' })), 'told a+')
    const known = only((await store.tell(newTelling({}, key), at(60))).recorded)
    assert.equal(known.delivery.again, true)
  },

  async 'remembers what no hook wanted, and a hook that is added later still gets what is told again'(store) {
    assert.equal(await tell(store, newTelling(stages.failed)), 'told a+')
    assert.equal(await tell(store, newTelling(stages.succeeded, { hooks: [] })), 'told')
    assert.equal(await tell(store, newTelling(stages.failed)), 'told a+')
    assert.equal(await tell(store, newTelling(stages.failed, { hooks: ['a', 'b'] })), 'repeated a b+')
    assert.equal(await tell(store, newTelling(stages.failed, { hooks: ['a', 'b'] })), 'repeated a b')
  },

  async 'sends nothing again of what was pruned'(store) {
    assert.equal(await tell(store, newTelling()), 'told a+')
    assert.equal(await pruneAll(store), 1)
    assert.equal(await tell(store, newTelling()), 'repeated')
  },

  async 'sends what was told to a hook that was added later once, whatever it is known by'(store) {
    const event = { ...stages.failed, at: new Date(at(0)).toISOString() }
    const key = { idempotencyKey: 'k' }
    const [a, b, c, d] = [['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd']]
    assert.equal(await tell(store, newTelling(event, { hooks: a, ...key })), 'told a+')
    assert.equal(await tell(store, newTelling(event, { hooks: b, ...key })), 'repeated a b+')
    await pruneAll(store)
    assert.equal(await tell(store, newTelling(event, { hooks: c })), 'repeated c+')
    await pruneAll(store)
    assert.equal(await tell(store, newTelling(stages.failed, { hooks: d })), 'repeated d+')
    await pruneAll(store)
    for (const again of [newTelling(event, { hooks: d, ...key }), newTelling(event, { hooks: d })])
      assert.equal(await tell(store, again), 'repeated')
    assert.equal(await tell(store, newTelling(stages.failed, { hooks: d })), 'repeated')
  },

  async 'sends to a hook that was added later what it was not told, though it has another commit of it'(
    store,
  ) {
    const event = { ...stages.failed, sha: 'abc' }
    assert.equal(await tell(store, newTelling(stages.failed, { hooks: ['a'] })), 'told a+')
    assert.equal(await tell(store, newTelling(event, { hooks: ['b'] })), 'told b+')
    const { recorded } = await store.tell(newTelling(event, { hooks: ['a', 'b'] }), at(60))
    const [known, added] = recorded
    assert.deepEqual(
      recorded.map(({ delivery: { hookId, release }, fresh }) => [hookId, release.sha, fresh]),
      [
        ['b', 'abc', false],
        ['a', 'abc', true],
      ],
    )
    assert.equal(known?.delivery.again, undefined)
    assert.equal(added?.delivery.again, true)
    await pruneAll(store)
    assert.equal(await tell(store, newTelling(event, { hooks: ['a', 'b'] })), 'repeated')
  },

  async 'sends to a hook that was added later what it was told so long ago that nobody remembers'(store) {
    const after = (days: number, hooks: string[]): ReturnType<typeof newTelling> =>
      newTelling({}, { hooks, recordedAt: at(days * 86_400) })
    assert.equal(await tell(store, after(0, ['a'])), 'told a+')
    assert.equal(await tell(store, after(2, ['b'])), 'told b+')
    assert.equal(await tell(store, after(2, ['a', 'b'])), 'repeated b a+')
  },

  async 'closes a rollout after its time, and one with a deployment after 30 days'(store) {
    const after = (recordedAt: number, deployment?: string): ReturnType<typeof newTelling> =>
      newTelling(deployment === undefined ? {} : { deployment, environment: 'e' }, { recordedAt })
    const [first, second] = [at(0), at(86_400)]
    assert.equal(await tell(store, after(first)), 'told a+')
    assert.equal(await tell(store, after(second - 1)), 'repeated a')
    assert.equal(await tell(store, after(second)), 'told a+')
    assert.equal(await tell(store, after(first, 'd1')), 'told a+')
    assert.equal(await tell(store, after(first + longMemoryMs - 1, 'd1')), 'repeated a')
    assert.equal(await tell(store, after(first + longMemoryMs, 'd1')), 'told a+')
  },

  async 'remembers a key since a hook was added, though all else of its scope is forgotten'(store) {
    const told = (recordedAt: number, ...hooks: readonly string[]): ReturnType<typeof newTelling> =>
      newTelling(stages.failed, { idempotencyKey: 'k', recordedAt, hooks })
    assert.equal(await tell(store, told(at(0), 'a')), 'told a+')
    assert.equal(await tell(store, told(at(60), 'a', 'b')), 'repeated a b+')
    assert.equal(await tell(store, told(at(0) + longMemoryMs, 'a', 'b')), 'repeated a b')
  },

  async 'tells a hook that wants only changes what differs from the last result'(store) {
    const [a, b] = ['a', 'b'].map((hookId) => ({ hookId, group: 'web', onlyChanges: true }))
    const on = (
      version: string,
      stage: 'failed' | 'succeeded',
      hooks: typeof both,
    ): ReturnType<typeof newTelling> => newTelling({ version, ...stages[stage] }, { hooks })
    const both = [a as HookToTell, b as HookToTell]
    assert.equal(await tell(store, on('v1', 'failed', both.slice(0, 1))), 'told a+')
    assert.equal(await tell(store, on('v2', 'failed', both)), 'told b+') // which has never heard of the app
    assert.equal(await tell(store, on('v3', 'failed', both)), 'told')
    assert.equal(await tell(store, newTelling({ version: 'v3' }, { hooks: [] })), 'told')
    assert.equal(await tell(store, on('v3', 'succeeded', both)), 'told a+ b+')
    assert.equal(await tell(store, on('v3', 'succeeded', both)), 'repeated a b')
    assert.equal(await tell(store, on('v4', 'succeeded', both)), 'told')
    const later = { ...on('v5', 'succeeded', both), recordedAt: at(0) + longMemoryMs }
    assert.equal(await tell(store, later), 'told a+ b+') // too much may have come since
  },

  async 'tells a hook that wants only changes again what never reached it'(store) {
    const hooks = [{ hookId: 'a', group: 'web', onlyChanges: true }]
    assert.equal(await tell(store, newTelling(stages.failed, { hooks })), 'told a+')
    await endAll(store)
    assert.equal(await tell(store, newTelling({ ...stages.failed, version: 'v5' }, { hooks })), 'told a+')
    assert.equal(await tell(store, newTelling({ ...stages.failed, version: 'v6' }, { hooks })), 'told')
    await endAll(store)
    await store.prune(at(86_400))
    assert.equal(await tell(store, newTelling({ ...stages.failed, version: 'v7' }, { hooks })), 'told a+')
  },
}

export const sharedTelling: SharedBehaviours = {
  async 'tells once, whichever instance is asked, also at once'(store, reopen) {
    const another = await reopen()
    const told = await Promise.all(
      [store, another, store, another].map((each) => tell(each, newTelling({}, { hooks: ['a', 'b'] }))),
    )
    assert.deepEqual(told.toSorted(), ['repeated a b', 'repeated a b', 'repeated a b', 'told a+ b+'])
  },

  async 'remembers what was told when it is opened again'(store, reopen) {
    await tell(store, newTelling(stages.failed))
    await store.close()
    const opened = await reopen()
    assert.equal(await tell(opened, newTelling(stages.failed)), 'repeated a')
    assert.equal(await tell(opened, newTelling(stages.succeeded)), 'told a+')
  },
}
