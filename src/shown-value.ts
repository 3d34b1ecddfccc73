/**
 * What was given in the place of something else, as an error tells it: a secret may stand where nobody expects one, and an error is
 * logged.
 */

/** A number or a boolean as it is, and of anything else its kind and size. */
export function shownValue(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return `the number ${value}`
  if (typeof value === 'boolean') return String(value)
  if (value === '') return 'an empty string'
  if (typeof value === 'string') return `a string of length ${value.length}`
  if (Array.isArray(value)) return `a list of length ${value.length}`
  return `a value of type ${typeof value}`
}

const longestName = 40
/** Letters, and digits at the end at most, as words have them and keys made by chance seldom do. Or the number of a status. */
const name = /^(?:[a-z_$][a-z_$.-]*\d{0,3}|\d{1,3})$/iu

/** The name of an option, a field or a header that somebody gave: as it is when it looks like one, and else its length. */
export function shownName(text: string): string {
  return text.length <= longestName && name.test(text) ? text : `<a name of length ${text.length}>`
}

/** What stands in the place of a secret. */
export const masked = '[masked]'

/**
 * The same object, which shows something else when it is inspected or serialised: nobody means to print what is in it. A copy of it shows
 * what it holds.
 */
export function showing<Value extends object>(value: Value, shown: () => unknown): Value {
  const method = { value: shown, enumerable: false }
  return Object.defineProperties(value, {
    [Symbol.for('nodejs.util.inspect.custom')]: method,
    toJSON: method,
  })
}
