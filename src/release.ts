import * as z from 'zod'
import { ellipsized } from './cut.ts'
import { ReleaseError } from './errors.ts'
import { checkFields, oneOf, type Fields } from './option-fields.ts'
import { mismatch, unknownName } from './option-problems.ts'
import { shownName, shownValue } from './shown-value.ts'
import { parseHookUrl } from './signing/hook-url.ts'
import { urlOfRelease } from './signing/release-url.ts'
import { dialects, type Dialect } from './signing/dialect.ts'
import { stages, type Stage } from './stages.ts'

export type { Stage } from './stages.ts'

/** Longest value of a release field but the summary, in UTF-16 units. */
const maxLength = 2000

/** Most that is kept of a summary, in bytes of UTF-8. */
const mostSummaryBytes = 64 * 1024
const keepable = /^[^\0\p{Cs}]*$/u
const utf8Size = (character: string): number => Buffer.byteLength(character)

// One expression instead of two refinements, which would take longer than all the rest of dispatch(). \p{Cs}: unpaired surrogates.
const text = z.string().max(maxLength).regex(keepable)
const filled = text.min(1)
const anySummary = z.string()
const webUrl = text.refine((value) => URL.canParse(value) && /^https?:/iu.test(value), {
  error: 'an absolute http or https URL',
})
const version = z.union([filled, z.int().positive()], {
  error: `a positive integer, or a string of 1 to ${maxLength} characters`,
})
const timeError = { error: 'a Date, or an ISO 8601 time with a zone' }
const instant = z.union([z.date(timeError), z.iso.datetime({ offset: true, ...timeError })], timeError)

const schema = z.strictObject({
  app: filled,
  version,
  user: filled,
  sha: text.optional(),
  summary: anySummary.optional(),
  stage: z.enum(stages, { error: `one of ${stages.join(', ')}` }).optional(),
  tenant: filled.optional(),
  environment: filled.optional(),
  deployment: filled.optional(),
  previous: version.optional(),
  url: webUrl.optional(),
  logUrl: webUrl.optional(),
  diffUrl: webUrl.optional(),
  at: instant.optional(),
  meta: z.record(filled, z.union([text, z.number(), z.boolean(), z.null()])).optional(),
})

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
  const parsed = schema.safeParse(withoutNulls(input))
  if (!parsed.success) throw releaseError(parsed.error, input)
  const {
    app,
    version,
    user,
    sha = '',
    summary,
    stage = 'released',
    tenant,
    environment,
    deployment,
    previous,
    url,
    logUrl,
    diffUrl,
    at,
    meta,
  } = parsed.data
  const name = versionName(version)
  return {
    app,
    version: name,
    user,
    ...(sha === '' ? undefined : { sha }),
    summary: summary === undefined ? summaryOf(user, sha, name, stage) : keptSummary(summary),
    ...(stage === 'released' ? undefined : { stage }),
    ...(tenant === undefined ? undefined : { tenant }),
    ...(environment === undefined ? undefined : { environment }),
    ...(deployment === undefined ? undefined : { deployment }),
    ...(previous === undefined ? undefined : { previous: versionName(previous) }),
    ...(url === undefined ? undefined : { url }),
    ...(logUrl === undefined ? undefined : { logUrl }),
    ...(diffUrl === undefined ? undefined : { diffUrl }),
    ...(at === undefined ? undefined : { at: new Date(at).toISOString() }),
    ...(meta === undefined ? undefined : { meta }),
  }
}

/** An absent fact may also be `null`, as database rows have it. */
function withoutNulls(input: ReleaseInput): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input
  if (!Object.values(input).some((value) => value === null || value === undefined)) return input
  const facts: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(input))
    if (value !== null && value !== undefined) facts[name] = value
  return facts
}

/** People have written it, or a machine has put together what they wrote: no release goes untold because of it. */
function keptSummary(given: string): string {
  if (given.length <= maxLength && keepable.test(given)) return given
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

function releaseError({ issues }: z.ZodError, input: unknown): ReleaseError {
  const [first] = issues as [z.core.$ZodIssue]
  // A misspelt name comes before what is missing for it.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? first
  const key = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const path = key === undefined ? issue.path : [...issue.path, key]
  const field = path.map((name) => shownName(String(name))).join('.')
  return new ReleaseError(field, messageOf(issue, valueAt(input, issue.path)))
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a string',
  object: 'an object with the facts of a release',
  record: 'an object of strings, numbers and booleans by name',
}

function messageOf(issue: z.core.$ZodIssue, value: unknown): string {
  const advice = value === undefined ? 'give one, it is needed' : 'correct it'
  switch (issue.code) {
    case 'too_big':
      return `Expected at most ${issue.maximum} characters, got ${typeof value === 'string' ? value.length : shownValue(value)}: shorten it.`
    case 'too_small':
      return mismatch(
        issue.origin === 'number' ? 'a positive integer' : 'a string of one or more characters',
        value,
        advice,
      )
    case 'invalid_type':
      return mismatch(kinds[issue.expected] ?? issue.expected, value, advice)
    case 'invalid_format':
      if (issue.format !== 'regex') return mismatch(issue.message, value, advice)
      return String(value).includes('\0')
        ? 'Expected no NUL character, got one: remove it.'
        : 'Expected valid Unicode, got an unpaired surrogate: remove it.'
    case 'unrecognized_keys':
      return unknownName(issue.keys[0] ?? '', Object.keys(schema.shape), {
        otherwise: 'put facts of your own into `meta`',
      })
    default:
      return mismatch(issue.message, value, advice)
  }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  )
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
