/** Longer names than any option has are not compared. */
const longest = 40

/**
 * The one of `names` that was most likely meant: spelled the same but for case and signs, with one or two letters wrong, left out, added or
 * swapped, or begun by what was given. Of two that are as near it is the one that is as long. `undefined` when nothing is near.
 */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  if (given === '' || given.length > longest) return undefined
  const plain = letters(given)
  const found = names
    .map((name) => ({ name, distance: plain === letters(name) ? 0 : distance(plain, letters(name)) }))
    .toSorted(
      (one, other) => one.distance - other.distance || offBy(one.name, given) - offBy(other.name, given),
    )[0]
  if (found !== undefined && found.distance <= tolerated(plain)) return found.name
  return plain.length < 4 ? undefined : names.find((name) => isBegunBy(letters(name), plain))
}

function offBy(name: string, given: string): number {
  return Math.abs(name.length - given.length)
}

function letters(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\d]/gu, '')
}

/** Of a short name each letter says much. */
function tolerated({ length }: string): number {
  return length < 3 ? 0 : length < 6 ? 1 : 2
}

function isBegunBy(name: string, part: string): boolean {
  return name.startsWith(part) || part.startsWith(name)
}

/** Letters to add, leave out, change, or swap with their neighbour (optimal string alignment). */
function distance(one: string, other: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let row = 1; row <= one.length; row += 1) {
    const now = [row]
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1]
      const isSwapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      now[column] = Math.min(
        (last[column] ?? 0) + 1,
        (now[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity,
      )
    }
    beforeLast = last
    last = now
  }
  return last[other.length] ?? 0
}
