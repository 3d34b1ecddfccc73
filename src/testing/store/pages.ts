import assert from 'node:assert/strict'
import type { Delivery } from '../../delivery.ts'
import type { DeliveryFilter, Page, PageOptions, Store } from '../../stores/store.ts'

/** A page may hold less than its limit, even nothing, with more to come. A list of more pages than this has no end. */
const mostPages = 2000

/** All pages of a list, one after another. */
export async function* pagesOf(
  store: Store,
  filter: DeliveryFilter,
  limit: number,
  from?: string,
  order?: PageOptions['order'],
): AsyncGenerator<Page, void, undefined> {
  let cursor = from
  for (let count = 0; count < mostPages; count += 1) {
    const page = await store.list(filter, { limit, cursor, order })
    const { length } = page.deliveries
    assert.ok(length <= limit, `Expected ${limit} deliveries in a page at most, got ${length}`)
    yield page
    if (page.next === undefined) return
    cursor = page.next
  }
  assert.fail(`Expected a last page, got ${mostPages} pages with a next one`)
}

/** Deliveries of all pages. */
export async function listed(
  store: Store,
  filter: DeliveryFilter,
  limit = 100,
  from?: string,
  order?: PageOptions['order'],
): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = []
  for await (const page of pagesOf(store, filter, limit, from, order)) deliveries.push(...page.deliveries)
  return deliveries
}
