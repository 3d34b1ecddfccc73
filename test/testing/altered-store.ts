import { memoryStore, type Store } from '../../src/index.ts'
import type { Delivery } from '../../src/delivery.ts'
import type { Claim } from '../../src/stores/store.ts'
import type { StoreHarness } from '../../src/testing/index.ts'

/** The store, with some of its methods replaced. */
export function altered(store: Store, changes: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      if (Object.hasOwn(changes, name)) return Reflect.get(changes, name) as unknown
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/** Every method that shows deliveries: it shows something else. */
export function showing(store: Store, shown: (delivery: Delivery) => Delivery): Partial<Store> {
  return {
    record: async (...args) =>
      (await store.record(...args)).map((each) => ({ ...each, delivery: shown(each.delivery) })),
    tell: async (...args) => {
      const { recorded, ...told } = await store.tell(...args)
      return { ...told, recorded: recorded.map((each) => ({ ...each, delivery: shown(each.delivery) })) }
    },
    claim: async (options) =>
      (await store.claim(options)).map((each) => ({ ...each, delivery: shown(each.delivery) })),
    settle: async (...args) => defined(await store.settle(...args), shown),
    end: async (...args) => defined(await store.end(...args), shown),
    get: async (ids) => (await store.get(ids)).map((delivery) => defined(delivery, shown)),
    list: async (...args) => {
      const { deliveries, ...page } = await store.list(...args)
      return { deliveries: deliveries.map(shown), ...page }
    },
    latest: async (...args) => (await store.latest(...args)).map(shown),
  }
}

function defined(
  delivery: Delivery | undefined,
  shown: (delivery: Delivery) => Delivery,
): Delivery | undefined {
  return delivery === undefined ? undefined : shown(delivery)
}

/** Claims that a store gives, seen from outside. */
export interface Watched {
  readonly store: Store
  /** Every claim given, the last one last. */
  readonly claims: Claim[]
  /** The last claim of the same delivery: what a store looks at that does not fence. */
  readonly latest: (claim: Claim) => Claim
}

export function watched(store: Store): Watched {
  const claims: Claim[] = []
  const watching = altered(store, {
    record: async (deliveries, until) => {
      const recorded = await store.record(deliveries, until)
      for (const { delivery, token } of recorded) if (token !== undefined) claims.push({ delivery, token })
      return recorded
    },
    tell: async (telling, until) => {
      const told = await store.tell(telling, until)
      for (const { delivery, token } of told.recorded)
        if (token !== undefined) claims.push({ delivery, token })
      return told
    },
    claim: async (options) => {
      const given = await store.claim(options)
      claims.push(...given)
      return given
    },
  })
  const latest = (claim: Claim): Claim =>
    claims.findLast(({ delivery }) => delivery.id === claim.delivery.id) ?? claim
  return { store: watching, claims, latest }
}

/** Instances that share one memory, as processes share a file. */
export function sharedMemory(instanceOf: (memory: Store) => Store = instance): StoreHarness {
  const memories = new Map<Store, Store>()
  const open = (memory: Store): Store => {
    const store = instanceOf(memory)
    memories.set(store, memory)
    return store
  }
  return {
    create: () => open(memoryStore()),
    reopen: (store) => open(memories.get(store) ?? memoryStore()),
  }
}

/** Hands back what it has claimed when it is closed for the first time. */
export function instance(memory: Store): Store {
  const { store, claims } = watched(memory)
  return altered(store, { close: () => memory.release(claims.splice(0)) })
}

/** Those of a watched store that watch. */
export function methods(store: Store): Pick<Store, 'record' | 'claim'> {
  return { record: (...args) => store.record(...args), claim: (options) => store.claim(options) }
}
