import type { Attempt, Store } from '../../src/index.ts'
import type { BrokenStore } from './broken-stores.ts'

/** Stores that settle otherwise than they are told. */
export const brokenAttempts: readonly BrokenStore[] = [
  {
    fault: 'counts no attempts',
    changes: (store) => settling(store, (attempt) => ({ ...attempt, number: 1 })),
    fails: [
      'counts the attempts of a delivery over all its claims',
      'gives the attempts of a delivery first to last',
    ],
  },
  {
    fault: 'rounds times',
    changes: (store) =>
      settling(store, (attempt) => ({
        ...attempt,
        timings: { totalMs: Math.round(attempt.timings.totalMs) },
      })),
    fails: ['keeps every field of an attempt exactly'],
  },
  {
    fault: 'drops what is empty',
    changes: (store) =>
      settling(store, ({ code, ...attempt }) =>
        code === undefined || code === '' ? attempt : { ...attempt, code },
      ),
    fails: ['keeps every field of an attempt exactly'],
  },
  {
    fault: 'forgets which request an attempt was',
    changes: (store) => showingAttempts(store, ({ step: _dropped, ...attempt }) => attempt),
    fails: ['keeps which request each attempt was, and what its answer told'],
  },
  {
    fault: 'numbers the request that asks how it went',
    changes: (store) =>
      showingAttempts(store, (attempt) => (attempt.step === 'poll' ? { ...attempt, step: 0 } : attempt)),
    fails: ['keeps which request each attempt was, and what its answer told'],
  },
  {
    fault: 'forgets what an answer told',
    changes: (store) => showingAttempts(store, ({ remote: _dropped, ...attempt }) => attempt),
    fails: ['keeps which request each attempt was, and what its answer told'],
  },
  {
    fault: 'takes what was accepted for what is tried again, in its attempts',
    changes: (store) =>
      showingAttempts(store, (attempt) =>
        attempt.outcome.kind === 'accepted'
          ? { ...attempt, outcome: { ...attempt.outcome, kind: 'retry' } }
          : attempt,
      ),
    fails: [
      'keeps the reason, the verdict and the time of every outcome',
      'lets a delivery wait of which a request was accepted',
    ],
  },
  {
    fault: 'cuts excerpts off',
    changes: (store) =>
      settling(store, ({ excerpt, ...attempt }) =>
        excerpt === undefined ? attempt : { ...attempt, excerpt: excerpt.slice(0, 255) },
      ),
    fails: ['keeps the excerpt of the last attempt, and of every one if it is durable'],
  },
  {
    fault: 'promises to be durable, and keeps the last excerpt alone',
    changes: () => ({ durable: true }),
    fails: ['keeps the excerpt of the last attempt, and of every one if it is durable'],
  },
  {
    fault: 'answers a settled claim with the delivery again',
    changes: (store) => ({
      settle: async (claim, attempt) =>
        (await store.settle(claim, attempt)) ?? (await store.get([claim.delivery.id]))[0],
    }),
    fails: [
      'takes one attempt of a claim, whatever it came to',
      'takes one of several attempts that come at the same time',
    ],
  },
  {
    fault: 'records the attempt of a claim that was lost',
    changes: (store) => {
      const lost: Attempt[] = []
      return {
        settle: async (claim, attempt) => {
          const delivery = await store.settle(claim, attempt)
          if (delivery === undefined) lost.push(attempt)
          return delivery
        },
        attempts: async (id) => [
          ...lost.filter(({ deliveryId }) => deliveryId === id),
          ...(await store.attempts(id)),
        ],
      }
    },
    fails: [
      'does not take the attempt of a claim that was lost',
      'takes the attempt of the claim that holds, after a late one was refused',
    ],
  },
  {
    fault: 'makes what is tried again due at once',
    changes: (store) =>
      settling(store, (attempt) =>
        attempt.outcome.kind === 'retry'
          ? { ...attempt, outcome: { ...attempt.outcome, at: attempt.endedAt } }
          : attempt,
      ),
    fails: [
      'lets a delivery wait that is tried again',
      'gives a delivery that is tried again to anyone, from its time on',
    ],
  },
  {
    fault: 'records an attempt for a delivery that is ended',
    changes: (store) => ({
      end: ({ delivery, token }, outcome, now) =>
        store.settle(
          { delivery, token },
          {
            deliveryId: delivery.id,
            number: delivery.attempts + 1,
            startedAt: now,
            endedAt: now,
            connects: 0,
            timings: { totalMs: 0 },
            outcome,
          },
        ),
    }),
    fails: ['ends a delivery without an attempt', 'ends a delivery once, and takes no attempt after that'],
  },
]

function settling(store: Store, change: (attempt: Attempt) => Attempt): Partial<Store> {
  return { settle: (claim, attempt) => store.settle(claim, change(attempt)) }
}

/** Shows attempts otherwise than they were made. */
function showingAttempts(store: Store, shown: (attempt: Attempt) => Attempt): Partial<Store> {
  return { attempts: async (id) => (await store.attempts(id)).map(shown) }
}
