import assert from 'node:assert/strict'
import type { Claim, NewDelivery, Store } from '../../stores/store.ts'
import type { Chance } from './chance.ts'
import type { Model } from './model.ts'
import { release } from './samples.ts'

/** Where a random walk stands. */
export interface Walk {
  readonly chance: Chance
  readonly model: Model
  /** Instances over the same data. */
  readonly stores: Store[]
  /** Every claim ever given, with who was given it. Few of them hold. */
  readonly claims: { readonly claim: Claim; readonly store: Store }[]
  now: number
}

export const ids: readonly string[] = Array.from({ length: 12 }, (_, index) => `d${index}`)
export const hooks: readonly string[] = ['a', 'b', 'c']
export const groups: readonly string[] = ['web', 'api']

/** So many seconds from now, between these. */
export function soon({ chance, now }: Walk, first: number, last: number): number {
  return now + chance.between(first, last) * 1000
}

/** Notes a claim that the store gave. No delivery gets the same token twice, recorded anew or not. */
export function give(walk: Walk, store: Store, claim: Claim, until: number): void {
  const { id } = claim.delivery
  const isKnown = walk.claims.some(
    ({ claim: { delivery, token } }) => delivery.id === id && token === claim.token,
  )
  assert.ok(!isKnown, `Expected a new token for ${id}, got ${claim.token} again`)
  walk.claims.push({ claim, store })
  walk.model.lease(claim, until, store)
}

/** Claims that this instance was given, most of them lately. */
export function someClaims({ chance, claims }: Walk, store: Store, most: number): readonly Claim[] {
  const own = claims.filter((given) => given.store === store).map(({ claim }) => claim)
  return chance.some(chance.percent(70) ? own.slice(-5) : own, most)
}

export function newDelivery(walk: Walk): NewDelivery {
  const { chance, model, now } = walk
  return {
    id: chance.pick(ids),
    hookId: chance.pick(hooks),
    release: { ...release, app: chance.percent(50) ? 'web' : 'api', version: `v${chance.below(5)}` },
    recordedAt: now,
    dueAt: chance.percent(40) ? soon(walk, -20, 40) : undefined,
    replayOf: chance.percent(20) ? chance.some(model.entries, 1)[0]?.delivery.id : undefined,
    group: chance.percent(60) ? chance.pick(groups) : undefined,
  }
}
