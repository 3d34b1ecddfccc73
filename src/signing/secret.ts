import { ConfigurationError } from '../errors.ts'

/** One secret, or several while keys rotate: the first signs, verifiers accept all. */
export type Secrets = string | readonly string[]

// What a template or `String(process.env.X)` makes of an unset variable. Signing with it would be
// signing with a secret that everybody knows.
const namesOfNothing = new Set(['undefined', 'null'])

/**
 * Checks secrets and gives them as a list. They are never trimmed: Deis's Helm chart makes 64 printable
 * ASCII characters, which may hold blanks at the ends.
 *
 * @throws {@link ConfigurationError} `secret_invalid` for an empty, blank, `"undefined"` or `"null"` secret, or none.
 */
export function checkedSecrets(secrets: Secrets, option = 'secret'): readonly string[] {
  const list: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets]
  if (list.length === 0) throw invalid(option, 'an empty list')
  return list.map((secret, index) =>
    checkedSecret(secret, Array.isArray(secrets) ? `${option}[${index}]` : option),
  )
}

function checkedSecret(secret: unknown, option: string): string {
  if (typeof secret !== 'string') throw invalid(option, secret === null ? 'null' : typeof secret)
  if (secret === '') throw invalid(option, 'an empty string')
  if (secret.trim() === '') throw invalid(option, 'a string of blanks')
  if (namesOfNothing.has(secret.trim().toLowerCase())) throw invalid(option, 'the name of an unset variable')
  return secret
}

function invalid(option: string, got: string): ConfigurationError {
  return new ConfigurationError(
    'secret_invalid',
    option,
    `Expected a non-empty secret string, got ${got}. Check the environment variable it comes from.`,
  )
}
