import { placeOf, shiftFor } from './places.ts'
import type { Spelled } from './spelled.ts'
import { shortestSecret, type Sought } from './sought.ts'
import { sameOf } from './units.ts'

/** Tells which texts may be in another one, by their first four units. Small enough to be kept for each hook. */
export class Starts {
  readonly #sought: readonly Sought[]
  /** The next one that starts alike; none: -1. */
  readonly #alike: number[] = []
  /** Of those that start alike: how they start, the last one of them, and others at the same place of the table. */
  readonly #keys: number[] = []
  readonly #lasts: number[] = []
  readonly #nexts: number[] = []
  readonly #heads: Int16Array
  readonly #shift: number

  constructor(sought: readonly Sought[]) {
    this.#sought = sought
    this.#shift = shiftFor(4 * sought.length)
    this.#heads = new Int16Array(2 ** (32 - this.#shift)).fill(-1)
    for (const [index, { units }] of sought.entries()) {
      const key = keyOf(units)
      const group = this.#groupOf(key)
      this.#alike.push(this.#lasts[group] ?? -1)
      if (group === -1) this.#addGroup(key, index)
      else this.#lasts[group] = index
    }
  }

  #addGroup(key: number, index: number): void {
    const place = placeOf(key, this.#shift)
    this.#nexts.push(this.#heads[place] as number)
    this.#heads[place] = this.#keys.length
    this.#keys.push(key)
    this.#lasts.push(index)
  }

  /** Adds those of its texts that may be in another one as it stands. */
  addFoundIn(text: string, found: Set<Sought>): void {
    const heads = this.#heads
    const shift = this.#shift
    for (let at = 0, key = 0; at < text.length; at += 1) {
      key = (key << 8) | (sameOf(text.charCodeAt(at)) & 0xff)
      if ((heads[placeOf(key, shift)] as number) !== -1) this.#addAlike(key, found)
    }
  }

  /** And in one that was read. */
  addFoundInRead({ units, length }: Spelled, found: Set<Sought>): void {
    const heads = this.#heads
    const shift = this.#shift
    for (let at = 0, key = 0; at < length; at += 1) {
      key = (key << 8) | ((units[at] as number) & 0xff)
      if ((heads[placeOf(key, shift)] as number) !== -1) this.#addAlike(key, found)
    }
  }

  #addAlike(key: number, found: Set<Sought>): void {
    const group = this.#groupOf(key)
    let index = group === -1 ? -1 : (this.#lasts[group] as number)
    // All of them are there when the first one is.
    while (index !== -1 && !found.has(this.#sought[index] as Sought)) {
      found.add(this.#sought[index] as Sought)
      index = this.#alike[index] as number
    }
  }

  #groupOf(key: number): number {
    let group = this.#heads[placeOf(key, this.#shift)] as number
    while (group !== -1 && this.#keys[group] !== key) group = this.#nexts[group] as number
    return group
  }
}

/** The low bytes of the first four units: enough to tell what is not there. */
function keyOf(units: string): number {
  let key = 0
  for (let at = 0; at < shortestSecret; at += 1) key = (key << 8) | (units.charCodeAt(at) & 0xff)
  return key
}
