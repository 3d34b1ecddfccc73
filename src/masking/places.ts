import { getRandomValues } from 'node:crypto'

/** Odd, and of this process alone: so nobody can make texts whose places in a table are the same. */
const [factor, otherFactor] = Array.from(getRandomValues(new Int32Array(2)), (number) => number | 1) as [
  number,
  number,
]

/** A place in a table of 2 ** (32 - shift). */
export function placeOf(key: number, shift: number): number {
  return Math.imul(key, factor) >>> shift
}

export function placeOfPair(one: number, other: number, shift: number): number {
  return (Math.imul(one, factor) + Math.imul(other, otherFactor)) >>> shift
}

/** For a table with two places for each of so many at least. */
export function shiftFor(count: number): number {
  return Math.clz32(Math.max(8, count)) - 1
}
