/** Numbers that look random and are the same for the same seed: mulberry32. */
export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** A whole number from 0, below `end`. */
  below(end: number): number {
    return Math.floor(this.#next() * end)
  }

  /** A whole number, the first and the last among those possible. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1)
  }

  /** True in so many of 100 cases. */
  percent(cases: number): boolean {
    return this.below(100) < cases
  }

  /** Of at least one. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item
  }

  /** So many at most, some perhaps more than once. */
  some<Item>(items: readonly Item[], most: number): readonly Item[] {
    if (items.length === 0) return []
    return Array.from({ length: this.between(1, most) }, () => this.pick(items))
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
