/** The start of a text, of so many UTF-16 units at most. No surrogate pair is broken. */
export function cut(text: string, units: number): string {
  if (text.length <= units) return text
  const start = text.slice(0, units)
  return start.isWellFormed() ? start : start.slice(0, -1)
}

/** The start of a text, of so many bytes in UTF-8 at most. No character is broken. */
export function cutToBytes(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytes))
  return text.slice(0, read)
}

/** What a character takes of a limit. @default its UTF-16 units */
export type SizeOf = (character: string) => number

const ellipsis = '…'

/**
 * At most so much of a text, with `…` where it was cut. Whole characters only: no cut breaks a surrogate pair, nor the escape that a
 * character is sent as, when `sizeOf` counts it.
 */
export function ellipsized(text: string, max: number, sizeOf: SizeOf = ({ length }) => length): string {
  const room = max - sizeOf(ellipsis)
  let size = 0
  let kept = ''
  let isFull = false
  for (const character of text) {
    size += sizeOf(character)
    if (size > max) return room < 0 ? '' : `${kept}${ellipsis}`
    isFull ||= size > room
    if (!isFull) kept += character
  }
  return text
}
