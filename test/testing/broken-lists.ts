import type { Delivery, DeliveryFilter, Store } from '../../src/index.ts'
import type { BrokenStore } from './broken-stores.ts'

const parts = [
  'hook',
  'app',
  'version',
  'user',
  'sha',
  'environment',
  'tenant',
  'stage',
  'state',
  'reason',
  'verdict',
  'since',
  'before',
  'replayed',
] as const satisfies readonly (keyof DeliveryFilter)[]

/** Stores whose lists and pages are broken. */
export const brokenLists: readonly BrokenStore[] = [
  ...parts.map((part) => ({
    fault: `lists whatever the ${part}`,
    changes: (store: Store) => filtering(store, (filter) => ({ ...filter, [part]: undefined })),
    fails: ['lists the deliveries that match every part of a filter'],
  })),
  {
    fault: 'leaves out what was recorded just at the start of a filter',
    changes: (store) =>
      filtering(store, ({ since, ...filter }) => ({
        ...filter,
        since: since === undefined ? since : since + 1,
      })),
    fails: ['lists the deliveries that were recorded since a time, and then'],
  },
  {
    fault: 'lists what was recorded just at the end of a filter',
    changes: (store) =>
      filtering(store, ({ before, ...filter }) => ({
        ...filter,
        before: before === undefined ? before : before + 1,
      })),
    fails: ['lists the deliveries that were recorded before a time, and not then'],
  },
  {
    fault: 'takes no filter at all for replayed: false',
    changes: (store) => filtering(store, (filter) => ({ ...filter, replayed: filter.replayed ?? false })),
    fails: ['lists deliveries in the order in which they were recorded, as they are'],
  },
  {
    fault: 'lists in the order of times',
    changes: (store) => ({
      list: async (filter, page) => {
        const { deliveries, ...rest } = await store.list(filter, page)
        return { deliveries: deliveries.toSorted((one, other) => one.recordedAt - other.recordedAt), ...rest }
      },
    }),
    fails: ['lists deliveries in the order in which they were recorded, as they are'],
  },
  {
    fault: 'goes on after the time of the last delivery, and skips what was recorded at the same one',
    changes: (store) => ({
      list: async (filter, { limit, cursor }) => {
        const after = Number(cursor ?? -Infinity)
        const deliveries = (await all(store, filter)).filter(({ recordedAt }) => recordedAt > after)
        return paged(deliveries, limit, (last) => last.recordedAt)
      },
    }),
    fails: ['gives each delivery once when all were recorded at the same time'],
  },
  {
    fault: 'counts how far a list has got',
    changes: (store) => ({
      list: async (filter, { limit, cursor = '0' }) => {
        const deliveries = (await all(store, filter)).slice(Number(cursor))
        return paged(deliveries, limit, () => Number(cursor) + limit)
      },
    }),
    fails: [
      'keeps a cursor good while deliveries are settled',
      'keeps a cursor good while deliveries are pruned',
    ],
  },
  {
    fault: 'goes on after a delivery, and from the start when that was pruned',
    changes: (store) => ({
      list: async (filter, { limit, cursor }) => {
        const deliveries = await all(store, {})
        const rest = deliveries.slice(deliveries.findIndex(({ id }) => id === cursor) + 1)
        const ids = new Set((await all(store, filter)).map(({ id }) => id))
        return paged(
          rest.filter(({ id }) => ids.has(id)),
          limit,
          (last) => last.id,
        )
      },
    }),
    fails: ['keeps a cursor good while deliveries are pruned'],
  },
  {
    fault: 'always tells of a next page',
    changes: (store) => ({
      list: async (filter, page) => ({ next: page.cursor ?? '0', ...(await store.list(filter, page)) }),
    }),
    fails: ['lists nothing of an empty store', 'gives each delivery once, whatever the size of the pages'],
  },
  {
    fault: 'tells of no next page',
    changes: (store) => ({
      list: async (filter, page) => ({ deliveries: (await store.list(filter, page)).deliveries }),
    }),
    fails: ['gives each delivery once, whatever the size of the pages'],
  },
  {
    fault: 'lists the oldest first, whatever it is asked for',
    changes: (store) => ({ list: (filter, page) => store.list(filter, { ...page, order: 'oldest' }) }),
    fails: [
      'gives the newest first when it is asked to, each once',
      'keeps a cursor of the newest good while deliveries are added and pruned',
    ],
  },
  {
    fault: 'gives pages of any size',
    changes: (store) => ({ list: (filter, page) => store.list(filter, { ...page, limit: 1000 }) }),
    fails: ['gives each delivery once, whatever the size of the pages'],
  },
]

function filtering(store: Store, change: (filter: DeliveryFilter) => DeliveryFilter): Partial<Store> {
  return { list: (filter, page) => store.list(change(filter), page) }
}

async function all(store: Store, filter: DeliveryFilter): Promise<readonly Delivery[]> {
  return (await store.list(filter, { limit: 10_000 })).deliveries
}

function paged(
  deliveries: readonly Delivery[],
  limit: number,
  cursorOf: (last: Delivery) => string | number,
): { readonly deliveries: readonly Delivery[]; readonly next?: string } {
  const last = deliveries[limit - 1]
  return deliveries.length > limit && last !== undefined
    ? { deliveries: deliveries.slice(0, limit), next: String(cursorOf(last)) }
    : { deliveries }
}
