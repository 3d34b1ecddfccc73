import assert from 'node:assert/strict'
import type { HookState, Store } from '../../stores/store.ts'
import type { Behaviours, SharedBehaviours } from './behaviours.ts'
import { at, attemptOf, dead, delivered, newDeliveries, newDelivery, retryAt } from './samples.ts'
import { claim, claimIds, nextDueAt, only, recordClaimed, recordWaiting, settleAll, stored } from './steps.ts'

/** Hook `a` is `x` by now. */
const toX: ReadonlyMap<string, string> = new Map([['a', 'x']])

export const moving: Behaviours = {
  async 'gives what waits for a hook to its new id'(store) {
    await recordWaiting(
      store,
      newDeliveries(3).map((each, index) => ({ ...each, dueAt: at(5 + index) })),
    )
    assert.equal(await moveAll(store), 3)
    assert.equal(await nextDueAt(store, ['a']), undefined)
    assert.equal(await nextDueAt(store, ['x']), at(5))
    assert.deepEqual(await claimIds(store, at(60)), [])
    const claims = await claim(store, at(60), { hooks: { x: 9 } })
    assert.deepEqual(
      claims.map(({ delivery }) => [delivery.id, delivery.hookId]),
      [
        ['dlv_0', 'x'],
        ['dlv_1', 'x'],
        ['dlv_2', 'x'],
      ],
    )
    await settleAll(store, claims, delivered)
  },

  async 'gives what became final to the new id of its hook, with all that is known of it'(store) {
    const claims = await recordClaimed(store, newDeliveries(3))
    await settleAll(store, claims.slice(0, 1), delivered)
    await settleAll(store, claims.slice(1, 2), dead)
    await settleAll(store, claims.slice(2), retryAt(at(30)))
    const before = await store.get(['dlv_0', 'dlv_1', 'dlv_2'])
    assert.equal(await moveAll(store), 3)
    assert.deepEqual(
      await store.get(['dlv_0', 'dlv_1', 'dlv_2']),
      before.map((delivery) => ({ ...delivery, hookId: 'x' })),
    )
    assert.equal((await store.attempts('dlv_1')).length, 1)
    assert.deepEqual(await listedIds(store, 'a'), [])
    assert.deepEqual(await listedIds(store, 'x'), ['dlv_0', 'dlv_1', 'dlv_2'])
    const counts = await store.counts()
    assert.deepEqual(counts.map(({ hookId, state, count }) => `${hookId} ${state} ${count}`).toSorted(), [
      'x dead 1',
      'x delivered 1',
      'x waiting 1',
    ])
    assert.equal(await store.prune(at(1000)), 2)
  },

  async 'gives the state of a hook to its new id'(store) {
    const gone = { enabled: false, since: at(10), reason: 'gone', url: 'mark', memory: { closedUntil: 1 } }
    await store.setHookStates([{ hookId: 'a', ...gone }])
    await store.setHookStates([{ hookId: 'b', ...gone }])
    await firstStep(store)
    const states = await store.hookStates()
    assert.deepEqual(
      states.toSorted((one, other) => (one.hookId < other.hookId ? -1 : 1)),
      [
        { hookId: 'b', ...gone },
        { hookId: 'x', ...gone },
      ],
    )
  },

  async 'keeps the later one of two states of a hook that has another id'(store) {
    for (const [former, now, expected] of [
      [10, 20, 20],
      [20, 10, 20],
    ] as const) {
      await store.setHookStates([stateOf('a', former)])
      await store.setHookStates([stateOf('x', now)])
      await firstStep(store)
      assert.deepEqual(await store.hookStates(), [stateOf('x', expected)])
    }
  },

  async 'looks at no more deliveries in a step than asked, and comes to an end'(store) {
    await recordWaiting(store, newDeliveries(3))
    await settleAll(store, await recordClaimed(store, [newDelivery('4'), newDelivery('5')]), dead)
    const steps = await movesOf(store, 2)
    assert.ok(
      steps.every((moved) => moved <= 2),
      `Expected steps of 2 at most, got ${steps.join(', ')}`,
    )
    assert.equal(sumOf(steps), 5)
    assert.deepEqual(await listedIds(store, 'a'), [])
  },

  async 'leaves what is claimed to its claimer, and finds it when it is no more'(store) {
    const [first, second] = await recordClaimed(store, newDeliveries(2), at(60))
    assert.ok(first !== undefined && second !== undefined)
    assert.equal(await moveAll(store, at(30)), 0)
    assert.equal((await stored(store, 'dlv_0')).hookId, 'a')
    assert.deepEqual(await store.renew([first, second], at(90)), [true, true])
    await store.settle(first, attemptOf(first, retryAt(at(40))))
    assert.equal(await moveAll(store, at(30)), 1)
    assert.equal(await moveAll(store, at(90)), 1) // its lease has ended
    assert.deepEqual(await listedIds(store, 'x'), ['dlv_0', 'dlv_1'])
    assert.equal((await claim(store, at(90), { hooks: { x: 9 } })).length, 2)
  },

  async 'keeps the order of a group whose hook has another id'(store) {
    const of = (hookId: string): { hookId: string; group: string } => ({ hookId, group: 'web' })
    await recordWaiting(store, [
      newDelivery('1', of('a')),
      newDelivery('2', of('x')),
      newDelivery('3', of('a')),
    ])
    await moveAll(store)
    const latest = await store.latest('x', 'web', 9)
    assert.deepEqual(
      latest.map(({ id }) => id),
      ['3', '2', '1'],
    )
    assert.deepEqual(await store.latest('a', 'web', 9), [])
  },

  async 'moves nothing of other hooks, and nothing twice'(store) {
    await recordWaiting(store, [
      newDelivery('1'),
      newDelivery('2', { hookId: 'b' }),
      newDelivery('3', { hookId: 'x' }),
    ])
    await store.setHookStates([{ hookId: 'b', enabled: false, since: at(1), reason: 'gone' }])
    assert.equal(await moveAll(store), 1)
    assert.equal(await moveAll(store), 0)
    assert.equal((await stored(store, '2')).hookId, 'b')
    assert.equal(only(await store.hookStates()).hookId, 'b')
  },

  async 'moves several hooks in one pass'(store) {
    await recordWaiting(store, [newDelivery('1'), newDelivery('2', { hookId: 'b' }), newDelivery('3')])
    const ids = new Map([
      ['a', 'x'],
      ['b', 'y'],
      ['c', 'z'],
    ])
    assert.equal(sumOf(await movesOf(store, 1, at(0), ids)), 3)
    assert.deepEqual(await listedIds(store, 'x'), ['1', '3'])
    assert.deepEqual(await listedIds(store, 'y'), ['2'])
  },

  async 'takes a delivery for the one it was, under the new id of its hook'(store) {
    await recordWaiting(store, [newDelivery('1')])
    await moveAll(store)
    const again = only(await store.record([newDelivery('1', { hookId: 'x' })], at(60)))
    assert.equal(again.fresh, false)
    assert.equal(again.delivery.hookId, 'x')
  },
}

function stateOf(hookId: string, since: number): HookState {
  const memory = { closedUntil: since }
  return { hookId, enabled: false, since: at(since), reason: `${since}`, url: `url ${since}`, memory }
}

export const movingTogether: SharedBehaviours = {
  async 'moves hooks once when two instances do it at once'(store, reopen) {
    const another = await reopen()
    await recordWaiting(store, newDeliveries(40))
    await store.setHookStates([{ hookId: 'a', enabled: false, since: at(1), reason: 'gone' }])
    const steps = await Promise.all([movesOf(store, 3), movesOf(another, 4)])
    assert.equal(sumOf(steps.flat()) + (await moveAll(store)), 40)
    assert.equal((await listedIds(another, 'x')).length, 40)
    assert.equal(only(await another.hookStates()).hookId, 'x')
  },

  async 'leaves to another instance what that has claimed'(store, reopen) {
    const another = await reopen()
    const held = only(await recordClaimed(another, [newDelivery('1')], at(60)))
    assert.equal(await moveAll(store, at(30)), 0)
    assert.ok((await another.settle(held, attemptOf(held, dead))) !== undefined)
    assert.equal(await moveAll(store, at(30)), 1)
  },
}

/** @returns how many went over in each step */
async function movesOf(
  store: Store,
  limit: number,
  now: number = at(0),
  ids: ReadonlyMap<string, string> = toX,
): Promise<readonly number[]> {
  const steps: number[] = []
  let cursor: string | undefined
  do {
    const { moved, next } = await store.moveHooks(ids, { limit, now, cursor })
    steps.push(moved)
    cursor = next
    assert.ok(steps.length < 1000, 'Expected an end, got a thousand steps')
  } while (cursor !== undefined)
  return steps
}

async function moveAll(store: Store, now?: number): Promise<number> {
  return sumOf(await movesOf(store, 100, now))
}

function firstStep(store: Store): Promise<unknown> {
  return store.moveHooks(toX, { limit: 100, now: at(0) })
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}

async function listedIds(store: Store, hook: string): Promise<readonly string[]> {
  const { deliveries } = await store.list({ hook }, { limit: 1000 })
  return deliveries.map(({ id }) => id)
}
