import { ConfigurationError, type ConfigurationErrorCode, type ConfigurationProblem } from './errors.ts'
import { nearestName } from './nearest-name.ts'
import { shownName, shownValue } from './shown-value.ts'

/** How the mistakes of whoever calls are put into words, all of them at once. No value is in the words: it may be a secret in the wrong place. */

/** Where an option is: `['hooks', 2, 'url']`. */
export type OptionPath = readonly PropertyKey[]

/**
 * A path as it is written: `hooks[2].url`. What a caller named is shown where it looks like a name.
 *
 * @param within what the options are a part of, as it is written: `slack`, `hooks[2].target`
 */
export function optionAt(path: OptionPath, within?: string): string {
  const keys = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${shownName(String(key))}`))
  const text = (within ?? '') + keys.join('')
  return text === '' ? 'options' : text.replace(/^\./u, '')
}

/**
 * @param expected `a function`, `one of 'sha1', 'sha256'`
 * @param advice what to do, beyond giving that
 */
export function mismatch(expected: string, given: unknown, advice: string): string {
  const got = given === undefined ? 'none' : shownValue(given)
  return `Expected ${expected}, got ${got}: ${advice}.`
}

/** What to do about an option that is wrong, when there is nothing better to say. */
export function adviceFor(given: unknown, isRequired: boolean): string {
  if (isRequired) return given === undefined ? 'give one, it is needed' : 'correct it'
  return 'correct it, or leave it out'
}

/** Names that belong somewhere else, with what to do. */
export type Elsewhere = Readonly<Record<string, string>>

interface UnknownName {
  readonly elsewhere?: Elsewhere | undefined
  /** What to do with one that is like none. @default 'remove it' */
  readonly otherwise?: string | undefined
}

/** @param names those that there are */
export function unknownName(
  given: string,
  names: readonly string[],
  { elsewhere = {}, otherwise = 'remove it' }: UnknownName = {},
): string {
  const meant = nearestName(given, names)
  const place = Object.hasOwn(elsewhere, given) ? elsewhere[given] : undefined
  const advice = place ?? (meant === undefined ? otherwise : `did you mean \`${meant}\`?`)
  const end = advice.endsWith('?') ? '' : '.'
  const known = names.length === 0 ? 'no option' : `one of ${names.join(', ')}`
  return `Expected ${known}, got another name: ${advice}${end}`
}

/** Collects what is wrong, so that all of it is told at once. */
export class Problems {
  readonly #all: ConfigurationProblem[] = []

  get all(): readonly ConfigurationProblem[] {
    return this.#all
  }

  add(...problems: readonly ConfigurationProblem[]): void {
    this.#all.push(...problems)
  }

  refuse(option: string, message: string, code: ConfigurationErrorCode = 'option_invalid'): void {
    this.#all.push({ code, option, message })
  }

  /** What `make` gives; `undefined` when it throws a {@link ConfigurationError}, whose problems are kept. */
  of<Value>(make: () => Value): Value | undefined {
    try {
      return make()
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      this.#all.push(...error.problems)
      return undefined
    }
  }

  /** @throws {@link ConfigurationError} with all that was kept, if anything was */
  throwAny(): void {
    if (this.#all.length > 0) throw ConfigurationError.of(this.#all)
  }
}
