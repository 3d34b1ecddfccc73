import type { HookUrl } from './hook-url.ts'
import { alphabetised, quotePlus, rawPairs } from './query.ts'

/**
 * Which string is signed.
 *
 * - `native`: the URL as it goes over the wire, so that a receiver can prove what it got.
 * - `deis`: the configured URL as typed, then `?`, then the release, as Deis, Hephy and Drycc sign it: with a
 *   second `?` behind a URL that has a query of its own.
 */
export type Dialect = 'native' | 'deis'

/** The facts of a release that the URL carries. An absent `sha` is sent as an empty value. */
export interface SignedRelease {
  readonly app: string
  readonly version: string
  readonly user: string
  readonly sha?: string | undefined
  readonly summary: string
}

/** The alphabetised URL of a release: the string that is signed and, in the `native` dialect, the bytes that are sent. */
export function signedUrl(hook: HookUrl, release: SignedRelease, dialect: Dialect): string {
  const pairs = releasePairs(release)
  if (dialect === 'deis') {
    const { base, query } = hook.typed
    return query === undefined ? `${base}?${pairs.join('&')}` : `${base}?${query}?${pairs.join('&')}`
  }
  const own = rawPairs(hook.wire.query ?? '').filter((pair) => pair !== '')
  const all = own.length === 0 ? pairs : alphabetised([...own, ...pairs])
  return `${hook.wire.base}?${all.join('&')}`
}

/** The URL to request for a signed string: the same in the `native` dialect, as HTTP clients spell it in `deis`. */
export function sentUrl(signed: string, dialect: Dialect): string {
  return dialect === 'native' ? signed : new URL(signed).href
}

/** The five pairs, which are in alphabetic order as written here. */
function releasePairs(release: SignedRelease): string[] {
  return [
    `app=${quotePlus(release.app)}`,
    `release=${quotePlus(release.version)}`,
    `release_summary=${quotePlus(release.summary)}`,
    `sha=${quotePlus(release.sha ?? '')}`,
    `user=${quotePlus(release.user)}`,
  ]
}
