import type { Delivery } from '../delivery.ts'
import type { DeliveryFilter, PageOptions, Store } from '../stores/store.ts'

const pageSize = 256

/** All deliveries that match, in the order of recording, read a page at a time. */
export async function* deliveriesIn(
  store: Store,
  filter: DeliveryFilter,
  order?: PageOptions['order'],
): AsyncGenerator<Delivery> {
  let cursor: string | undefined
  do {
    const page = await store.list(filter, { limit: pageSize, cursor, order })
    yield* page.deliveries
    cursor = page.next
  } while (cursor !== undefined)
}
