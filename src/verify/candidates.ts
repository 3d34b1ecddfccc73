import type { HookUrl } from '../signing/hook-url.ts'
import { alphabetised, rawPairs } from '../signing/query.ts'
import { sameParameters } from './signed-query.ts'

/**
 * Which string the signature was made of: the spelling of scheme to path, then what was done to the raw query.
 *
 * - `wire`: as HTTP clients send the configured URL; `configured`: as typed; `host`: with the request's Host, if allowed
 * - `-sorted`: the raw pairs put in alphabetic order, since something between re-ordered them
 * - `-tilde`: with `~` as `%7E`, as Python before 3.7 signs it
 */
export type Form = `${BaseForm}${QueryForm}`
type BaseForm = 'wire' | 'configured' | 'host'
type QueryForm = '' | '-sorted' | '-tilde'

/** One way in which the part before the release may have been spelled when it was signed. */
export interface Prefix {
  readonly hook: HookUrl
  /** Which of the hook URLs, from 0. */
  readonly url: number
  readonly base: string
  readonly form: BaseForm
}

/** One way in which the query may have been spelled when it was signed. */
interface QuerySpelling {
  readonly form: QueryForm
  /** `undefined` when it is the query as it came. */
  readonly spell: (query: string) => string | undefined
}

/** What the configuration alone tells, made once. */
export function configuredPrefixes(hooks: readonly HookUrl[]): readonly Prefix[] {
  return hooks.flatMap((hook, url) => {
    const wire: Prefix = { hook, url, base: hook.wire.base, form: 'wire' }
    const isOne = hook.typed.base === hook.wire.base
    return isOne ? [wire] : [wire, { hook, url, base: hook.typed.base, form: 'configured' }]
  })
}

/** The prefixes, and behind them the same at the request's host, if it may be derived from. */
export function withDerived(prefixes: readonly Prefix[], host: string | undefined): readonly Prefix[] {
  if (host === undefined) return prefixes
  const derived = prefixes.map((prefix): Prefix => ({
    ...prefix,
    base: withHost(prefix.base, host),
    form: 'host',
  }))
  return [...prefixes, ...derived]
}

/** The same scheme and path at another host. */
export function withHost(base: string, host: string): string {
  return base.replace(/^(?<scheme>[^/]+\/\/)[^/]*/u, (_match, scheme: string) => `${scheme}${host}`)
}

// A stranger's request line of 16 KiB holds 8,000 parameters, and putting those in order takes 9 ms.
const mostSorted = 64

/**
 * What a genuine request may have been signed as: a prefix, `?`, and the raw query in one of these spellings, the likeliest
 * first. They are few and fixed: nothing is parsed, decoded or encoded before the comparison.
 */
export const querySpellings: readonly QuerySpelling[] = [
  { form: '', spell: (query) => query },
  {
    form: '-sorted',
    spell: (query) => {
      const pairs = rawPairs(query)
      const sorted = pairs.length > mostSorted ? query : alphabetised(pairs).join('&')
      return sorted === query ? undefined : sorted
    },
  },
  { form: '-tilde', spell: (query) => (query.includes('~') ? withoutTilde(query) : undefined) },
]

function withoutTilde(query: string): string {
  return query.replaceAll('~', '%7E')
}

/** As many characters as a client makes of one at most: a UTF-16 unit is three bytes of UTF-8. */
export const longestEscape: number = '%EF%BF%BD'.length

/**
 * Deis signs a query of its own as typed. HTTP clients re-spell it, each in its own way (requests sends `{` as `%7B`,
 * WHATWG's URL leaves it), but not the release behind it, which is encoded already.
 *
 * @returns queries that may have been signed behind the configured spelling of the URL
 */
export function respelledQueries({ typed }: HookUrl, query: string): readonly string[] {
  const last = query.lastIndexOf('?')
  if (typed.query === undefined || last === -1) return []
  if (last > longestEscape * typed.query.length) return [] // not to be taken apart for each of many URLs
  // What was sent before the release is not a part of what is tried: it has to mean what was signed.
  if (!sameParameters(rawPairs(query.slice(0, last)), rawPairs(typed.query))) return []
  const release = query.slice(last + 1)
  return [`${typed.query}?${release}`, `${typed.query}?${withoutTilde(release)}`]
}

/** The request's only Host, lower-cased, when it is one that the verifier may derive from. */
export function allowedHost(hosts: readonly string[], allowed: ReadonlySet<string>): string | undefined {
  const [only, ...more] = hosts
  const name = only?.toLowerCase()
  return name !== undefined && more.length === 0 && allowed.has(name) ? name : undefined
}
