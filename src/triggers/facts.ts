import type { CallFacts } from '../stores/triggers/records.ts'

/** What decides what is deployed, and so what is merged. */
export const factNames = ['branch', 'pullRequest', 'sha', 'tag', 'user'] as const
export type FactName = (typeof factNames)[number]
export type Facts = Omit<CallFacts, 'params'>

const longest = 255

/**
 * Whether a text can be kept as a fact, and handed on. One of git's must not begin with a dash: a program that is given it would take it for an
 * option of its own, such as `--upload-pack`.
 */
export function isFact(name: FactName, text: string): boolean {
  if (name === 'branch' || name === 'tag') return isRefName(text)
  const isText = text !== '' && text.length <= longest && text.isWellFormed() && !text.includes('\0')
  return isText && (name === 'user' || !text.startsWith('-'))
}

/** The first that cannot be kept. */
export function wrongFact(facts: Facts): FactName | undefined {
  return factNames.find((name) => facts[name] !== undefined && !isFact(name, facts[name]))
}

/** No blank, no control, and none of what git gives a meaning of its own. */
const characters = /^[^\p{Cc}\p{Cs}\s~^:?*[\\]{1,255}$/u
/** A dash at the front; a part that is empty, hidden or a lock; `..`, `@{`, and a dot at the end. */
const misplaced = /^-|^\/|\/$|\/\/|(?:^|\/)\.|\.\.|@\{|\.lock(?:\/|$)|\.$|^@$/u

/** What git takes for a branch or a tag (git-check-ref-format). */
export function isRefName(text: string): boolean {
  return characters.test(text) && !misplaced.test(text)
}
