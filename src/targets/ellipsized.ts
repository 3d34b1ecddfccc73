/** A text of at most so many UTF-16 units, which ends in an ellipsis when it went on. No pair of surrogates is broken. */
export function ellipsized(text: string, longest: number): string {
  if (text.length <= longest) return text
  return `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/u, '')}\u2026`
}
