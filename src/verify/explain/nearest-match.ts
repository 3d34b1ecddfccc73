import { BudgetSpent, type Budget } from './budget.ts'
import type { NearMiss } from './near-misses.ts'
import type { Key } from './secret-variants.ts'
import type { Levels } from './variants.ts'

/** What may differ at once, and in which order: the likeliest first. */
export interface SearchSpace {
  readonly bases: Levels
  readonly queries: Levels
  readonly keys: Levels<Key>
}

/** What a search came to. */
export interface Search {
  /** The smallest set of differences with which the signature is right; absent when none was found. */
  readonly misses?: readonly NearMiss[]
  /** What was tried to the end, in words, when the budget ended the search. */
  readonly stoppedAt?: string
}

/** Three changes, or any order of the parameters and one more change. */
const furthest = 3.5

/** Searches for the smallest set of differences, inside the budget: what is likely has been tried when that is spent. */
export function nearestMatch(digest: string, space: SearchSpace, budget: Budget): Search {
  let triedTo = -1
  let current = 0
  try {
    for (const shell of likeliestFirst(space)) {
      if (shell.distance > current) [triedTo, current] = [current, shell.distance]
      const misses = matchIn(shell, digest, space, budget)
      if (misses !== undefined) return { misses }
    }
    return {}
  } catch (error) {
    if (error instanceof BudgetSpent) return { stoppedAt: reached(triedTo) }
    throw error
  }
}

/** @param distance of what was tried to the end; below 0 for nothing */
function reached(distance: number): string {
  if (distance < 0) return 'not even the request as it came was tried under all that is configured'
  if (distance < 1) return 'the request as it came was tried under all that is configured'
  return distance < 2 ? 'every single difference was tried' : 'any two differences were tried'
}

interface Shell {
  readonly distance: number
  readonly ofBase: number
  readonly ofQuery: number
  readonly ofKey: number
}

function matchIn(
  { ofBase, ofQuery, ofKey }: Shell,
  digest: string,
  { bases, queries, keys }: SearchSpace,
  budget: Budget,
): readonly NearMiss[] | undefined {
  for (const base of bases.at(ofBase)) {
    for (const query of queries.at(ofQuery)) {
      const message = `${base.text}?${query.text}`
      const bytes = Buffer.byteLength(message, 'utf8')
      for (const key of keys.at(ofKey)) {
        budget.sign(bytes)
        if (key.sign(message) === digest)
          return [...new Set([...base.misses, ...query.misses, ...key.misses])]
      }
    }
  }
  return undefined
}

/** The space in parts of the same distance, up to the furthest that is tried. */
function likeliestFirst({ bases, queries, keys }: SearchSpace): readonly Shell[] {
  return bases.distances
    .flatMap((ofBase) =>
      queries.distances.flatMap((ofQuery) =>
        keys.distances.map((ofKey) => ({ ofBase, ofQuery, ofKey, distance: ofBase + ofQuery + ofKey })),
      ),
    )
    .filter(({ distance }) => distance <= furthest)
    .toSorted((left, right) => left.distance - right.distance)
}
