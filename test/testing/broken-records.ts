import type { Delivery, NewDelivery, Recorded, Store } from '../../src/index.ts'
import type { BrokenStore } from './broken-stores.ts'

/** Stores that record something else than what they are given. */
export const brokenRecords: readonly BrokenStore[] = [
  {
    fault: 'lets the last record of an id stand',
    changes: (store) => {
      const last = new Map<string, Partial<Delivery>>()
      const overwritten = (delivery: Delivery): Delivery => ({ ...delivery, ...last.get(delivery.id) })
      return {
        record: async (deliveries, until) => {
          for (const { id, hookId, release, recordedAt } of deliveries)
            last.set(id, { hookId, release, recordedAt })
          const recorded = await store.record(deliveries, until)
          return recorded.map((each) => ({ ...each, delivery: overwritten(each.delivery) }))
        },
        get: async (ids) => (await store.get(ids)).map((delivery) => delivery && overwritten(delivery)),
      }
    },
    fails: ['lets the first record of an id stand, unchanged'],
  },
  {
    fault: 'takes every delivery for fresh',
    changes: (store) => recording(store, (recorded) => ({ ...recorded, fresh: true })),
    fails: [
      'lets the first record of an id stand, unchanged',
      'lets one of many concurrent records of an id be fresh',
    ],
  },
  {
    fault: 'looks first and records then, so that another can record in between',
    changes: (store) => ({
      record: async (deliveries, until) => {
        const there = await store.get(deliveries.map(({ id }) => id))
        const recorded = await store.record(deliveries, until)
        return recorded.map((each, index) => ({ ...each, fresh: there[index] === undefined }))
      },
    }),
    fails: ['lets one of many concurrent records of an id be fresh'],
  },
  {
    fault: 'records the first deliveries of a call that it rejects',
    changes: (store) => ({
      record: async (deliveries, until) => {
        const recorded: Recorded[] = []
        for (const delivery of deliveries) {
          if (Number.isNaN(delivery.recordedAt)) throw new RangeError('Expected a time')
          recorded.push(...(await store.record([delivery], until)))
        }
        return recorded
      },
    }),
    fails: ['records all of a call or, when it rejects, nothing of it'],
  },
  {
    fault: 'claims for a recorder that gave a due time',
    changes: (store) => giving(store, (delivery) => ({ ...delivery, dueAt: undefined })),
    fails: [
      'keeps when a delivery is due, and what it sends again',
      'claims no delivery with a due time, which anyone may claim from then on',
    ],
  },
  {
    fault: 'claims nothing for a recorder',
    changes: (store) => giving(store, (delivery) => ({ dueAt: delivery.recordedAt, ...delivery })),
    fails: ['leases a fresh delivery without a due time to its recorder'],
  },
  {
    fault: 'loses what a delivery sends again',
    changes: (store) => giving(store, (delivery) => ({ ...delivery, replayOf: undefined })),
    fails: [
      'keeps when a delivery is due, and what it sends again',
      'lists the deliveries that another sends again, or that none does',
    ],
  },
  {
    fault: 'loses what a release says in characters beyond the first plane',
    changes: (store) => giving(store, (delivery) => ({ ...delivery, release: narrowed(delivery.release) })),
    fails: ['keeps every field of a release exactly'],
  },
  {
    fault: 'drops facts of a release that are null',
    changes: (store) =>
      giving(store, (delivery) => ({
        ...delivery,
        release: withoutNulls(delivery.release),
      })),
    fails: ['keeps every field of a release exactly'],
  },
  {
    fault: 'takes releases of one app and version for the same',
    changes: (store) => {
      const known = new Map<string, NewDelivery['release']>()
      return giving(store, (delivery) => {
        const key = `${delivery.release.app} ${delivery.release.version}`
        const release = known.get(key) ?? delivery.release
        known.set(key, release)
        return { ...delivery, release }
      })
    },
    fails: ['keeps every field of a release exactly'],
  },
  {
    fault: 'takes ids that differ in case for the same',
    changes: (store) => ({ get: (ids) => store.get(ids.map((id) => id.toLowerCase())) }),
    fails: ['tells ids apart by case, white space, accents and wildcards'],
  },
]

function recording(store: Store, change: (recorded: Recorded) => Recorded): Partial<Store> {
  return { record: async (deliveries, until) => (await store.record(deliveries, until)).map(change) }
}

function giving(store: Store, change: (given: NewDelivery) => NewDelivery): Partial<Store> {
  return { record: (deliveries, until) => store.record(deliveries.map(change), until) }
}

function narrowed<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value).replaceAll(/[\u{10000}-\u{10FFFF}]/gu, '?')) as Value
}

function withoutNulls<Value>(value: Value): Value {
  const drop = (_: string, each: unknown): unknown => each ?? undefined
  return JSON.parse(JSON.stringify(value, drop)) as Value
}
