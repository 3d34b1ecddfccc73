import type { HookState } from '../../src/stores/store.ts'
import type { BrokenStore } from './broken-stores.ts'

/** Stores that show something else than what they hold. */
export const brokenReads: readonly BrokenStore[] = [
  {
    fault: 'leaves out deliveries that are not there',
    changes: (store) => ({
      get: async (ids) => (await store.get(ids)).filter((delivery) => delivery !== undefined),
    }),
    fails: ['gives deliveries in the order asked for, and undefined for those not there'],
  },
  {
    fault: 'gives each delivery asked for once, in its own order',
    changes: (store) => ({ get: (ids) => store.get([...new Set(ids)].toSorted()) }),
    fails: ['gives deliveries in the order asked for, and undefined for those not there'],
  },
  {
    fault: 'forgets leases when asked for what is due',
    changes: (store) => ({
      due: async (options) => {
        const { hooks, nextAt } = await store.due(options)
        const { deliveries } = await store.list({ state: 'waiting' }, { limit: 1000 })
        return deliveries.some(({ dueAt }) => dueAt === nextAt) ? { hooks, nextAt } : { hooks }
      },
    }),
    fails: ['tells when the first lease ends, if nothing is due before'],
  },
  {
    fault: 'tells what is due of any hook',
    changes: (store) => ({ due: (options) => store.due({ ...options, among: undefined }) }),
    fails: [
      'tells when the first delivery of the hooks asked about is due',
      'passes over hooks that may not be sent to, and those that are not asked about',
    ],
  },
  {
    fault: 'tells what is due of hooks that may not be sent to',
    changes: (store) => ({ due: (options) => store.due({ ...options, except: new Set() }) }),
    fails: ['passes over hooks that may not be sent to, and those that are not asked about'],
  },
  {
    fault: 'gives as many hooks as are due',
    changes: (store) => ({ due: (options) => store.due({ ...options, limit: Infinity }) }),
    fails: ['gives so many hooks that are due, and tells when the first of the others is'],
  },
  {
    fault: 'gives hooks that are due in the order of their names',
    changes: (store) => ({
      due: async (options) => {
        const { hooks, ...rest } = await store.due(options)
        return { hooks: hooks.toSorted(), ...rest }
      },
    }),
    fails: [
      'gives hooks that something can be claimed of, the longest due first',
      'gives so many hooks that are due, and tells when the first of the others is',
    ],
  },
  {
    fault: 'gives attempts last to first',
    changes: (store) => ({ attempts: async (id) => (await store.attempts(id)).toReversed() }),
    fails: ['gives the attempts of a delivery first to last'],
  },
  {
    fault: 'gives the attempts of deliveries whose id begins alike',
    changes: (store) => ({
      attempts: async (id) => {
        const { deliveries } = await store.list({}, { limit: 100 })
        const ids = deliveries.map((delivery) => delivery.id).filter((other) => other.startsWith(id))
        return (await Promise.all(ids.map((other) => store.attempts(other)))).flat()
      },
    }),
    fails: ['keeps the attempts of each delivery apart'],
  },
  {
    fault: 'counts states with no delivery',
    changes: (store) => ({
      counts: async () => [...(await store.counts()), { hookId: 'a', state: 'dead' as const, count: 0 }],
    }),
    fails: ['counts nothing of an empty store', 'counts the deliveries of each hook in each state'],
  },
  {
    fault: 'counts all hooks as one',
    changes: (store) => ({
      counts: async () => (await store.counts()).map((each) => ({ ...each, hookId: 'a' })),
    }),
    fails: ['counts the deliveries of each hook in each state'],
  },
  {
    fault: 'lets the first state of a hook stand',
    changes: () => {
      const states = new Map<string, HookState>()
      return {
        setHookStates: async (given) => {
          for (const state of given) states.set(state.hookId, states.get(state.hookId) ?? state)
        },
        hookStates: async () => [...states.values()],
      }
    },
    fails: [
      'remembers the last state of each hook',
      'remembers the states of many hooks that it is told at once, of one hook the last',
    ],
  },
  {
    fault: 'forgets why a hook is disabled',
    changes: (store) => ({
      hookStates: async () => (await store.hookStates()).map((each) => ({ ...each, reason: '' })),
    }),
    fails: [
      'remembers that a hook is disabled, since when and why',
      'remembers the states of many hooks that it is told at once, of one hook the last',
    ],
  },
  {
    fault: 'forgets the URL and the lane of a hook',
    changes: (store) => ({
      hookStates: async () =>
        (await store.hookStates()).map(({ hookId, enabled, since, reason }) => ({
          hookId,
          enabled,
          since,
          reason,
        })),
    }),
    fails: ['remembers of which URL a state is, and what is to be known of a lane, as they were given'],
  },
  {
    fault: 'remembers one of several states that it is told at once',
    changes: (store) => ({ setHookStates: (states) => store.setHookStates(states.slice(0, 1)) }),
    fails: ['remembers the states of many hooks that it is told at once, of one hook the last'],
  },
  {
    fault: 'cannot be closed twice',
    changes: (store) => {
      let isClosed = false
      return {
        close: async () => {
          if (isClosed) throw new Error('It is closed')
          isClosed = true
          await store.close()
        },
      }
    },
    fails: ['may be closed twice', 'may be closed twice at the same time, and without having been used'],
  },
]
