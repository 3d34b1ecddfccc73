import type { NewDelivery, Store } from '../../src/index.ts'
import type { BrokenStore } from './broken-stores.ts'

/** Stores that find other deliveries than the latest of a group. */
export const brokenGroups: readonly BrokenStore[] = [
  {
    fault: 'finds the latest of a hook, of whatever group',
    changes: (store) => finding(store, (given, hookId) => given.filter((each) => each.hookId === hookId)),
    fails: [
      'finds nothing of a group of which nothing was recorded',
      'finds no delivery that was recorded without a group',
    ],
  },
  {
    fault: 'finds the latest of a group, of whatever hook',
    changes: (store) => finding(store, (given, _, group) => given.filter((each) => each.group === group)),
    fails: ['tells groups of one hook from those of another'],
  },
  {
    fault: 'takes a hook and a group for one word',
    changes: (store) =>
      finding(store, (given, hookId, group) =>
        given.filter((each) => `${each.hookId}${each.group}` === `${hookId}${group}`),
      ),
    fails: ['tells groups of one hook from those of another'],
  },
  {
    fault: 'takes groups that differ in case for the same',
    changes: (store) =>
      finding(store, (given, hookId, group) =>
        given.filter((each) => each.hookId === hookId && each.group?.toLowerCase() === group.toLowerCase()),
      ),
    fails: ['tells groups of one hook from those of another'],
  },
  {
    fault: 'takes no group for one of its own',
    changes: (store) => ({
      record: (deliveries, until) =>
        store.record(
          deliveries.map((each) => ({ ...each, group: each.group ?? '' })),
          until,
        ),
    }),
    fails: ['finds no delivery that was recorded without a group'],
  },
  {
    fault: 'finds the first of a group first',
    changes: (store) => ({
      latest: async (hookId, group, limit) =>
        (await store.latest(hookId, group, 1000)).toReversed().slice(0, limit),
    }),
    fails: [
      'finds the deliveries of a group, last recorded first, whatever became of them',
      'finds as many deliveries of a group as asked at most',
    ],
  },
  {
    fault: 'finds the latest of a group by time',
    changes: (store) => ({
      latest: async (hookId, group, limit) =>
        (await store.latest(hookId, group, 1000))
          .toSorted((one, other) => other.recordedAt - one.recordedAt)
          .slice(0, limit),
    }),
    fails: ['finds the deliveries of a group, last recorded first, whatever became of them'],
  },
  {
    fault: 'finds what waits of a group alone',
    changes: (store) => ({
      latest: async (...args) => (await store.latest(...args)).filter(({ state }) => state === 'waiting'),
    }),
    fails: ['finds the deliveries of a group, last recorded first, whatever became of them'],
  },
  {
    fault: 'finds all of a group',
    changes: (store) => ({ latest: (hookId, group) => store.latest(hookId, group, 1000) }),
    fails: ['finds as many deliveries of a group as asked at most'],
  },
  {
    fault: 'shows the group of a delivery',
    changes: (store) => ({
      latest: async (hookId, group, limit) =>
        (await store.latest(hookId, group, limit)).map((delivery) => ({ ...delivery, group })),
    }),
    fails: ['gives the deliveries of a group as they are'],
  },
  {
    fault: 'finds a delivery in every group in which it was recorded again',
    changes: (store) =>
      finding(store, (given, hookId, group) =>
        given.filter((each) => each.hookId === hookId && each.group === group),
      ),
    fails: [
      'lets the first record of an id stand in its group',
      'takes a delivery that is recorded anew into its new group alone',
    ],
  },
  {
    fault: 'looks at as many of a group as asked, forgotten ones among them',
    changes: (store) =>
      finding(store, (given, hookId, group, limit) =>
        given.filter((each) => each.hookId === hookId && each.group === group).slice(-limit),
      ),
    fails: [
      'forgets from a group what it prunes, and nothing else',
      'finds the last of a group of 300, before and after most of it is forgotten',
    ],
  },
]

/** Finds what was ever given, and is there. */
function finding(
  store: Store,
  find: (
    given: readonly NewDelivery[],
    hookId: string,
    group: string,
    limit: number,
  ) => readonly NewDelivery[],
): Partial<Store> {
  const given: NewDelivery[] = []
  return {
    record: (deliveries, until) => {
      given.push(...deliveries)
      return store.record(deliveries, until)
    },
    latest: async (hookId, group, limit) => {
      const ids = find(given, hookId, group, limit).map(({ id }) => id)
      const found = await store.get([...new Set(ids.toReversed())])
      return found.filter((delivery) => delivery !== undefined).slice(0, limit)
    },
  }
}
