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

/** A text of at most so many UTF-16 units, which ends in an ellipsis when it went on. */
export function ellipsized(text: string, units: number): string {
  return text.length <= units ? text : `${cut(text, units - 1)}\u2026`
}
