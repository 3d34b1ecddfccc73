import { ConfigurationError } from '../errors.ts'
import { mismatch } from '../option-problems.ts'
import { parseUrl } from '../signing/hook-url.ts'

/**
 * The URL below that of an API, each name being one segment of it.
 *
 * @param option the names come from, for errors
 * @throws {@link ConfigurationError} `option_invalid`, `hook_url_*`
 */
export function apiUrlOf(root: string, names: readonly string[], option: string): string {
  const apiOption = `${option.replace(/\..*$/u, '')}.apiUrl`
  // The names would become a part of the query.
  if (parseUrl(root, apiOption).typed.query !== undefined)
    throw new ConfigurationError(
      'option_invalid',
      apiOption,
      'Expected a URL without a query, got one: cut it off.',
    )
  for (const name of names) checkName(name, option)
  return [root.replace(/\/+$/u, ''), ...names.map(encodeURIComponent)].join('/')
}

/**
 * Refuses what is no segment of a URL: parsers take dots for steps, and an empty name for another resource.
 *
 * @throws {@link ConfigurationError} `option_invalid`
 */
function checkName(name: string, option: string): void {
  if (name === '' || name === '.' || name === '..')
    throw new ConfigurationError(
      'option_invalid',
      option,
      mismatch('names of one or more characters', name, 'correct it'),
    )
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
    `Expected ${count} names with a / between them, got ${names.length}: correct it.`,
  )
}
