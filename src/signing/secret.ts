import { ConfigurationError } from '../errors.ts'
import { readBy, required, type Field } from '../option-fields.ts'
import { shownValue } from '../shown-value.ts'

/** One secret, or several while keys rotate: the first signs, verifiers accept all. */
export type Secrets = string | readonly string[]

// What a template or `String(process.env.X)` makes of an unset variable. Signing with it would be
// signing with a secret that everybody knows.
const namesOfNothing = new Set(['undefined', 'null'])

/** A file, `echo` or a form adds it, and the other side has none: no signature would match. Inside one a line break may be meant. */
const lineBreakAtAnEnd = /^[\r\n]|[\r\n]$/u

/**
 * Checks secrets and gives them as a list. They are never trimmed: Deis's Helm chart makes 64 printable
 * ASCII characters, which may hold blanks at the ends.
 *
 * @throws {@link ConfigurationError} `secret_invalid` for an empty, blank, `"undefined"` or `"null"` secret, one that begins or ends with a
 * line break, or none
 */
export function checkedSecrets(secrets: Secrets, option = 'secret'): readonly string[] {
  const list: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets]
  const problems = list.flatMap((secret, index) => {
    const message = faultOf(secret)
    const where = Array.isArray(secrets) ? `${option}[${index}]` : option
    return message === undefined ? [] : { code: 'secret_invalid' as const, option: where, message }
  })
  if (list.length === 0)
    problems.push({ code: 'secret_invalid', option, message: refusal('an empty list', 'put one in') })
  if (problems.length > 0) throw ConfigurationError.of(problems)
  return list as readonly string[]
}

/** One alone. @throws {@link ConfigurationError} `secret_invalid` */
export function checkedSecret(secret: unknown, option: string): string {
  const message = faultOf(secret)
  if (message !== undefined) throw new ConfigurationError('secret_invalid', option, message)
  return secret as string
}

/** As an option that has to be there. */
export const secretField: Field = required(readBy(checkedSecrets))

const source = 'look at what it comes from, such as an environment variable'

function faultOf(secret: unknown): string | undefined {
  if (secret === undefined)
    return refusal('none', 'give one, or look whether its environment variable is set')
  if (typeof secret !== 'string') return refusal(shownValue(secret), source)
  if (secret === '') return refusal('an empty string', source)
  if (secret.trim() === '') return refusal('a string of blanks', source)
  if (namesOfNothing.has(secret.trim().toLowerCase())) return refusal('the name of an unset variable', source)
  if (lineBreakAtAnEnd.test(secret))
    return refusal(
      'one with a line break at its beginning or end',
      'the other side has none, so no signature would match; cut it off where the secret is read, such as from a file',
    )
  return undefined
}

function refusal(got: string, advice: string): string {
  return `Expected a secret, a string that is not blank, got ${got}: ${advice}.`
}
