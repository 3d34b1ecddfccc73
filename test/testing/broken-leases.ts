import type { Claim } from '../../src/stores/store.ts'
import { methods, watched } from './altered-store.ts'
import type { BrokenStore } from './broken-stores.ts'

/** Stores that do not fence, renew or hand back. */
export const brokenLeases: readonly BrokenStore[] = [
  {
    fault: 'settles for a claim that was lost',
    changes: (memory) => {
      const { store, latest } = watched(memory)
      return { ...methods(store), settle: (claim, attempt) => memory.settle(latest(claim), attempt) }
    },
    fails: ['does not take the attempt of a claim that was lost'],
  },
  {
    fault: 'ends for a claim that was lost',
    changes: (memory) => {
      const { store, latest } = watched(memory)
      return { ...methods(store), end: (claim, ...args) => memory.end(latest(claim), ...args) }
    },
    fails: ['does not end a delivery whose claim was lost'],
  },
  {
    fault: 'hands back for a claim that was lost',
    changes: (memory) => {
      const { store, latest } = watched(memory)
      return { ...methods(store), release: (claims, dueAt) => memory.release(claims.map(latest), dueAt) }
    },
    fails: [
      'does not hand back a delivery whose claim was lost',
      'passes over lost claims when it releases others',
    ],
  },
  {
    fault: 'hands back for a claim that was lost when a time is given',
    changes: (memory) => {
      const { store, latest } = watched(memory)
      return {
        ...methods(store),
        release: (claims, dueAt) => memory.release(dueAt === undefined ? claims : claims.map(latest), dueAt),
      }
    },
    fails: [
      'does not hand back a delivery whose claim was lost',
      'passes over lost claims when it releases others',
    ],
  },
  {
    fault: 'marks for a claim that was lost',
    changes: (memory) => {
      const { store, latest } = watched(memory)
      return { ...methods(store), mark: (claim, progress) => memory.mark(latest(claim), progress) }
    },
    fails: ['does not mark a delivery whose claim was lost'],
  },
  {
    fault: 'renews for a claim that was lost',
    changes: (memory) => {
      const { store, latest } = watched(memory)
      return { ...methods(store), renew: (claims, until) => memory.renew(claims.map(latest), until) }
    },
    fails: [
      'does not lengthen the lease of a claim that was lost',
      'tells for each claim whether it still holds',
    ],
  },
  {
    fault: 'renews nothing, and says it did',
    changes: () => ({ renew: async (claims) => claims.map(() => true) }),
    fails: ['lengthens a lease', 'does not lengthen the lease of a claim that was lost'],
  },
  {
    fault: 'takes a lease that has ended for lost, though nobody else claimed',
    changes: (memory) => {
      let now = 0
      const ends = new Map<number, number>()
      const isOver = ({ token }: Claim): boolean => (ends.get(token) ?? Infinity) <= now
      return {
        record: async (deliveries, until) => {
          const recorded = await memory.record(deliveries, until)
          for (const { token } of recorded) if (token !== undefined) ends.set(token, until)
          return recorded
        },
        claim: (options) => {
          now = options.now
          return memory.claim(options)
        },
        renew: async (claims, until) =>
          (await memory.renew(claims, until)).map(
            (isHeld, index) => isHeld && !isOver(claims[index] as Claim),
          ),
        mark: async (claim, progress) => !isOver(claim) && memory.mark(claim, progress),
        settle: async (claim, attempt) => (isOver(claim) ? undefined : memory.settle(claim, attempt)),
      }
    },
    fails: [
      'renews a lease that has ended while nobody else claimed',
      'takes the attempt of a claim whose lease has ended while nobody else claimed',
      'marks a delivery whose lease has ended while nobody else claimed',
    ],
  },
  {
    fault: 'hands nothing back',
    changes: () => ({ release: async () => {} }),
    fails: [
      'hands a released delivery back, due as before',
      'takes nothing more from a claim that was released',
    ],
  },
  {
    fault: 'hands back due as before, whatever time is given',
    changes: (store) => ({ release: (claims) => store.release(claims) }),
    fails: ['hands released deliveries back, due at the time that is given'],
  },
  {
    fault: 'hands the first back due at the time that is given, and the others as before',
    changes: (store) => ({
      release: async (claims, dueAt) => {
        await store.release(claims.slice(0, 1), dueAt)
        await store.release(claims.slice(1))
      },
    }),
    fails: ['hands released deliveries back, due at the time that is given'],
  },
  {
    fault: 'makes what is handed back due later',
    changes: (store) => ({
      release: async (claims) => {
        await store.release(claims)
        await store.reschedule(claims.map(({ delivery: { id, dueAt = 0 } }) => ({ id, dueAt: dueAt + 1 })))
      },
    }),
    fails: ['hands a released delivery back, due as before'],
  },
]
