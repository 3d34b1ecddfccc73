/** What was thrown, as a text: whatever it is, also what cannot become one. */
export function errorText(error: unknown): string {
  try {
    return String(error)
  } catch {
    return 'something that is no text'
  }
}
