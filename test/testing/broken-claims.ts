import type { Claim } from '../../src/stores/store.ts'
import type { Store } from '../../src/index.ts'
import { methods, watched } from './altered-store.ts'
import type { BrokenStore } from './broken-stores.ts'

/** Stores that give out what they should not. */
export const brokenClaims: readonly BrokenStore[] = [
  {
    fault: 'gives out what is leased',
    changes: (memory) => {
      const { store, claims } = watched(memory)
      return {
        ...methods(store),
        claim: async (options) => {
          await memory.release(claims)
          return store.claim(options)
        },
      }
    },
    fails: ['gives what is claimed to nobody else before the lease ends', 'gives out each delivery once'],
  },
  {
    fault: 'gives the same delivery to claims at the same time',
    changes: (store) => {
      let current: ReturnType<Store['claim']> | undefined
      return {
        claim: (options) => {
          current ??= store.claim(options).finally(() => (current = undefined))
          return current
        },
      }
    },
    fails: ['gives out each delivery once to 20 claims at the same time'],
  },
  {
    fault: 'claims a millisecond late',
    changes: (store) => ({ claim: (options) => store.claim({ ...options, now: options.now - 1 }) }),
    fails: ['claims what is due at that moment, and nothing before'],
  },
  {
    fault: 'claims a millisecond early',
    changes: (store) => ({ claim: (options) => store.claim({ ...options, now: options.now + 1 }) }),
    fails: [
      'claims what is due at that moment, and nothing before',
      'gives what is claimed to nobody else before the lease ends',
      'leases a fresh delivery without a due time to its recorder',
    ],
  },
  {
    fault: 'claims more than asked',
    changes: (store) => ({
      claim: (options) => store.claim({ ...options, hooks: limited(options.hooks, 1000) }),
    }),
    fails: ['claims of each hook as many as asked at most'],
  },
  {
    fault: 'takes the limit of a hook for the limit of all',
    changes: (store) => ({
      claim: async (options) => {
        const claims = await store.claim(options)
        const [most = 0] = options.hooks.values()
        await store.release(claims.slice(most))
        return claims.slice(0, most)
      },
    }),
    fails: ['claims of each hook as many as asked at most'],
  },
  {
    fault: 'claims the deliveries of hooks that were not named',
    changes: (store) => ({
      claim: (options) => store.claim({ ...options, hooks: new Map([['a', 9], ['b', 9], ...options.hooks]) }),
    }),
    fails: ['leaves the deliveries of other hooks'],
  },
  {
    fault: 'claims the latest due first',
    changes: (store) => ({
      claim: async ({ hooks, now, until }) => {
        const all = await store.claim({ hooks: limited(hooks, 1000), now, until })
        const latest = all.toReversed()
        const given = [...hooks].flatMap(([hook, limit]) =>
          latest.filter(({ delivery }) => delivery.hookId === hook).slice(0, limit),
        )
        await store.release(all.filter((claim) => !given.includes(claim)))
        return given
      },
    }),
    fails: ['claims the longest due of a hook first'],
  },
  {
    fault: 'gives every claim the same token',
    changes: (memory) => {
      const { store, latest } = watched(memory)
      const untold = <Each extends { readonly token?: number }>(each: Each): Each =>
        each.token === undefined ? each : { ...each, token: 1 }
      return {
        record: async (...args) => (await store.record(...args)).map(untold),
        claim: async (options) => (await store.claim(options)).map(untold),
        renew: (claims, until) => memory.renew(claims.map(latest), until),
        release: (claims, dueAt) => memory.release(claims.map(latest), dueAt),
        mark: (claim, progress) => memory.mark(latest(claim), progress),
        settle: (claim, attempt) => memory.settle(latest(claim), attempt),
        end: (claim, ...args) => memory.end(latest(claim), ...args),
      }
    },
    fails: [
      'gives every claim of a delivery another token',
      'does not take the attempt of a claim that was lost',
    ],
  },
  {
    fault: 'begins anew with its tokens for a delivery that is recorded anew',
    changes: (memory) => {
      const tokens = new Map<string, number[]>()
      const own = (claim: Claim): Claim => {
        const given = tokens.get(claim.delivery.id) ?? []
        given.push(claim.token)
        tokens.set(claim.delivery.id, given)
        return { ...claim, token: given.length }
      }
      const theirs = ({ delivery, token }: Claim): Claim => ({
        delivery,
        token: tokens.get(delivery.id)?.[token - 1] ?? 0,
      })
      return {
        record: async (...args) => {
          const recorded = await memory.record(...args)
          for (const { delivery, fresh } of recorded) if (fresh) tokens.delete(delivery.id)
          return recorded.map((each) =>
            each.token === undefined
              ? each
              : { ...each, ...own({ delivery: each.delivery, token: each.token }) },
          )
        },
        claim: async (options) => (await memory.claim(options)).map(own),
        renew: (claims, until) => memory.renew(claims.map(theirs), until),
        release: (claims, dueAt) => memory.release(claims.map(theirs), dueAt),
        mark: (claim, progress) => memory.mark(theirs(claim), progress),
        settle: (claim, attempt) => memory.settle(theirs(claim), attempt),
        end: (claim, ...args) => memory.end(theirs(claim), ...args),
      }
    },
    fails: ['takes nothing from a claim of before the delivery was pruned and recorded anew'],
  },
]

function limited(hooks: ReadonlyMap<string, number>, limit: number): ReadonlyMap<string, number> {
  return new Map([...hooks.keys()].map((hook) => [hook, limit]))
}
