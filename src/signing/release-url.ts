import type { Dialect } from './dialect.ts'
import { ellipsized, type SizeOf } from '../cut.ts'
import { ReleaseError } from '../errors.ts'
import type { HookUrl } from './hook-url.ts'
import { alphabetised, quotePlus, rawName, rawPairs } from './query.ts'
import type { Stage } from '../stages.ts'

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
 * Longest URL that is sent, in bytes: the request line stays under 8,000, also to a proxy, which is told all of the URL. Apache reads 8,190 of one,
 * nginx 8,192, and node:http 16,384 of it and all headers.
 */
const longestSent = 7980

/** The URL of a release. */
export interface ReleaseUrl {
  /** What is signed. */
  readonly signed: string
  /** What is requested: the same in the `native` dialect, as HTTP clients spell it in `deis`. */
  readonly sent: string
  /** It has the start of the summary alone, with `…`. */
  readonly isCut: boolean
}

/**
 * The alphabetised URL of a release: the string that is signed and, in the `native` dialect, the bytes that are sent. A summary that would make it
 * longer than servers read is cut, at a whole character.
 *
 * @param delivery its id, where something like it was told before and that is meant
 * @throws {@link ReleaseError} `url_too_long`
 */
export function urlOfRelease(
  hook: HookUrl,
  release: SignedRelease,
  dialect: Dialect,
  delivery?: string,
): ReleaseUrl {
  const further = dialect === 'deis' ? [] : furtherPairs(release, delivery)
  const whole = withSummary(hook, release, dialect, further, release.summary)
  if (whole.sent.length <= longestSent) return { ...whole, isCut: false }
  const room = longestSent - withSummary(hook, release, dialect, further, '').sent.length
  if (room < 0) throw tooLong(hook, release, dialect, further)
  const start = ellipsized(release.summary, room, escapedSize)
  return { ...withSummary(hook, release, dialect, further, start), isCut: true }
}

/**
 * Whether the URL of a release has the start of its summary alone. False for a release that fits in no URL. Nearly always the lengths tell, and
 * nothing is encoded.
 */
export function cutsSummary(
  hook: HookUrl,
  release: SignedRelease,
  dialect: Dialect,
  delivery?: string,
): boolean {
  if (lengthAtMost(hook, release, delivery) <= longestSent) return false
  const further = dialect === 'deis' ? [] : furtherPairs(release, delivery)
  const isWhole = withSummary(hook, release, dialect, further, release.summary).sent.length <= longestSent
  return !isWhole && withSummary(hook, release, dialect, further, '').sent.length <= longestSent
}

/** Of the names of all parameters, with what stands between them. */
const namesLength = 160
/** A UTF-16 unit is three escaped bytes at most. */
const perUnit = '%EF%BF%BD'.length

function lengthAtMost({ wire }: HookUrl, release: SignedRelease, delivery = ''): number {
  const { app, version, user, summary, sha = '', stage = '', environment = '', deployment = '' } = release
  const units =
    app.length +
    version.length +
    user.length +
    summary.length +
    sha.length +
    stage.length +
    environment.length +
    deployment.length +
    delivery.length
  return wire.base.length + (wire.query?.length ?? 0) + namesLength + perUnit * units
}

function withSummary(
  hook: HookUrl,
  release: SignedRelease,
  dialect: Dialect,
  further: readonly string[],
  summary: string,
): Omit<ReleaseUrl, 'isCut'> {
  const signed = joined(hook, dialect, releasePairs(release, quotePlus(summary)), further)
  return { signed, sent: dialect === 'native' ? signed : new URL(signed).href }
}

const escapedSize: SizeOf = (character) => quotePlus(character).length

function joined(
  hook: HookUrl,
  dialect: Dialect,
  five: readonly string[],
  further: readonly string[],
): string {
  if (dialect === 'deis') {
    const { base, query } = hook.typed
    return query === undefined ? `${base}?${five.join('&')}` : `${base}?${query}?${five.join('&')}`
  }
  const pairs = further.length === 0 ? five : five.toSpliced(2, 0, ...further) // behind `release`
  const own = rawPairs(hook.wire.query ?? '').filter((pair) => pair !== '')
  const all = own.length === 0 ? pairs : alphabetised([...own, ...pairs])
  return `${hook.wire.base}?${all.join('&')}`
}

/** Sizes alone: what is in the hook's URL may be secret. */
function tooLong(
  { wire: { base, query = '' } }: HookUrl,
  release: SignedRelease,
  dialect: Dialect,
  further: readonly string[],
): ReleaseError {
  const parts = [...releasePairs(release, ''), ...further].map((pair): [string, number] => [
    rawName(pair),
    pair.length,
  ])
  const sizes = [["the hook's own URL", base.length + query.length] as const, ...parts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, size]) => `${name} ${size}`)
  const message = `Expected a URL of at most ${longestSent} bytes in the dialect '${dialect}', which servers read, got a longer one without any summary (${sizes.join(', ')}). Use a shorter value, or a target that sends the release in its body.`
  return new ReleaseError('', message, 'url_too_long')
}

/** The five pairs, which are in alphabetic order as written here. */
function releasePairs(release: SignedRelease, summary: string): string[] {
  return [
    `app=${quotePlus(release.app)}`,
    `release=${quotePlus(release.version)}`,
    `release_summary=${summary}`,
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
