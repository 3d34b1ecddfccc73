import type { Spelled } from './spelled.ts'
import { placeOfPair, shiftFor } from './places.ts'
import { mostPadding, shortestSecret, type Sought } from './sought.ts'
import { equals } from './units.ts'

/** States there is room for at first. */
const leastRoom = 1024

/** Part of a text: from its `start` up to its `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * Finds any number of texts in another one, all at once (Aho and Corasick, 1975): each of its units is looked at once, whatever the texts
 * are. A state is the longest end of what was read that some text starts with; making one takes a few steps, so all takes time in the units of all.
 *
 * It is used for one search after the other, since what it takes would be collected after each: a megabyte, for the longest URL.
 */
export class Automaton {
  /** Of each state: the one it follows, and the unit in between. State 0 is the start of every text. */
  #parents: Int32Array = new Int32Array(0)
  #units: Uint16Array = new Uint16Array(0)
  /** Another state at the same place of the table. */
  #nexts: Int32Array = new Int32Array(0)
  #heads: Int32Array = new Int32Array(0)
  #shift = 0
  /** The state of the next shorter end. */
  #shorter: Int32Array = new Int32Array(0)
  #depths: Uint8Array = new Uint8Array(0)
  /** What is masked before the end of a state when a text ends there, none when 0; and behind it. */
  #before: Int32Array = new Int32Array(0)
  #behind: Int32Array = new Int32Array(0)
  /** What is masked before a text that is begun. */
  #leads: Uint8Array = new Uint8Array(0)
  #states = 1

  /** Looks for other texts from now on. */
  lookFor(sought: readonly Sought[]): this {
    const most = sought.reduce((sum, { units }) => sum + units.length, 1)
    if (most > this.#parents.length) this.#makeRoom(Math.max(leastRoom, most))
    this.#states = 1
    this.#shift = shiftFor(most)
    this.#heads.fill(0, 0, 2 ** (32 - this.#shift))
    this.#add(sought.toSorted((one, other) => other.units.length - one.units.length))
    return this
  }

  #makeRoom(states: number): void {
    this.#parents = new Int32Array(states)
    this.#units = new Uint16Array(states)
    this.#nexts = new Int32Array(states)
    this.#heads = new Int32Array(2 ** (32 - shiftFor(states)))
    this.#shorter = new Int32Array(states)
    this.#depths = new Uint8Array(states)
    this.#before = new Int32Array(states)
    this.#behind = new Int32Array(states)
    this.#leads = new Uint8Array(states)
  }

  /** By depth, so that the shorter ends of a new state are there. @param sought the longest first */
  #add(sought: readonly Sought[]): void {
    const states = new Int32Array(sought.length)
    for (let depth = 1, isAdding = true; isAdding; depth += 1) {
      isAdding = false
      for (let index = 0; index < sought.length; index += 1) {
        const { units, before, behind } = sought[index] as Sought
        if (units.length < depth) break
        isAdding = true
        const state = this.#childOf(states[index] as number, units.charCodeAt(depth - 1), depth)
        states[index] = state
        this.#leads[state] = Math.max(this.#leads[state] as number, before)
        if (units.length > depth) continue
        this.#before[state] = Math.max(this.#before[state] as number, depth + before)
        this.#behind[state] = Math.max(this.#behind[state] as number, behind)
      }
    }
  }

  /** An old one or a new one. */
  #childOf(parent: number, unit: number, depth: number): number {
    const known = this.#follow(parent, unit)
    if (known !== 0) return known
    const state = this.#states
    this.#states += 1
    const shorter = parent === 0 ? 0 : this.#after(this.#shorter[parent] as number, unit)
    const place = placeOfPair(parent, unit, this.#shift)
    this.#parents[state] = parent
    this.#units[state] = unit
    this.#nexts[state] = this.#heads[place] as number
    this.#heads[place] = state
    this.#shorter[state] = shorter
    this.#depths[state] = depth
    this.#before[state] = this.#before[shorter] as number
    this.#behind[state] = this.#behind[shorter] as number
    this.#leads[state] = 0
    return state
  }

  /** The state behind a unit in one of the texts; 0 when no text goes on so. */
  #follow(parent: number, unit: number): number {
    let state = this.#heads[placeOfPair(parent, unit, this.#shift)] as number
    while (state !== 0 && (this.#units[state] !== unit || this.#parents[state] !== parent))
      state = this.#nexts[state] as number
    return state
  }

  #after(before: number, unit: number): number {
    for (let state = before; ; state = this.#shorter[state] as number) {
      const next = this.#follow(state, unit)
      if (next !== 0 || state === 0) return next
    }
  }

  /**
   * Where the texts stand in what was read, in order; those that touch are one.
   *
   * @param isCut what was read goes on: then the start of a text at its end is found too
   */
  spansIn(spelled: Spelled, isCut: boolean): readonly Span[] {
    const { units, length } = spelled
    const whole = isCut ? spelled.whole : length
    const spans: { start: number; end: number }[] = []
    for (let at = 0, state = 0; at < length; at += 1) {
      state = this.#after(state, units[at] as number)
      const end = at + 1
      const before = this.#before[state] as number
      if (before > 0)
        addTo(spans, Math.max(0, end - before), behindPadding(spelled, end + (this.#behind[state] as number)))
      if (isCut && (end === whole || end === length)) {
        const depth = this.#depths[state] as number
        if (depth >= shortestSecret)
          addTo(spans, Math.max(0, end - depth - (this.#leads[state] as number)), length)
      }
    }
    return spans
  }
}

/** What ends base64 is no secret, and tells how long one is. */
function behindPadding({ units, length }: Spelled, from: number): number {
  let end = from
  while (end < length && end < from + mostPadding && units[end] === equals) end += 1
  return Math.min(length, end)
}

/** Adds one that ends behind the start of the last one: to that one if they touch, and there may be one for each character. */
function addTo(spans: { start: number; end: number }[], start: number, end: number): void {
  let last = spans.at(-1)
  if (last === undefined || last.end < start) {
    spans.push({ start, end })
    return
  }
  last.start = Math.min(last.start, start)
  last.end = Math.max(last.end, end)
  for (let before = spans.at(-2); before !== undefined && before.end >= last.start; before = spans.at(-2)) {
    before.start = Math.min(before.start, last.start)
    before.end = Math.max(before.end, last.end)
    last = before
    spans.pop()
  }
}
