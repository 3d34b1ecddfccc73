import type { Delivery, Store } from '../../src/index.ts'
import type { Attempt, Progress } from '../../src/delivery.ts'
import { showing } from './altered-store.ts'
import type { BrokenStore } from './broken-stores.ts'

/** Stores that do not remember how far a delivery is, or what its receiver told. */
export const brokenProgress: readonly BrokenStore[] = [
  {
    fault: 'makes final what was accepted',
    changes: (store) =>
      settling(store, (attempt) =>
        attempt.outcome.kind === 'accepted'
          ? { ...attempt, outcome: { kind: 'delivered', reason: attempt.outcome.reason } }
          : attempt,
      ),
    fails: [
      'lets a delivery wait of which a request was accepted',
      'gives a delivery of which a request was accepted to anyone, from its time on',
    ],
  },
  {
    fault: 'makes what was accepted due at once',
    changes: (store) =>
      settling(store, (attempt) =>
        attempt.outcome.kind === 'accepted'
          ? { ...attempt, outcome: { ...attempt.outcome, at: attempt.endedAt } }
          : attempt,
      ),
    fails: ['gives a delivery of which a request was accepted to anyone, from its time on'],
  },
  {
    fault: 'keeps the claim of what was accepted',
    changes: (store) => ({
      settle: async (claim, attempt) => {
        const delivery = await store.settle(claim, attempt)
        if (delivery?.outcome?.kind === 'accepted')
          await store.claim({ hooks: new Map([[delivery.hookId, 1]]), now: delivery.outcome.at, until: 9e12 })
        return delivery
      },
    }),
    fails: ['gives a delivery of which a request was accepted to anyone, from its time on'],
  },
  {
    fault: 'takes every accepted request for the first',
    changes: (store) =>
      settling(store, (attempt) => (typeof attempt.step === 'number' ? { ...attempt, step: 1 } : attempt)),
    fails: ['remembers which request was accepted last, and when'],
  },
  {
    fault: 'takes being asked how it went for another request',
    changes: (store) =>
      settling(store, ({ step, ...attempt }) =>
        step === undefined || step === 'poll' ? attempt : { ...attempt, step },
      ),
    fails: ['remembers when a request was accepted while it is asked how that went'],
  },
  {
    fault: 'forgets what was accepted when what follows is tried again',
    changes: (store) =>
      showing(store, (delivery) =>
        delivery.outcome?.kind === 'retry' ? withoutProgress(delivery) : delivery,
      ),
    fails: [
      'remembers what was accepted while what follows is tried again',
      'keeps what was accepted before a request that is tried again',
    ],
  },
  {
    fault: 'remembers how far a final delivery was',
    changes: (store) => remembering(store, ({ state }) => state !== 'waiting'),
    fails: ['forgets how far a delivery was once it is final', 'forgets a mark once the delivery is final'],
  },
  {
    fault: 'knows what the last answer told alone',
    changes: (store) => {
      const told = new Map<string, Attempt['remote']>()
      const shown = showing(store, (delivery) => {
        const { remote: _dropped, ...rest } = delivery
        const remote = told.get(delivery.id)
        return remote === undefined ? rest : { ...rest, remote }
      })
      return {
        ...shown,
        settle: async (claim, attempt) => {
          told.set(claim.delivery.id, attempt.remote)
          return shown.settle?.(claim, attempt)
        },
      }
    },
    fails: ['keeps the last that the receiver told, of each thing that it tells'],
  },
  {
    fault: 'keeps an error for ever',
    changes: (store) => {
      const errors = new Map<string, string>()
      return showing(store, (delivery) => {
        const error = delivery.remote?.error ?? errors.get(delivery.id)
        if (error === undefined) return delivery
        errors.set(delivery.id, error)
        return { ...delivery, remote: { ...delivery.remote, error } }
      })
    },
    fails: [
      'keeps an error that the receiver told, and a redirect, until the next answer',
      'knows nothing of a receiver that told an error alone, or nothing',
    ],
  },
  {
    fault: 'shows what nobody told as something empty',
    changes: (store) => showing(store, (delivery) => ({ ...delivery, remote: delivery.remote ?? {} })),
    fails: ['knows nothing of a receiver that told an error alone, or nothing'],
  },
  {
    fault: 'forgets what was told of what it ends',
    changes: (store) =>
      showing(store, (delivery) => {
        const { remote: _dropped, ...rest } = delivery
        return delivery.outcome?.reason === 'hook-disabled' ? rest : delivery
      }),
    fails: ['keeps all that the receiver told of a delivery that is ended'],
  },
  {
    fault: 'marks nothing, and says it did',
    changes: () => ({ mark: async () => true }),
    fails: [
      'remembers how far a delivery was when it is handed back',
      'remembers how far a delivery was when its lease ends',
      'does not mark a delivery whose claim was lost',
      'does not mark a delivery that was settled, ended or handed back',
      'marks nothing that it does not know',
    ],
  },
  {
    fault: 'forgets a mark when it is handed back',
    changes: (store) => {
      const forgotten = new Set<string>()
      return {
        ...showing(store, (delivery) => (forgotten.has(delivery.id) ? withoutProgress(delivery) : delivery)),
        release: async (claims, dueAt) => {
          for (const { delivery } of claims) forgotten.add(delivery.id)
          await store.release(claims, dueAt)
        },
      }
    },
    fails: ['remembers how far a delivery was when it is handed back'],
  },
  {
    fault: 'forgets a mark when another claims',
    changes: (store) => ({
      claim: async (options) =>
        (await store.claim(options)).map(({ delivery, token }) => ({
          delivery: withoutProgress(delivery),
          token,
        })),
    }),
    fails: ['remembers how far a delivery was when its lease ends'],
  },
  {
    fault: 'lets the first mark stand',
    changes: (store) => {
      const marked = new Set<number>()
      return {
        mark: async (claim, progress) => {
          if (marked.has(claim.token)) return true
          marked.add(claim.token)
          return store.mark(claim, progress)
        },
      }
    },
    fails: ['remembers the last of several marks'],
  },
  {
    fault: 'hands back what it marks',
    changes: (store) => ({
      mark: async (claim, progress) => {
        const isHeld = await store.mark(claim, progress)
        await store.release([claim])
        return isHeld
      },
    }),
    fails: ['leaves a delivery that it marks to its claimer'],
  },
  {
    fault: 'takes what is marked for what is tried again',
    changes: (store) =>
      showing(store, (delivery) =>
        delivery.progress?.sending === true && delivery.outcome?.kind === 'accepted'
          ? { ...delivery, outcome: { ...delivery.outcome, kind: 'retry' } }
          : delivery,
      ),
    fails: ['changes nothing but how far a delivery is'],
  },
  {
    fault: 'goes on to take for sent what is tried again',
    changes: (store) => remembering(store, ({ outcome }) => outcome?.kind === 'retry'),
    fails: [
      'takes nothing for sent any more that is tried again',
      'keeps what was accepted before a request that is tried again',
    ],
  },
  {
    fault: 'takes what was marked over what was accepted',
    changes: (store) => remembering(store, ({ outcome }) => outcome?.kind === 'accepted'),
    fails: ['takes what was accepted over what was marked'],
  },
]

function settling(store: Store, change: (attempt: Attempt) => Attempt): Partial<Store> {
  return { settle: (claim, attempt) => store.settle(claim, change(attempt)) }
}

/** Shows of these deliveries how far they were last seen or marked. */
function remembering(store: Store, isRemembered: (delivery: Delivery) => boolean): Partial<Store> {
  const seen = new Map<string, Progress>()
  return {
    ...showing(store, (delivery) => {
      const progress = seen.get(delivery.id)
      if (progress !== undefined && isRemembered(delivery)) return { ...delivery, progress }
      if (delivery.progress !== undefined) seen.set(delivery.id, delivery.progress)
      return delivery
    }),
    mark: async (claim, progress) => {
      const isHeld = await store.mark(claim, progress)
      if (isHeld) seen.set(claim.delivery.id, progress)
      return isHeld
    },
  }
}

function withoutProgress({ progress: _dropped, ...delivery }: Delivery): Delivery {
  return delivery
}
