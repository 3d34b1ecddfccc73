import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { HookName, Store } from '../../stores/store.ts'
import type { Behaviours, SharedBehaviours } from './behaviours.ts'
import { at, delivered, newDelivery } from './samples.ts'
import { recordClaimed, settleAll } from './steps.ts'

const slack: HookName = { hookId: 'a', shown: 'https://hooks.slack.com/…', target: 'slack', since: at(10) }
const deis: HookName = { hookId: 'b', shown: 'http://b.example:8080/deploy', target: 'deis', since: at(20) }

export const naming: Behaviours = {
  async 'has no names of hooks at first'(store) {
    await settleAll(store, await recordClaimed(store, [newDelivery('1')]), delivered)
    await store.setHookStates([{ hookId: 'a', enabled: false, since: at(1), reason: 'gone' }])
    assert.deepEqual(await store.hookNames(), [])
    assert.deepEqual(await store.hookNames(['a']), [])
  },

  async 'remembers what hooks are called, whatever is pruned'(store) {
    await store.nameHooks([slack, deis])
    await store.prune(at(1_000_000))
    assert.deepEqual(await namesIn(store), [slack, deis])
    await store.nameHooks([])
    assert.deepEqual(await namesIn(store), [slack, deis])
  },

  async 'gives the names of the hooks that it is asked for'(store) {
    await store.nameHooks([slack, deis])
    assert.deepEqual(await store.hookNames(['b', 'none', 'b']), [deis])
    assert.deepEqual(await store.hookNames([]), [])
  },

  async 'leaves a hook that is called the same as it is, with the time since when'(store) {
    await store.nameHooks([slack, deis])
    await store.nameHooks([
      { ...slack, since: at(30) },
      { ...deis, since: at(5) },
    ])
    assert.deepEqual(await namesIn(store), [slack, deis])
  },

  async 'names a hook anew that has another URL or target'(store) {
    await store.nameHooks([slack, deis])
    const moved = { ...slack, shown: 'https://chat.example/…', since: at(40) }
    const another = { ...deis, target: 'jsonPost', since: at(41) }
    await store.nameHooks([moved, another])
    assert.deepEqual(await namesIn(store), [moved, another])
  },

  async 'takes of several names of a hook the last one'(store) {
    const first = { ...slack, shown: 'https://first.example/…', since: at(1) }
    await store.nameHooks([first, slack])
    assert.deepEqual(await namesIn(store), [slack])
    await store.nameHooks([first, { ...slack, since: at(50) }])
    assert.deepEqual(await namesIn(store), [slack])
  },

  async 'keeps names as they were given'(store) {
    const odd = {
      hookId: 'zoë: \u{1F680} "it\'s"',
      shown: 'https://xn--zo-hja.example/a%20b/…',
      target: 'wörk',
      since: at(1),
    }
    await store.nameHooks([odd])
    assert.deepEqual(await store.hookNames(), [odd])
    assert.deepEqual(await store.hookNames([odd.hookId]), [odd])
  },

  async 'leaves names to the ids that they were given for when a hook has another id'(store) {
    await store.nameHooks([slack])
    await store.setHookStates([{ hookId: 'a', enabled: false, since: at(1), reason: 'gone' }])
    await store.moveHooks(new Map([['a', 'x']]), { limit: 9, now: at(0) })
    assert.deepEqual(await store.hookNames(), [slack])
  },

  async 'names thousands of hooks at once'(store) {
    const many = Array.from({ length: 10_000 }, (_, index): HookName => ({
      hookId: `hook ${String(index).padStart(5, '0')}`,
      shown: `https://${index}.example/deploy`,
      target: 'deis',
      since: at(index),
    }))
    await store.nameHooks(many.toReversed())
    const found = await namesIn(store)
    // To show how these differ would take minutes.
    assert.deepEqual(
      [found.length, found.find((name, index) => !isDeepStrictEqual(name, many[index]))],
      [10_000, undefined],
    )
    const ids = many.slice(10, 8000).map(({ hookId }) => hookId)
    assert.equal((await store.hookNames(ids)).length, ids.length)
  },
}

export const namingTogether: SharedBehaviours = {
  async 'gives the names that another instance gave, and takes the same from several at once'(store, reopen) {
    const another = await reopen()
    const many = Array.from({ length: 200 }, (_, index): HookName => ({
      ...deis,
      hookId: `hook ${1000 + index}`,
    }))
    await Promise.all([store.nameHooks(many), another.nameHooks(many.toReversed())])
    assert.deepEqual(await namesIn(store), many)
    await store.nameHooks([slack])
    assert.deepEqual(await another.hookNames(['a']), [slack])
    await store.close()
    assert.deepEqual(await namesIn(another), [slack, ...many])
  },
}

async function namesIn(store: Store): Promise<readonly HookName[]> {
  const names = await store.hookNames()
  return names.toSorted((one, another) => (one.hookId < another.hookId ? -1 : 1))
}
