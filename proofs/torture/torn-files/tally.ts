import type { Moment } from './moment.ts'
import { isSame, type Reading } from './judge.ts'

/** What came of the copies with one kind of damage. */
export interface Tally {
  readonly kind: string
  copies: number
  /** Showed all that the damage left whole, and nothing else. */
  exact: number
  /** Showed something else, or is not sound. Never for damage that the file's checksums cover. */
  otherwise: number
  /** Of these, the ones that `PRAGMA integrity_check` finds. */
  unsound: number
  /** Refused, by the error's code. */
  readonly refused: Map<string, number>
}

export class Tallies {
  readonly #tallies = new Map<string, Tally>()

  get all(): readonly Tally[] {
    return [...this.#tallies.values()]
  }

  /** @returns what is wrong, if something is */
  add(kind: string, reading: Reading, expected: Moment): string | undefined {
    const tally = this.#of(kind)
    tally.copies += 1
    if ('code' in reading) {
      tally.refused.set(reading.code, (tally.refused.get(reading.code) ?? 0) + 1)
      return undefined
    }
    const isExact = isSame(reading.moment, expected)
    if (isExact && reading.sound) {
      tally.exact += 1
      return undefined
    }
    tally.otherwise += 1
    if (!reading.sound) tally.unsound += 1
    const [shown, written] = [reading.moment.entries.length, expected.entries.length]
    const soundness = reading.sound ? 'sound' : 'not sound'
    return `showed ${shown} deliveries where ${written} had been acknowledged, or others, and is ${soundness}`
  }

  #of(kind: string): Tally {
    const known = this.#tallies.get(kind) ?? {
      kind,
      copies: 0,
      exact: 0,
      otherwise: 0,
      unsound: 0,
      refused: new Map<string, number>(),
    }
    this.#tallies.set(kind, known)
    return known
  }
}
