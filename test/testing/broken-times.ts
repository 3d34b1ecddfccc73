import type { Attempt } from '../../src/index.ts'
import type { BrokenStore } from './broken-stores.ts'

/** Stores that reschedule and prune what they should not. */
export const brokenTimes: readonly BrokenStore[] = [
  {
    fault: 'reschedules what is claimed',
    changes: (store) => ({
      reschedule: async (due) => {
        const isDone = await store.reschedule(due)
        const there = await store.get(due.map(({ id }) => id))
        return isDone.map((done, index) => done || there[index]?.state === 'waiting')
      },
    }),
    fails: ['leaves a claimed delivery as it is', 'tells for each delivery whether it waited, unclaimed'],
  },
  {
    fault: 'reschedules nothing to later',
    changes: (store) => ({
      reschedule: async (due) => {
        const there = await store.get(due.map(({ id }) => id))
        return store.reschedule(
          due.map(({ id, dueAt }, index) => ({ id, dueAt: Math.min(dueAt, there[index]?.dueAt ?? dueAt) })),
        )
      },
    }),
    fails: ['makes a waiting delivery due later'],
  },
  {
    fault: 'takes the first time for all that it reschedules',
    changes: (store) => ({
      reschedule: (due) => store.reschedule(due.map(({ id }) => ({ id, dueAt: due[0]?.dueAt ?? 0 }))),
    }),
    fails: ['gives each delivery its own new time'],
  },
  {
    fault: 'changes the outcome of what it reschedules',
    changes: (store) => {
      const moved = new Map<string, number>()
      return {
        reschedule: (due) => {
          for (const { id, dueAt } of due) moved.set(id, dueAt)
          return store.reschedule(due)
        },
        get: async (ids) =>
          (await store.get(ids)).map((delivery) =>
            delivery?.outcome?.kind === 'retry' && moved.has(delivery.id)
              ? { ...delivery, outcome: { ...delivery.outcome, at: moved.get(delivery.id) ?? 0 } }
              : delivery,
          ),
      }
    },
    fails: ['keeps the attempts and the outcome of a delivery that it reschedules'],
  },
  {
    fault: 'prunes what became final at that very time',
    changes: (store) => ({ prune: (olderThan) => store.prune(olderThan + 1) }),
    fails: ['forgets what became final before the time, and tells how many'],
  },
  {
    fault: 'does not tell how many it pruned',
    changes: (store) => ({ prune: async (olderThan) => Math.min(await store.prune(olderThan), 0) }),
    fails: ['forgets what became final before the time, and tells how many'],
  },
  {
    fault: 'prunes what waits',
    changes: (store) => {
      let pruned = -Infinity
      return {
        prune: (olderThan) => {
          pruned = olderThan
          return store.prune(olderThan)
        },
        get: async (ids) =>
          (await store.get(ids)).map((each) =>
            each !== undefined && each.recordedAt < pruned ? undefined : each,
          ),
      }
    },
    fails: ['never forgets what waits, however old it is'],
  },
  {
    fault: 'keeps the attempts of what it prunes',
    changes: (store) => {
      const kept = new Map<string, Attempt[]>()
      return {
        settle: async (claim, attempt) => {
          const delivery = await store.settle(claim, attempt)
          const attempts = kept.get(claim.delivery.id) ?? []
          if (delivery !== undefined) kept.set(delivery.id, [...attempts, attempt])
          return delivery
        },
        attempts: async (id) => kept.get(id) ?? [],
      }
    },
    fails: [
      'forgets the attempts of what it forgets, and no others',
      'takes a delivery that it forgot for a fresh one',
    ],
  },
]
