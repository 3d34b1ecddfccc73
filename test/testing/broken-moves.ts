import { methods, showing, watched } from './altered-store.ts'
import type { BrokenStore } from './broken-stores.ts'

/** Stores that give to new ids of hooks other than what is there under former ones. */
export const brokenMoves: readonly BrokenStore[] = [
  {
    fault: 'moves nothing of a hook',
    changes: () => ({ moveHooks: async () => ({ moved: 0 }) }),
    fails: [
      'gives what waits for a hook to its new id',
      'gives what became final to the new id of its hook, with all that is known of it',
      'gives the state of a hook to its new id',
      'looks at no more deliveries in a step than asked, and comes to an end',
      'keeps the order of a group whose hook has another id',
      'moves several hooks in one pass',
    ],
  },
  {
    fault: 'loses the state of a hook that has another id',
    changes: (store) => ({
      hookStates: async () => (await store.hookStates()).filter(({ hookId }) => hookId !== 'x'),
    }),
    fails: [
      'gives the state of a hook to its new id',
      'keeps the later one of two states of a hook that has another id',
    ],
  },
  {
    fault: 'puts the former state of a hook over a later one',
    changes: (store) => ({
      moveHooks: async (ids, options) => {
        for (const state of options.cursor === undefined ? await store.hookStates() : []) {
          const hookId = ids.get(state.hookId)
          if (hookId !== undefined) await store.setHookStates([{ ...state, hookId }])
        }
        return store.moveHooks(ids, options)
      },
    }),
    fails: ['keeps the later one of two states of a hook that has another id'],
  },
  {
    fault: 'moves a hook in one step, whatever is asked',
    changes: (store) => ({
      moveHooks: (ids, options) => store.moveHooks(ids, { ...options, limit: 1000 }),
    }),
    fails: ['looks at no more deliveries in a step than asked, and comes to an end'],
  },
  {
    fault: 'comes to no end of moving a hook',
    changes: (store) => ({
      moveHooks: async (ids, options) => ({ ...(await store.moveHooks(ids, options)), next: '0' }),
    }),
    fails: ['looks at no more deliveries in a step than asked, and comes to an end'],
  },
  {
    fault: 'moves what is claimed',
    changes: (store) => ({
      moveHooks: (ids, options) => store.moveHooks(ids, { ...options, now: Infinity }),
    }),
    fails: ['leaves what is claimed to its claimer, and finds it when it is no more'],
  },
  {
    fault: 'moves a hook without a word to who has claimed of it',
    changes: (store) => {
      const { claims, store: watching } = watched(store)
      return {
        ...methods(watching),
        moveHooks: async (ids, options) => {
          await store.release(claims)
          return store.moveHooks(ids, options)
        },
      }
    },
    fails: ['leaves what is claimed to its claimer, and finds it when it is no more'],
  },
  {
    fault: 'shows deliveries of a hook that has another id, and gives none of them out',
    changes: (store) => ({
      moveHooks: async () => ({ moved: 1 }),
      ...showing(store, (delivery) => ({ ...delivery, hookId: 'x' })),
    }),
    fails: ['gives what waits for a hook to its new id', 'moves nothing of other hooks, and nothing twice'],
  },
]
