import type { NearMiss } from './near-misses.ts'
import type { Variant } from './variants.ts'

/** What may differ at once, and in which order: the likeliest first. */
export interface SearchSpace {
  readonly bases: readonly Variant[]
  readonly queries: readonly Variant[]
  readonly keys: readonly (Variant & { readonly sign: (message: string) => string })[]
}

/** Three changes, or any order of the parameters and one more change. */
const furthest = 3.5

// 200,000 signatures of a URL of usual length, which take half a second; fewer of longer ones.
const mostWork = 150_000_000
const workOfTrial = 500

/**
 * The smallest set of differences with which the signature is right; `undefined` when none is near. The work is bounded,
 * whatever the request and however many URLs and secrets: what is likely has been tried when it ends.
 */
export function nearestMatch(digest: string, space: SearchSpace): readonly NearMiss[] | undefined {
  let work = 0
  for (const [bases, queries, keys] of likeliestFirst(space)) {
    for (const base of bases) {
      for (const query of queries) {
        const message = `${base.text}?${query.text}`
        for (const key of keys) {
          work += workOfTrial + message.length
          if (work > mostWork) return undefined
          if (key.sign(message) === digest) {
            return [...new Set([...base.misses, ...query.misses, ...key.misses])]
          }
        }
      }
    }
  }
  return undefined
}

type Shell = readonly [SearchSpace['bases'], SearchSpace['queries'], SearchSpace['keys']]

/** The space in parts of the same distance, up to the furthest that is tried. */
function likeliestFirst({ bases, queries, keys }: SearchSpace): readonly Shell[] {
  const shells: { readonly distance: number; readonly shell: Shell }[] = []
  for (const [ofBase, someBases] of byDistance(bases)) {
    for (const [ofQuery, someQueries] of byDistance(queries)) {
      for (const [ofKey, someKeys] of byDistance(keys)) {
        const distance = ofBase + ofQuery + ofKey
        if (distance <= furthest) shells.push({ distance, shell: [someBases, someQueries, someKeys] })
      }
    }
  }
  return shells.toSorted((left, right) => left.distance - right.distance).map(({ shell }) => shell)
}

function byDistance<Kind extends Variant>(variants: readonly Kind[]): ReadonlyMap<number, readonly Kind[]> {
  return Map.groupBy(variants, ({ distance }) => distance)
}
