import assert from 'node:assert/strict'
import type { Delivery, Outcome } from '../../delivery.ts'
import type { Claim, NewDelivery, Store } from '../../stores/store.ts'
import { at, attemptOf, newDelivery } from './samples.ts'

/** What tests do with a store. */

/** Records fresh deliveries without a due time. @returns their recorder's claims */
export async function recordClaimed(
  store: Store,
  deliveries: readonly NewDelivery[],
  until: number = at(60),
): Promise<readonly Claim[]> {
  const recorded = await store.record(deliveries, until)
  return recorded.map(({ delivery, fresh, token }) => {
    assert.ok(fresh, `Expected ${delivery.id} to be fresh`)
    assert.ok(token !== undefined, `Expected ${delivery.id} to be claimed by its recorder`)
    return { delivery, token }
  })
}

/** Records deliveries that nobody has claimed, due when they are recorded unless they say otherwise. */
export async function recordWaiting(store: Store, deliveries: readonly NewDelivery[]): Promise<void> {
  const given = deliveries.map((delivery) => ({ dueAt: delivery.recordedAt, ...delivery }))
  const recorded = await store.record(given, at(60))
  for (const { delivery, fresh } of recorded) assert.ok(fresh, `Expected ${delivery.id} to be fresh`)
}

/** When the first delivery of these hooks can be claimed; `undefined` when nothing waits for them. */
export async function nextDueAt(store: Store, hooks: readonly string[]): Promise<number | undefined> {
  const asked = { now: Number.NEGATIVE_INFINITY, limit: 0, except: new Set<string>(), among: new Set(hooks) }
  return (await store.due(asked)).nextAt
}

export interface ClaimStep {
  /** How many by hook id. @default of hook `a`, 100 */
  readonly hooks?: Readonly<Record<string, number>>
  /** @default a minute after the claim */
  readonly until?: number
}

export function claim(
  store: Store,
  now: number,
  { hooks = { a: 100 }, until = now + 60_000 }: ClaimStep = {},
): Promise<readonly Claim[]> {
  return store.claim({ hooks: new Map(Object.entries(hooks)), now, until })
}

export async function claimIds(store: Store, now: number, step?: ClaimStep): Promise<readonly string[]> {
  return idsOf(await claim(store, now, step))
}

export function idsOf(claims: readonly Claim[]): readonly string[] {
  return claims.map(({ delivery }) => delivery.id)
}

export function only<Item>(items: readonly Item[]): Item {
  assert.equal(items.length, 1, `Expected one item, got ${items.length}`)
  return items[0] as Item
}

/** A delivery that must be there. */
export async function stored(store: Store, id: string): Promise<Delivery> {
  const delivery = only(await store.get([id]))
  assert.ok(delivery !== undefined, `Expected delivery ${id} to be there`)
  return delivery
}

/** Settles claims that hold, with an attempt each. */
export async function settleAll(
  store: Store,
  claims: readonly Claim[],
  outcome: Outcome,
  endedAt: number = at(20),
): Promise<void> {
  for (const claim of claims) {
    const settled = await store.settle(claim, attemptOf(claim, outcome, { endedAt }))
    assert.ok(settled !== undefined, `Expected the claim of ${claim.delivery.id} to hold`)
  }
}

/** Records a delivery whose recorder loses it: the lease ends at 10, and another claims it until 100. */
export async function takeOver(
  store: Store,
  another: Store = store,
): Promise<{ readonly late: Claim; readonly held: Claim }> {
  const late = only(await recordClaimed(store, [newDelivery('dlv')], at(10)))
  const held = only(await claim(another, at(10), { until: at(100) }))
  return { late, held }
}
