import type { HookUrl } from '../signing/hook-url.ts'
import { alphabetised, rawPairs } from '../signing/query.ts'
import type { ReadRequest } from './request.ts'
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

/** What may have been signed: `base`, `?`, `query`. */
export interface Candidate {
  readonly hook: HookUrl
  /** Which of the hook URLs, from 0. */
  readonly url: number
  readonly base: string
  readonly query: string
  readonly form: Form
}

/** One way in which the part before the release may have been spelled when it was signed. */
interface Prefix {
  readonly form: BaseForm
  readonly base: string
}

/**
 * The strings that a genuine request may have been signed as, the likeliest first. They are few and fixed, and made
 * of the raw query: nothing is parsed, decoded or encoded before the comparison.
 */
export function* candidates(
  hooks: readonly HookUrl[],
  query: string,
  host: string | undefined,
): Generator<Candidate> {
  const spellings = hooks.flatMap((hook, url) =>
    prefixesOf(hook, host).map(({ form, base }) => ({ hook, url, base, form })),
  )
  for (const [queryForm, text] of queryForms(query)) {
    for (const { hook, url, base, form } of spellings) {
      yield { hook, url, base, query: text, form: `${form}${queryForm}` }
    }
  }
  for (const [url, hook] of hooks.entries()) yield* respelledByClients(hook, url, query)
}

function prefixesOf({ wire, typed }: HookUrl, host: string | undefined): readonly Prefix[] {
  const differs = typed.base !== wire.base
  const prefixes: Prefix[] = [{ form: 'wire', base: wire.base }]
  if (differs) prefixes.push({ form: 'configured', base: typed.base })
  if (host === undefined) return prefixes
  prefixes.push({ form: 'host', base: withHost(wire.base, host) })
  if (differs) prefixes.push({ form: 'host', base: withHost(typed.base, host) })
  return prefixes
}

/** The same scheme and path at another host. */
export function withHost(base: string, host: string): string {
  return base.replace(/^(?<scheme>[^/]+\/\/)[^/]*/u, (_match, scheme: string) => `${scheme}${host}`)
}

// A stranger's request line of 16 KiB holds 8,000 parameters, and putting those in order takes 9 ms.
const mostSorted = 64

function* queryForms(query: string): Generator<readonly [QueryForm, string]> {
  yield ['', query]
  const pairs = rawPairs(query)
  const sorted = pairs.length > mostSorted ? query : alphabetised(pairs).join('&')
  if (sorted !== query) yield ['-sorted', sorted]
  if (query.includes('~')) yield ['-tilde', query.replaceAll('~', '%7E')]
}

/**
 * Deis signs a query of its own as typed. HTTP clients re-spell it, each in its own way (requests sends `{` as `%7B`,
 * WHATWG's URL leaves it), but not the release behind it, which is encoded already.
 */
function* respelledByClients(hook: HookUrl, url: number, query: string): Generator<Candidate> {
  const { base, query: own } = hook.typed
  const last = query.lastIndexOf('?')
  if (own === undefined || last === -1) return
  // What was sent before the release is not a part of this candidate: it has to mean what was signed.
  if (!sameParameters(rawPairs(query.slice(0, last)), rawPairs(own))) return
  const release = query.slice(last + 1)
  yield { hook, url, base, query: `${own}?${release}`, form: 'configured' }
  if (release.includes('~')) {
    yield { hook, url, base, query: `${own}?${release.replaceAll('~', '%7E')}`, form: 'configured-tilde' }
  }
}

/** The request's only Host, lower-cased, when it is one that the verifier may derive from. */
export function allowedHost({ host }: ReadRequest, allowed: ReadonlySet<string>): string | undefined {
  const [only, ...more] = host
  const name = only?.toLowerCase()
  return name !== undefined && more.length === 0 && allowed.has(name) ? name : undefined
}
