import type { HookUrl } from './hook-url.ts'
import { alphabetised, quotePlus, rawPairs } from './query.ts'
import type { Stage } from '../stages.ts'

/**
 * Which string is signed.
 *
 * - `native`: the URL as it goes over the wire, so that a receiver can prove what it got. It says the stage, environment and
 *   deployment of a release that has them, and names a delivery that sends again on purpose; without them it is Deis's.
 * - `deis`: the configured URL as typed, then `?`, then the release, as Deis, Hephy and Drycc sign it: with a
 *   second `?` behind a URL that has a query of its own. It says Deis's five facts and nothing else.
 */
export type Dialect = (typeof dialects)[number]

export const dialects = ['native', 'deis'] as const

/** The facts of a release that the URL carries. An absent `sha` is sent as an empty value, and others not at all. */
export interface SignedRelease {
  readonly app: string
  readonly version: string
  readonly user: string
  readonly sha?: string | undefined
  readonly summary: string
  readonly stage?: Exclude<Stage, 'released'> | undefined
  readonly environment?: string | undefined
  readonly deployment?: string | undefined
}

/**
 * The alphabetised URL of a release: the string that is signed and, in the `native` dialect, the bytes that are sent.
 *
 * @param delivery its id, where something like it was told before and that is meant
 */
export function signedUrl(
  hook: HookUrl,
  release: SignedRelease,
  dialect: Dialect,
  delivery?: string,
): string {
  const five = releasePairs(release)
  if (dialect === 'deis') {
    const { base, query } = hook.typed
    return query === undefined ? `${base}?${five.join('&')}` : `${base}?${query}?${five.join('&')}`
  }
  const further = furtherPairs(release, delivery)
  const pairs = further.length === 0 ? five : five.toSpliced(2, 0, ...further) // behind `release`
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

/** Only what says something, so that a plain release is Deis's five, byte for byte. They too are in order. */
function furtherPairs(
  { stage, environment, deployment }: SignedRelease,
  delivery: string | undefined,
): readonly string[] {
  const pairs: string[] = []
  if (delivery !== undefined) pairs.push(`release_delivery=${quotePlus(delivery)}`)
  if (deployment !== undefined) pairs.push(`release_deployment=${quotePlus(deployment)}`)
  if (environment !== undefined) pairs.push(`release_environment=${quotePlus(environment)}`)
  if (stage !== undefined) pairs.push(`release_stage=${quotePlus(stage)}`)
  return pairs
}
