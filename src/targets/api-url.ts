import { ConfigurationError } from '../errors.ts'

/**
 * The URL below that of an API, each name being one segment of it.
 *
 * @param option the names come from, for errors
 * @throws {@link ConfigurationError} `option_invalid`
 */
export function apiUrlOf(root: string, names: readonly string[], option: string): string {
  // URL parsers take dots for steps, and an empty name for another resource.
  if (names.some((name) => name === '' || name === '.' || name === '..'))
    throw new ConfigurationError('option_invalid', option, 'Expected a name of one or more characters.')
  return [root.replace(/\/+$/u, ''), ...names.map(encodeURIComponent)].join('/')
}

/**
 * The names in `acme/web`.
 *
 * @throws {@link ConfigurationError} `option_invalid`
 */
export function namesIn(text: string, count: number, option: string): readonly string[] {
  const names = text.split('/')
  if (names.length === count) return names
  throw new ConfigurationError(
    'option_invalid',
    option,
    `Expected ${count} names with a / between them, got ${names.length}.`,
  )
}
