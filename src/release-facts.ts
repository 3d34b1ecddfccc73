import * as z from 'zod'
import { ReleaseError } from './errors.ts'
import { mismatch, unknownName } from './option-problems.ts'
import { shownName, shownValue } from './shown-value.ts'
import { stages, type Stage } from './stages.ts'

/** Longest value of a release field but the summary, in UTF-16 units. */
export const maxLength = 2000
const keepable = /^[^\0\p{Cs}]*$/u // \p{Cs}: unpaired surrogates

const text = z.string().max(maxLength).regex(keepable)
const filled = text.min(1)
const anySummary = z.string()
const webUrl = text.refine(isWebUrl, { error: 'an absolute http or https URL' })
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

/** What was given, as it was given. */
export interface Facts {
  readonly app: string
  readonly version: string | number
  readonly user: string
  readonly sha?: string | undefined
  readonly summary?: string | undefined
  readonly stage?: Stage | undefined
  readonly tenant?: string | undefined
  readonly environment?: string | undefined
  readonly deployment?: string | undefined
  readonly previous?: string | number | undefined
  readonly url?: string | undefined
  readonly logUrl?: string | undefined
  readonly diffUrl?: string | undefined
  readonly at?: Date | string | undefined
  readonly meta?: Readonly<Record<string, string | number | boolean | null>> | undefined
}

/**
 * The facts of a release, without those that are `null`.
 *
 * @throws {@link ReleaseError} `release_invalid`, with the `field`
 */
export function checkedFacts(input: unknown): Facts {
  const plain = plainFacts(input)
  if (plain !== undefined) return plain
  const parsed = schema.safeParse(withoutNulls(input))
  if (!parsed.success) throw releaseError(parsed.error, input)
  return parsed.data
}

/** What the schema says, of fields that nearly all releases have. */
const checks: ReadonlyMap<string, (value: unknown) => boolean> = new Map<
  keyof Facts,
  (value: unknown) => boolean
>([
  ['app', isFilled],
  ['version', isVersion],
  ['user', isFilled],
  ['sha', isText],
  ['summary', (value) => typeof value === 'string'],
  ['stage', (value) => (stages as readonly unknown[]).includes(value)],
  ['tenant', isFilled],
  ['environment', isFilled],
  ['deployment', isFilled],
  ['previous', isVersion],
  ['url', isWebText],
  ['logUrl', isWebText],
  ['diffUrl', isWebText],
  ['at', (value) => value instanceof Date && !Number.isNaN(value.getTime())],
])

/**
 * Of a plain object that is right, by five times less work than zod's, which was a third of `dispatch()`: `undefined` for any other, of which zod
 * tells what is wrong, if anything is.
 */
function plainFacts(input: unknown): Facts | undefined {
  if (typeof input !== 'object' || input === null || Object.getPrototypeOf(input) !== Object.prototype)
    return undefined
  const facts: Partial<Record<string, unknown>> = { ...input } // what is checked is what is kept
  for (const name of Object.keys(facts)) {
    const value = facts[name]
    if (value === null) facts[name] = undefined
    else if (value !== undefined && checks.get(name)?.(value) !== true) return undefined
  }
  const isWhole = facts['app'] !== undefined && facts['version'] !== undefined && facts['user'] !== undefined
  return isWhole ? (facts as unknown as Facts) : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxLength && isKeepable(value)
}

function isFilled(value: unknown): value is string {
  return isText(value) && value !== ''
}

function isVersion(value: unknown): boolean {
  return typeof value === 'number' ? Number.isSafeInteger(value) && value > 0 : isFilled(value)
}

function isWebUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:/iu.test(value)
}

function isWebText(value: unknown): boolean {
  return isText(value) && isWebUrl(value)
}

/** No NUL and no unpaired surrogate: every store and every receiver can keep it. */
export function isKeepable(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0')
}

/** An absent fact may also be `null`, as database rows have it. */
function withoutNulls(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input
  if (!Object.values(input).some((value) => value === null || value === undefined)) return input
  const facts: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(input))
    if (value !== null && value !== undefined) facts[name] = value
  return facts
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
