import type { Attempt, Delivery, HookState, Store } from 'deploy-hooks'

/** All that a store shows: what it had acknowledged at one moment. */
export interface Moment {
  readonly entries: readonly Entry[]
  readonly hookStates: readonly HookState[]
}

export interface Entry {
  readonly delivery: Delivery
  readonly attempts: readonly Attempt[]
}

export const nothing: Moment = { entries: [], hookStates: [] }

/** What is read of a store. */
export type ReadableStore = Pick<Store, 'list' | 'attempts' | 'hookStates' | 'close'>

/** Reads everything that a store shows. */
export async function readMoment(store: ReadableStore): Promise<Moment> {
  const deliveries: Delivery[] = []
  let cursor: string | undefined
  do {
    const page = await store.list({}, { limit: 1000, cursor })
    deliveries.push(...page.deliveries)
    cursor = page.next
  } while (cursor !== undefined)
  const attempts = await Promise.all(deliveries.map(({ id }) => store.attempts(id)))
  return {
    entries: deliveries.map((delivery, index) => ({ delivery, attempts: attempts[index] ?? [] })),
    hookStates: await store.hookStates(),
  }
}
