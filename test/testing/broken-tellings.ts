import type { Release, Store } from '../../src/index.ts'
import type { Telling } from '../../src/stores/ledger/telling.ts'
import type { ToldResult } from '../../src/stores/store.ts'
import type { BrokenStore } from './broken-stores.ts'

function telling(store: Store, change: (telling: Telling) => Telling): Partial<Store> {
  return { tell: (given, until) => store.tell(change(given), until) }
}

function releasing(store: Store, change: (release: Release) => Release): Partial<Store> {
  return telling(store, (given) => ({ ...given, release: change(given.release) }))
}

function told(store: Store, change: (result: ToldResult) => ToldResult): Partial<Store> {
  return { tell: async (given, until) => change(await store.tell(given, until)) }
}

/** Stores that take other things for news. */
export const brokenTellings: readonly BrokenStore[] = [
  {
    fault: 'takes all environments and tenants for one',
    changes: (store) =>
      releasing(store, ({ environment: _environment, tenant: _tenant, ...release }) => release),
    fails: ['tells each app, environment and tenant by itself'],
  },
  {
    fault: 'knows no deployments',
    changes: (store) => releasing(store, ({ deployment: _deployment, ...release }) => release),
    fails: ['tells a version again that was away, and another commit or deployment of it'],
  },
  {
    fault: 'knows no times',
    changes: (store) => releasing(store, ({ at: _at, ...release }) => release),
    fails: [
      'knows an event by its time, whatever came since',
      'tells an older event late: it is not the last one, and no change',
    ],
  },
  {
    fault: 'never closes a rollout by itself',
    changes: (store) => telling(store, (given) => ({ ...given, closesAfterMs: Infinity })),
    fails: ['closes a rollout after its time, and one with a deployment after 30 days'],
  },
  {
    fault: 'passes keys over',
    changes: (store) => telling(store, ({ idempotencyKey: _key, ...given }) => given),
    fails: ['goes by the key alone, in its scope and stage'],
  },
  {
    fault: 'takes a key for the same in all apps',
    changes: (store) =>
      telling(store, (given) =>
        given.idempotencyKey === undefined ? given : { ...given, release: { ...given.release, app: 'any' } },
      ),
    fails: ['goes by the key alone, in its scope and stage'],
  },
  {
    fault: 'remembers nothing that no hook wants',
    changes: (store) => ({
      tell: async (given, until) =>
        given.hooks.length === 0 ? { news: 'told', recorded: [] } : store.tell(given, until),
    }),
    fails: ['remembers what no hook wanted, and a hook that is added later still gets what is told again'],
  },
  {
    fault: 'shows nothing of what was told before',
    changes: (store) =>
      told(store, ({ recorded, ...result }) => ({
        ...result,
        recorded: recorded.filter(({ fresh }) => fresh),
      })),
    fails: ['tells a release once, and shows its deliveries when it is told again'],
  },
  {
    fault: 'tells hooks that want only changes everything',
    changes: (store) =>
      telling(store, (given) => ({
        ...given,
        hooks: given.hooks.map(({ onlyChanges: _onlyChanges, ...hook }) => hook),
      })),
    fails: [
      'tells a hook that wants only changes what differs from the last result',
      'tells an older event late: it is not the last one, and no change',
    ],
  },
  {
    fault: 'forgets what it told when it prunes',
    changes: (store) => {
      let pruned = 0
      return {
        prune: async (olderThan) => {
          pruned += 1
          return store.prune(olderThan)
        },
        tell: (given, until) =>
          store.tell({ ...given, release: { ...given.release, deployment: `pruned ${pruned}` } }, until),
      }
    },
    fails: ['sends nothing again of what was pruned'],
  },
]
