/** Values of command-line arguments, with errors that name the argument. */

/** @throws RangeError unless it is a positive integer */
export function wholeNumber(name: string, given: string): number {
  const number = Number(given)
  if (Number.isSafeInteger(number) && number >= 1) return number
  throw new RangeError(`Expected \`--${name}\` to be a positive integer, got \`${given}\``)
}

/** @throws RangeError unless it is one of these names */
export function oneOf<Name extends string>(names: readonly Name[], argument: string, given: string): Name {
  const name = names.find((name) => name === given)
  if (name !== undefined) return name
  throw new RangeError(`Expected \`--${argument}\` to be one of ${names.join(', ')}, got \`${given}\``)
}
