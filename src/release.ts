import { ellipsized } from './cut.ts'
import { checkFields, oneOf, type Fields } from './option-fields.ts'
import { checkedFacts, isKeepable, maxLength } from './release-facts.ts'
import { parseHookUrl } from './signing/hook-url.ts'
import { urlOfRelease } from './signing/release-url.ts'
import { dialects, type Dialect } from './signing/dialect.ts'
import type { Stage } from './stages.ts'

export type { Stage } from './stages.ts'

/** Most that is kept of a summary, in bytes of UTF-8. */
const mostSummaryBytes = 64 * 1024
const utf8Size = (character: string): number => Buffer.byteLength(character)

/** What shipped, as {@link parseRelease} completed it. Plain data: it survives `JSON.stringify`. */
export interface Release {
  readonly app: string
  /** `v4`, or the platform's own string. */
  readonly version: string
  /** Who released it. */
  readonly user: string
  /** The commit; absent for a release that no commit made, such as a change of configuration. */
  readonly sha?: string
  /** One sentence for people: `gabrtv deployed 35b3726`. */
  readonly summary: string
  /** What became of it; absent at release time. */
  readonly stage?: Exclude<Stage, 'released'>
  /** Whose app it is, where several may have apps of the same name. */
  readonly tenant?: string
  readonly environment?: string
  /** The platform's own id of this rollout: the same for all of its stages, and of no other. */
  readonly deployment?: string
  /** The version that ran before. */
  readonly previous?: string
  /** Where the app answers, what was logged, and what changed. */
  readonly url?: string
  readonly logUrl?: string
  readonly diffUrl?: string
  /** ISO 8601, in UTC. */
  readonly at?: string
  /** The platform's own facts. */
  readonly meta?: Readonly<Record<string, string | number | boolean | null>>
}

/**
 * What `dispatch()` takes: a {@link Release} in which a positive integer version `4` means `v4`, `at` may be a `Date`,
 * optional facts may be `null`, and an absent `summary` is made as Deis makes it.
 */
export interface ReleaseInput {
  readonly app: string
  readonly version: string | number
  readonly user: string
  readonly sha?: string | null | undefined
  readonly summary?: string | null | undefined
  /** @default 'released' */
  readonly stage?: Stage | null | undefined
  readonly tenant?: string | null | undefined
  readonly environment?: string | null | undefined
  readonly deployment?: string | null | undefined
  readonly previous?: string | number | null | undefined
  readonly url?: string | null | undefined
  readonly logUrl?: string | null | undefined
  readonly diffUrl?: string | null | undefined
  /** A `Date`, or ISO 8601 with a zone. */
  readonly at?: Date | string | null | undefined
  readonly meta?: Readonly<Record<string, string | number | boolean | null>> | null | undefined
}

/**
 * Checks and completes a release.
 *
 * Any text is taken as a summary: NUL and unpaired surrogates become U+FFFD, and 64 KiB of it are kept, the last character `…` where it was cut.
 *
 * @throws {@link ReleaseError} `release_invalid`, with the `field`: an empty `app`, `version` or `user`, a NUL character, an
 * unpaired surrogate, a value of over 2,000 characters, an unknown field.
 */
export function parseRelease(input: ReleaseInput): Release {
  const facts = checkedFacts(input)
  const { app, user, sha = '', summary, stage = 'released', tenant, environment, deployment } = facts
  const { previous, url, logUrl, diffUrl, at, meta } = facts
  const version = versionName(facts.version)
  // One after the other, in an order that stays: a store gives them back in it. Spread, they would take three times as long.
  const release: Partial<Writable<Release>> = { app, version, user }
  if (sha !== '') release.sha = sha
  release.summary = summary === undefined ? summaryOf(user, sha, version, stage) : keptSummary(summary)
  if (stage !== 'released') release.stage = stage
  if (tenant !== undefined) release.tenant = tenant
  if (environment !== undefined) release.environment = environment
  if (deployment !== undefined) release.deployment = deployment
  if (previous !== undefined) release.previous = versionName(previous)
  if (url !== undefined) release.url = url
  if (logUrl !== undefined) release.logUrl = logUrl
  if (diffUrl !== undefined) release.diffUrl = diffUrl
  if (at !== undefined) release.at = new Date(at).toISOString()
  if (meta !== undefined) release.meta = meta
  return release as Release
}

type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] }

/** People have written it, or a machine has put together what they wrote: no release goes untold because of it. */
function keptSummary(given: string): string {
  if (given.length <= maxLength && isKeepable(given)) return given
  const text = given
    .slice(0, mostSummaryBytes + 1)
    .toWellFormed()
    .replaceAll('\0', '\u{FFFD}')
  return ellipsized(text, mostSummaryBytes, utf8Size)
}

function versionName(version: string | number): string {
  return typeof version === 'number' ? `v${version}` : version
}

const endings: Readonly<Record<Stage, string>> = {
  released: '',
  succeeded: ': succeeded',
  failed: ': failed',
  'rolled-back': ': rolled back',
}

// Deis: `gabrtv deployed 35b3726`, and `gabrtv created initial release` for a v1 that has no commit.
function summaryOf(user: string, sha: string, version: string, stage: Stage): string {
  const what =
    sha !== ''
      ? `deployed ${sha.slice(0, 7).toWellFormed()}`
      : version === 'v1'
        ? 'created initial release'
        : `deployed ${version}`
  const deed = what + endings[stage]
  const summary = `${user} ${deed}`
  if (summary.length <= maxLength) return summary
  return `${user.slice(0, maxLength - deed.length - 1).toWellFormed()} ${deed}`
}

/**
 * The alphabetised URL of a release for a hook: the string that is signed. It has 7,980 bytes at most: what of the summary does not fit is cut,
 * and ends with `…`.
 *
 * @param options.dialect `native` (default) for the URL as it goes over the wire, with the stage, the environment and the
 * deployment of a release that has them; `deis` for the configured URL as typed, with Deis's five facts alone.
 * @param options.delivery Id of the delivery, for one that sends again what was sent before. `native` signs it.
 * @throws {@link ReleaseError} `release_invalid`, `url_too_long`; {@link ConfigurationError} `hook_url_*`, `option_invalid`
 * @example
 * releaseUrl('http://deis.rocks', { app: 'foo', version: 4, user: 'gabrtv', sha: '35b3726' })
 * // http://deis.rocks/?app=foo&release=v4&release_summary=gabrtv+deployed+35b3726&sha=35b3726&user=gabrtv
 */
export function releaseUrl(hookUrl: string, release: ReleaseInput, options: ReleaseUrlOptions = {}): string {
  checkFields(options, fields, { of: 'releaseUrl()' })
  const { dialect = 'native', delivery } = options
  return urlOfRelease(parseHookUrl(hookUrl, 'url', dialect), parseRelease(release), dialect, delivery).signed
}

const fields: Fields = {
  dialect: oneOf(dialects),
  delivery: {
    expected: 'the id of a delivery',
    is: (id) => typeof id === 'string' && id !== '' && id.isWellFormed(),
  },
}

interface ReleaseUrlOptions {
  readonly dialect?: Dialect | undefined
  readonly delivery?: string | undefined
}
