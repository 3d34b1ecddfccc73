import type { HookName, Store } from '../../src/stores/store.ts'
import type { BrokenStore } from './broken-stores.ts'

/** Stores that call hooks other than they are called. */
export const brokenNames: readonly BrokenStore[] = [
  {
    fault: 'forgets what hooks are called',
    changes: () => ({ nameHooks: async () => {} }),
    fails: ['remembers what hooks are called, whatever is pruned', 'names thousands of hooks at once'],
  },
  {
    fault: 'says of a hook since when it was last called so',
    changes: (store) => naming(store, (names, name) => names.set(name.hookId, name)),
    fails: ['leaves a hook that is called the same as it is, with the time since when'],
  },
  {
    fault: 'never calls a hook otherwise',
    changes: (store) =>
      naming(store, (names, name) => names.set(name.hookId, names.get(name.hookId) ?? name)),
    fails: ['names a hook anew that has another URL or target'],
  },
  {
    fault: 'sees no other target',
    changes: (store) =>
      naming(store, (names, name) => {
        if (names.get(name.hookId)?.shown !== name.shown) names.set(name.hookId, name)
      }),
    fails: ['names a hook anew that has another URL or target'],
  },
  {
    fault: 'takes the first of several names of a hook',
    changes: (store) => ({ nameHooks: (names) => store.nameHooks(names.toReversed()) }),
    fails: ['takes of several names of a hook the last one'],
  },
  {
    fault: 'gives the names of all hooks, whichever it is asked for',
    changes: (store) => ({ hookNames: () => store.hookNames() }),
    fails: ['gives the names of the hooks that it is asked for'],
  },
  {
    fault: 'gives a name as often as it is asked for',
    changes: (store) => ({
      hookNames: async (ids) => {
        const names = new Map((await store.hookNames()).map((name) => [name.hookId, name]))
        return ids === undefined ? [...names.values()] : ids.flatMap((id) => names.get(id) ?? [])
      },
    }),
    fails: ['gives the names of the hooks that it is asked for'],
  },
  {
    fault: 'forgets the names of hooks that have another id',
    changes: (store) => {
      const gone = new Set<string>()
      return {
        moveHooks: (ids, options) => {
          for (const id of ids.keys()) gone.add(id)
          return store.moveHooks(ids, options)
        },
        hookNames: async (ids) => (await store.hookNames(ids)).filter(({ hookId }) => !gone.has(hookId)),
      }
    },
    fails: ['leaves names to the ids that they were given for when a hook has another id'],
  },
  {
    fault: 'names a hundred hooks at most',
    changes: (store) => ({ nameHooks: (names) => store.nameHooks(names.slice(0, 100)) }),
    fails: ['names thousands of hooks at once'],
  },
  {
    fault: 'keeps ASCII alone of a name',
    changes: (store) => ({
      nameHooks: (names) =>
        store.nameHooks(
          names.map((name) => ({ ...name, target: name.target.replaceAll(/[^\p{ASCII}]/gu, '?') })),
        ),
    }),
    fails: ['keeps names as they were given'],
  },
  {
    fault: 'names hooks that a state is remembered of',
    changes: (store) => ({
      hookNames: async () =>
        (await store.hookStates()).map(({ hookId, since }) => ({ hookId, shown: '', target: '', since })),
    }),
    fails: ['has no names of hooks at first'],
  },
]

/** Keeps names by itself. */
function naming(store: Store, add: (names: Map<string, HookName>, name: HookName) => void): Partial<Store> {
  const kept = new Map<string, HookName>()
  return {
    nameHooks: async (names) => {
      for (const name of names) add(kept, name)
      await store.nameHooks(names)
    },
    hookNames: async (ids = [...kept.keys()]) => [...new Set(ids)].flatMap((id) => kept.get(id) ?? []),
  }
}
