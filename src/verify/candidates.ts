import type { HookUrl } from '../signing/hook-url.ts'
import { alphabetised, rawPairs } from '../signing/query.ts'
import type { ReadRequest } from './request.ts'

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

export interface Candidate {
  readonly message: string
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
export function* candidates(hook: HookUrl, query: string, host: string | undefined): Generator<Candidate> {
  const prefixes = prefixesOf(hook, host)
  for (const [queryForm, text] of queryForms(query)) {
    for (const { form, base } of prefixes) yield { message: `${base}?${text}`, form: `${form}${queryForm}` }
  }
  // Deis signs a query of its own as typed, but HTTP clients encode it: then it stands encoded before the last `?`.
  const last = query.lastIndexOf('?')
  if (hook.typed.query !== hook.wire.query && query.slice(0, last) === hook.wire.query) {
    yield { message: `${hook.typed.base}?${hook.typed.query}${query.slice(last)}`, form: 'configured' }
  }
}

function prefixesOf({ wire, typed }: HookUrl, host: string | undefined): readonly Prefix[] {
  const prefixes: Prefix[] = [{ form: 'wire', base: wire.base }]
  if (typed.base !== wire.base) prefixes.push({ form: 'configured', base: typed.base })
  if (host !== undefined) prefixes.push({ form: 'host', base: withHost(wire.base, host) })
  return prefixes
}

/** The same scheme and path at another host. */
export function withHost(base: string, host: string): string {
  return base.replace(/^(?<scheme>[^/]+\/\/)[^/]*/u, (_match, scheme: string) => `${scheme}${host}`)
}

function* queryForms(query: string): Generator<readonly [QueryForm, string]> {
  yield ['', query]
  const sorted = alphabetised(rawPairs(query)).join('&')
  if (sorted !== query) yield ['-sorted', sorted]
  if (query.includes('~')) yield ['-tilde', query.replaceAll('~', '%7E')]
}

/** The request's only Host, lower-cased, when it is one that the verifier may derive from. */
export function allowedHost({ host }: ReadRequest, allowed: ReadonlySet<string>): string | undefined {
  const [only, ...more] = host
  const name = only?.toLowerCase()
  return name !== undefined && more.length === 0 && allowed.has(name) ? name : undefined
}
