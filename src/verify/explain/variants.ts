import type { Budget } from './budget.ts'
import type { NearMiss } from './near-misses.ts'
import { replayed } from './replayed.ts'

/** A text that may have been signed, or signed with, and how it differs from the expected one. */
export interface Variant<Miss extends string = NearMiss> {
  readonly text: string
  readonly misses: readonly Miss[]
  /** How unlikely it is: the number of its changes, as a rule. */
  readonly distance: number
}

/** One way in which a text comes to differ. */
export interface Change<Miss extends string = NearMiss> {
  readonly miss: Miss
  /** What the text may have been instead; it may be in there itself. */
  readonly apply: (text: string) => Iterable<string>
}

/** Variants by their distance, each made when the search comes to it: most searches end before the furthest. */
export interface Levels<Kind = Variant> {
  /** All that there may be, in ascending order. */
  readonly distances: readonly number[]
  /** Walking it may throw {@link BudgetSpent}. */
  readonly at: (distance: number) => Iterable<Kind>
}

/** A variant, and the first of the changes that may still be made of it. */
interface Reached<Miss extends string> {
  readonly variant: Variant<Miss>
  readonly next: number
}

// What a variant costs besides its characters.
const perVariant = 100

/**
 * Every text that at most `most` of the changes make of the starting ones, each change at most once and in the order
 * given. What several ways lead to is given once, with the shortest: so that of two explanations the smaller is given. The levels have
 * to be walked in their order.
 */
export function variantsOf<Miss extends string>(
  starts: Iterable<Variant<Miss>>,
  changes: readonly Change<Miss>[],
  most: number,
  budget: Budget,
): Levels<Variant<Miss>> {
  const known = new Set<string>()
  const allStarts = replayed(charged(starts, budget))
  const reached = levelsOf((distance) => level(distance))

  function* level(distance: number): Generator<Reached<Miss>> {
    for (const variant of allStarts)
      if (variant.distance === distance && isNew(variant)) yield { variant, next: 0 }
    if (distance === 0) return
    for (const [index, { miss, apply }] of changes.entries()) {
      for (const { variant, next } of reached(distance - 1)) {
        if (next > index) continue
        budget.read(variant.text.length + perVariant)
        for (const text of apply(variant.text)) {
          const changed = { text, misses: [...variant.misses, miss], distance }
          if (isNew(changed)) yield { variant: changed, next: index + 1 }
        }
      }
    }
  }

  const isNew = ({ text }: Variant<Miss>): boolean => {
    budget.read(text.length + perVariant)
    const { size } = known
    return known.add(text).size > size
  }

  return {
    distances: Array.from({ length: most + 1 }, (_, distance) => distance),
    at: levelsOf((distance) => variantsIn(reached(distance))),
  }
}

/** The variants of each distance, made once. */
export function levelsOf<Kind>(make: (distance: number) => Iterator<Kind>): Levels<Kind>['at'] {
  const levels = new Map<number, Iterable<Kind>>()
  return (distance) => {
    const known = levels.get(distance)
    if (known !== undefined) return known
    const level = replayed(make(distance))
    levels.set(distance, level)
    return level
  }
}

function* variantsIn<Miss extends string>(level: Iterable<Reached<Miss>>): Generator<Variant<Miss>> {
  for (const { variant } of level) yield variant
}

function* charged<Kind>(some: Iterable<Kind>, budget: Budget): Generator<Kind> {
  for (const one of some) {
    budget.read(perVariant)
    yield one
  }
}
