import { matchesPattern } from './apps.ts'

interface Entry<Value> {
  readonly place: number
  readonly value: Value
}

/**
 * Values by the patterns that a name may match (`web-*`), found without looking at each: those of exact names by the name, and patterns by
 * what stands before their first `*`. So finding costs what is found, and the patterns that begin as the name does; those that begin with `*`
 * are looked at each.
 */
export class PatternIndex<Value> {
  readonly #exact = new Map<string, Entry<Value>[]>()
  /** By the text before the first `*`, then by pattern. */
  readonly #heads = new Map<string, Map<string, Entry<Value>[]>>()
  /** Lengths of those texts. */
  readonly #lengths = new Set<number>()
  #count = 0

  /** Adds a value after those that are there. */
  add(patterns: readonly string[], value: Value): void {
    const entry = { place: this.#count, value }
    this.#count += 1
    for (const pattern of new Set(patterns)) this.#entriesOf(pattern).push(entry)
  }

  /** Values with a pattern that the name matches, each once, in the order in which they were added. */
  find(name: string): readonly Value[] {
    const lists: (readonly Entry<Value>[])[] = []
    const exact = this.#exact.get(name)
    if (exact !== undefined) lists.push(exact)
    for (const length of this.#lengths) {
      const patterns = length > name.length ? undefined : this.#heads.get(name.slice(0, length))
      for (const [pattern, entries] of patterns ?? []) if (matchesPattern(name, pattern)) lists.push(entries)
    }
    const [only = [], ...others] = lists
    if (others.length === 0) return only.map(({ value }) => value) // nearly always, and in order
    const found = new Set(lists.flat())
    return [...found].toSorted((one, other) => one.place - other.place).map(({ value }) => value)
  }

  #entriesOf(pattern: string): Entry<Value>[] {
    const star = pattern.indexOf('*')
    if (star === -1) return getOrMake(this.#exact, pattern, () => [])
    this.#lengths.add(star)
    const patterns = getOrMake(this.#heads, pattern.slice(0, star), () => new Map<string, Entry<Value>[]>())
    return getOrMake(patterns, pattern, () => [])
  }
}

function getOrMake<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
