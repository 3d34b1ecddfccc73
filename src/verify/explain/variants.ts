import type { NearMiss } from './near-misses.ts'

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
  readonly apply: (text: string) => readonly string[]
}

/**
 * Every text that at most `most` of the changes make of the starting ones, each change at most once and in the order
 * given. What several ways lead to is kept once, with the shortest: so that of two explanations the smaller is given.
 */
export function variantsOf<Miss extends string>(
  starts: readonly Variant<Miss>[],
  changes: readonly Change<Miss>[],
  most: number,
): readonly Variant<Miss>[] {
  const nearest = new Map<string, Variant<Miss>>()
  const add = (variant: Variant<Miss>): void => {
    const known = nearest.get(variant.text)
    if (known === undefined || variant.distance < known.distance) nearest.set(variant.text, variant)
  }
  for (const start of starts) add(start)
  for (const { miss, apply } of changes) {
    const unchanged = Array.from(nearest.values()) // now: what this change makes is not changed by it again
    for (const { text, misses, distance } of unchanged) {
      if (distance >= most) continue
      for (const changed of apply(text)) {
        add({ text: changed, misses: [...misses, miss], distance: distance + 1 })
      }
    }
  }
  return [...nearest.values()]
}
