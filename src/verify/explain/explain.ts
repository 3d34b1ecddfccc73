import { HookVerificationError, type VerificationErrorCode } from '../../errors.ts'
import { optionAt, unknownName } from '../../option-problems.ts'
import { digestLength, signatureAlgorithms, type SignatureAlgorithm } from '../../signing/hmac.ts'
import type { HookUrl } from '../../signing/hook-url.ts'
import { furtherParameters, releaseParameters } from '../../signing/query.ts'
import type { Secrets } from '../../signing/secret.ts'
import { baseVariants, type Surroundings } from './base-variants.ts'
import { BudgetSpent, type Budget } from './budget.ts'
import { advice, type NearMiss } from './near-misses.ts'
import { nearestMatch } from './nearest-match.ts'
import { queryVariants } from './query-variants.ts'
import { headerValues, readRequest, type ReadRequest, type RequestLike } from '../request.ts'
import { keysOf, secretVariants } from './secret-variants.ts'
import { advised, attempt, lines, stopped, stoppedEarly } from './wording.ts'
import { readSignedQuery, type SignedQuery } from '../signed-query.ts'
import type { VerifiedHook, VerifyResult } from '../result.ts'

export interface ExplainOptions {
  /** Further secrets to try, such as the one before the last rotation. They are accepted by nothing but this explanation. */
  readonly secrets?: Secrets | undefined
}

const perSecret = 100

/** Not checked as a verifier's are: a sender may well have signed with `undefined`, or with nothing. */
export function* furtherSecrets(options: ExplainOptions, budget: Budget): Generator<string> {
  const given: unknown = attempt(() => options.secrets)
  const list = attempt(() => (Array.isArray(given) ? given : [given])) ?? []
  const length = attempt(() => list.length) ?? 0
  for (let index = 0; index < length; index += 1) {
    budget.read(perSecret)
    const secret: unknown = attempt(() => list[index])
    if (typeof secret === 'string') yield secret
  }
}

/** Why a request does not verify, in words, without a secret, a signature or a value of a parameter in them. */
export interface Explanation<Miss extends string = NearMiss> {
  readonly ok: boolean
  /** The verdict of `verify()`; absent when it verifies, and when the bound was reached before there was one. */
  readonly code?: VerificationErrorCode
  /** True when the bound was reached before all was tried: there may be a near miss that is not named. */
  readonly stopped?: true
  /** What differs from a signature that verifies at once; empty when nothing near was found. */
  readonly nearMisses: readonly Miss[]
  /** All of it as text for people, one thought a line. */
  readonly message: string
}

interface Settings {
  readonly urls: readonly HookUrl[]
  readonly secrets: readonly string[]
  readonly algorithm: SignatureAlgorithm
}

/** What was found, and whether it explains the failure wholly. */
interface Finding {
  readonly misses: readonly NearMiss[]
  readonly whole: boolean
  /** What was tried to the end, in words, when the budget ended the search. */
  readonly stoppedAt?: string | undefined
}

/**
 * Explains inside a budget. Never throws: neither for a request or options that throw when they are read, nor for functions of the
 * receiver, such as its clock, that do.
 */
export function explained<
  Result extends { readonly ok: boolean; readonly code?: VerificationErrorCode },
  Miss extends string,
>(
  verify: () => Result,
  explain: (result: Result) => Explanation<Miss>,
  budget: Budget,
  options: ExplainOptions,
): Explanation<Miss> {
  let result: Result | undefined
  try {
    result = verify()
    const explanation = explain(result)
    const unread = attempt(() => unknownOption(options))
    return unread === undefined
      ? explanation
      : { ...explanation, message: lines(explanation.message, unread) }
  } catch (error) {
    const code = result?.code === undefined ? {} : { code: result.code }
    const failed = { ok: result?.ok === true, ...code, nearMisses: [] }
    return error instanceof BudgetSpent
      ? { ...failed, stopped: true, message: stoppedEarly(budget.tried) }
      : { ...failed, message: 'The request cannot be explained: something in it, or given here, fails.' }
  }
}

/** Refusing it would be throwing, which an explanation never does. */
function unknownOption(options: ExplainOptions): string | undefined {
  const name = Object.keys(options).find((key) => key !== 'secrets')
  return name === undefined ? undefined : `${optionAt([name])}: ${unknownName(name, ['secrets'])}`
}

/** What `verify()` found, and the smallest set of differences that would have made it verify. */
export function explainRequest(
  request: RequestLike,
  result: VerifyResult,
  settings: Settings,
  options: ExplainOptions,
  budget: Budget,
): Explanation {
  if (result.ok) {
    const nearMisses = missesOfForm(result.hook.matched)
    return { ok: true, nearMisses, message: lines('The request verifies.', ...advised(nearMisses, advice)) }
  }
  const { code } = result
  const read = attempt(() => readRequest(request))
  if (read === undefined || isProven(code)) {
    return { ok: false, code, nearMisses: [], message: new HookVerificationError(code).message }
  }
  const around = surroundings(request, read)
  const signed = readSignedQuery(read.query ?? '')
  const { misses, whole, stoppedAt } =
    missesOfHeader(read) ?? missesOfSignature(read, signed, around, settings, options, budget)
  const message = lines(
    `The request does not verify: ${code}.`,
    ...advised(misses, advice),
    ...(stoppedAt === undefined ? [] : [stopped(budget.tried, stoppedAt, lessToTry)]),
    ...(whole || stoppedAt !== undefined ? [] : [nothingNear(misses)]),
    ...compared(signed, around, settings),
  )
  const explanation = { ok: false, code, nearMisses: misses, message }
  return stoppedAt === undefined ? explanation : { ...explanation, stopped: true }
}

const lessToTry = 'Give the verifier fewer URLs and secrets, or explain a request with a shorter query.'

/** The signature is right, and the release is not: there is nothing to search for. */
function isProven(code: VerificationErrorCode): boolean {
  return code === 'parameter_repeated' || code === 'release_incomplete' || code === 'release_malformed'
}

/** A request that verifies may still have been changed on its way: worth knowing before the next change breaks it. */
function missesOfForm({ secret, form }: VerifiedHook['matched']): readonly NearMiss[] {
  const misses: NearMiss[] = []
  if (form.endsWith('-sorted')) misses.push('parameters-reordered')
  if (form.endsWith('-tilde')) misses.push('tilde')
  if (form.startsWith('configured')) misses.push('signed-as-typed')
  if (secret > 0) misses.push('older-secret')
  return misses
}

/** What can be told without a search. */
function missesOfHeader({ authorization, query }: ReadRequest): Finding | undefined {
  const [value, ...more] = authorization
  if (value === undefined) return { misses: ['unsigned'], whole: true }
  if (more.length > 0 || value.includes(',')) return { misses: ['repeated-header'], whole: true }
  if (/^basic\b/iu.test(value)) return { misses: ['basic-credentials'], whole: true }
  if (query === undefined || query === '') return { misses: ['query-missing'], whole: true }
  return undefined
}

function missesOfSignature(
  { authorization, query = '' }: ReadRequest,
  signed: SignedQuery,
  around: Surroundings,
  settings: Settings,
  options: ExplainOptions,
  budget: Budget,
): Finding {
  const { digest, misses } = bareSignature(authorization[0] ?? '')
  const algorithm = signatureAlgorithms.find((name) => digestLength[name] === digest.length)
  if (algorithm === undefined || !/^[0-9a-f]+$/u.test(digest)) {
    return { misses: ['not-a-signature'], whole: true }
  }
  const evident: readonly NearMiss[] =
    algorithm === settings.algorithm ? misses : [...misses, 'wrong-algorithm']
  const secrets = secretVariants(settings.secrets, furtherSecrets(options, budget), budget)
  const space = {
    bases: baseVariants(settings.urls, signed, around, budget),
    queries: queryVariants(query, settings.urls, budget),
    keys: keysOf(secrets, algorithm, budget),
  }
  const { misses: found, stoppedAt } = nearestMatch(digest, space, budget)
  return { misses: [...evident, ...(found ?? [])], whole: found !== undefined, stoppedAt }
}

/** A bare signature, however it was dressed up. */
function bareSignature(value: string): { readonly digest: string; readonly misses: readonly NearMiss[] } {
  const bare = value.replace(/^[a-z][a-z0-9_-]*[ =:]\s*/iu, '')
  const digest = bare.toLowerCase()
  const misses: NearMiss[] = []
  if (bare !== value) misses.push('signature-prefix')
  if (digest !== bare) misses.push('upper-case-signature')
  return { digest, misses }
}

function surroundings(request: RequestLike, { base }: ReadRequest): Surroundings {
  const origin = /^[a-z]+:\/\/(?<host>[^/]*)/iu.exec(base)
  // The first value of a list is what the first proxy heard from the sender.
  const first = (name: string): string =>
    attempt(() => headerValues(request, name))?.[0]
      ?.split(',')[0]
      ?.trim() ?? ''
  const hosts = [first('host'), first('x-forwarded-host'), origin?.groups?.['host'] ?? '']
  const prefix = first('x-forwarded-prefix').replace(/\/$/u, '')
  return {
    path: base.slice(origin?.[0].length ?? 0),
    hosts: [...new Set(hosts)].filter((name) => name !== '' && name.length <= longestHost),
    prefix: prefix.length <= longestPrefix ? prefix : '',
  }
}

/** Longer ones are no name of 253 characters with a port, and no part of a hook's URL. */
const longestHost = 260
const longestPrefix = 4096

function nothingNear(misses: readonly NearMiss[]): string {
  return `- No near miss matches${misses.length === 0 ? '' : ' besides'}: most likely the secrets differ, or the URL given here is not the one configured at the sender.`
}

/** What was compared, without values: they hold tokens. */
function compared(
  { values, further, own }: SignedQuery,
  { path }: Surroundings,
  { urls, algorithm }: Settings,
): readonly string[] {
  const names = [
    ...releaseParameters.filter((_name, index) => values[index] !== undefined),
    ...furtherParameters.filter((_name, index) => further?.[index] !== undefined),
  ].join(', ')
  return [
    `Compared under ${algorithm} with:`,
    ...urls
      .slice(0, mostShown)
      .map(({ typed }) => `  ${typed.base}${typed.query === undefined ? '' : ' and a query of its own'}`),
    ...(urls.length > mostShown ? [`  and ${urls.length - mostShown} more`] : []),
    `The request came for ${shownPath(path)} with ${names === '' ? 'no release parameter' : names}${ownCount(own.length)}.`,
  ]
}

/** Of the URLs, in a message that somebody reads. */
const mostShown = 20

function ownCount(count: number): string {
  return count === 0 ? '' : `, and ${count} ${count === 1 ? 'parameter' : 'parameters'} of the URL’s own`
}

/** As much of a path as cannot hold a parameter: a `?` that became `%3F` makes the release a part of it. */
function shownPath(path: string): string {
  const plain = /^[\w/.~-]{0,200}/u.exec(path)?.[0] ?? ''
  return plain === path ? path : `${plain}…`
}
