import assert from 'node:assert/strict'
import type { HookState, Store } from '../../stores/store.ts'
import type { Behaviours } from './behaviours.ts'
import { at, delivered, newDelivery } from './samples.ts'
import { recordClaimed, settleAll } from './steps.ts'

const gone: HookState = { hookId: 'a', enabled: false, since: at(10), reason: 'gone' }
const back: HookState = { hookId: 'a', enabled: true, since: at(20), reason: 'by hand: zoë \u{1F680}' }
const other: HookState = { hookId: 'b', enabled: false, since: at(5), reason: '' }

export const hookStates: Behaviours = {
  async 'remembers nothing about hooks at first'(store) {
    await settleAll(store, await recordClaimed(store, [newDelivery('1')]), delivered)
    assert.deepEqual(await store.hookStates(), [])
  },

  async 'remembers that a hook is disabled, since when and why'(store) {
    await store.setHookStates([gone])
    assert.deepEqual(await store.hookStates(), [gone])
    await store.prune(at(1_000_000))
    assert.deepEqual(await store.hookStates(), [gone])
  },

  async 'remembers of which URL a state is, and what is to be known of a lane, as they were given'(store) {
    const memory = {
      closedUntil: at(99),
      pace: null,
      breaker: { until: at(7), openMs: 0.5 },
      zoë: ['\u{1F680}', {}],
    }
    const whole: HookState = { ...gone, url: 'a mark of it', memory }
    await store.setHookStates([whole, other])
    const [state] = await statesIn(store)
    assert.deepEqual(state, whole)
    assert.equal(JSON.stringify(state?.memory), JSON.stringify(memory))
    await store.setHookStates([gone])
    assert.deepEqual(await statesIn(store), [gone, other])
  },

  async 'remembers the last state of each hook'(store) {
    for (const state of [gone, other, back]) await store.setHookStates([state])
    assert.deepEqual(await statesIn(store), [back, other])
  },

  async 'remembers the states of many hooks that it is told at once, of one hook the last'(store) {
    const many = Array.from({ length: 1200 }, (_, index): HookState => ({
      hookId: `hook ${String(index).padStart(4, '0')}`,
      enabled: index % 2 === 0,
      since: at(index),
      reason: 'failing',
    }))
    await store.setHookStates([other])
    await store.setHookStates([gone, ...many.toReversed(), back])
    assert.deepEqual(await statesIn(store), [back, other, ...many])
    await store.setHookStates([])
    assert.deepEqual(await statesIn(store), [back, other, ...many])
  },
}

async function statesIn(store: Store): Promise<readonly HookState[]> {
  const states = await store.hookStates()
  return states.toSorted((one, another) => (one.hookId < another.hookId ? -1 : 1))
}
