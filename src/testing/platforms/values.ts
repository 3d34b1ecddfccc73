/** What emulated platforms look at in requests. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Text of 1 to so many UTF-16 units, without half of a surrogate pair. */
export function isText(value: unknown, max: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= max && value.isWellFormed()
}
