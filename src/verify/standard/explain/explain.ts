import { HookVerificationError, type VerificationErrorCode } from '../../../errors.ts'
import { standardContent, standardHeaders } from '../../../signing/standard-message.ts'
import type { StandardVersion } from '../../../signing/standard-secret.ts'
import { BudgetSpent, type Budget } from '../../explain/budget.ts'
import { furtherSecrets, type ExplainOptions, type Explanation } from '../../explain/explain.ts'
import { replayed } from '../../explain/replayed.ts'
import { advised, attempt, lines, stopped } from '../../explain/wording.ts'
import { headerValues } from '../../request.ts'
import { bytesOf } from '../body.ts'
import { bodyOf, type StandardRequest } from '../request.ts'
import type { StandardVerifyResult } from '../result.ts'
import { bodyVariants } from './body-variants.ts'
import { spend } from './cost.ts'
import { keyVariants, type KeyVariant } from './key-variants.ts'
import { advice, type StandardNearMiss } from './near-misses.ts'
import { dressedSignatures, type DressedSignature } from './signatures.ts'

/** Why a Standard Webhook does not verify, in words, without a secret, a signature or a part of the body in them. */
export type StandardExplanation = Explanation<StandardNearMiss>

interface Settings {
  readonly secrets: readonly string[]
  readonly versions: readonly StandardVersion[]
  readonly toleranceMs: number
  /** How long ago a timestamp was, by the verifier's clock. */
  readonly ageMs: (timestamp: string) => number
}

/** What a request holds, as far as it can be read. */
interface Parts {
  readonly id: string | undefined
  readonly timestamp: string | undefined
  readonly signature: string | undefined
  readonly body: Buffer | undefined
}

/** What was found, and whether it explains the failure wholly. */
interface Finding {
  readonly misses: readonly StandardNearMiss[]
  readonly whole: boolean
  /** What was tried to the end, in words, when the budget ended the search. */
  readonly stoppedAt?: string | undefined
}

/** What `verify()` found, and the differences that would have made it verify. */
export function explainStandardRequest(
  request: StandardRequest,
  result: StandardVerifyResult,
  settings: Settings,
  options: ExplainOptions,
  budget: Budget,
): StandardExplanation {
  if (result.ok) {
    const nearMisses: readonly StandardNearMiss[] = result.webhook.matched.secret > 0 ? ['older-secret'] : []
    return {
      ok: true,
      nearMisses,
      message: lines('The request verifies.', ...advised(nearMisses, advice)),
    }
  }
  const { code } = result
  if (code === 'body_malformed' || code === 'body_too_large' || code === 'request_malformed') {
    return { ok: false, code, nearMisses: [], message: new HookVerificationError(code).message }
  }
  const parts = partsOf(request)
  const { misses, whole, stoppedAt } =
    missesOfHeaders(request, parts) ?? missesOfSignature(code, parts, settings, options, budget)
  const message = lines(
    `The request does not verify: ${code}.`,
    ...advised(misses, advice),
    ...(stoppedAt === undefined ? [] : [stopped(budget.tried, stoppedAt, lessToTry)]),
    ...(whole || stoppedAt !== undefined ? [] : [nothingNear(misses)]),
    ...compared(parts, settings),
  )
  const explanation = { ok: false, code, nearMisses: misses, message }
  return stoppedAt === undefined ? explanation : { ...explanation, stopped: true }
}

const lessToTry = 'Give the verifier fewer secrets, or explain a webhook with a smaller body.'

function partsOf(request: StandardRequest): Parts {
  const first = (name: string): string | undefined => {
    const value = attempt(() => headerValues(request, name))?.[0]
    return value === '' ? undefined : value
  }
  return {
    id: first(standardHeaders.id),
    timestamp: first(standardHeaders.timestamp),
    signature: first(standardHeaders.signature),
    body: attempt(() => bytesOf(bodyOf(request))),
  }
}

/** What can be told without a search. */
function missesOfHeaders(request: StandardRequest, parts: Parts): Finding | undefined {
  const counts = Object.values(standardHeaders).map(
    (name) => attempt(() => headerValues(request, name))?.length ?? 0,
  )
  if (counts.some((count) => count > 1)) return { misses: ['repeated-header'], whole: true }
  const { id, timestamp, signature, body } = parts
  const missing: StandardNearMiss[] = []
  if (id === undefined) missing.push('id-missing')
  if (timestamp === undefined) missing.push('timestamp-missing')
  if (signature === undefined) missing.push('signature-missing')
  if (missing.length === 3) {
    const isSvix = (attempt(() => headerValues(request, 'svix-signature'))?.length ?? 0) > 0
    return { misses: [isSvix ? 'svix-headers' : 'unsigned'], whole: true }
  }
  if (missing.length > 0) return { misses: missing, whole: true }
  return body === undefined ? { misses: ['body-parsed'], whole: true } : undefined
}

function missesOfSignature(
  code: VerificationErrorCode,
  { id = '', timestamp = '', signature = '', body = Buffer.alloc(0) }: Parts,
  { secrets, versions }: Settings,
  options: ExplainOptions,
  budget: Budget,
): Finding {
  const evident: readonly StandardNearMiss[] = /^\d{13}$/u.test(timestamp) ? ['timestamp-milliseconds'] : []
  const signatures = dressedSignatures(signature.slice(0, longestSignature))
  const keys = replayed(keyVariants(secrets, furtherSecrets(options, budget), budget))
  const { misses, stoppedAt } = nearestMatch(
    signatures,
    contentsOf(id, timestamp, body, budget),
    keys,
    budget,
  )
  if (misses !== undefined) {
    const isOld = code === 'webhook_timestamp_too_old' || code === 'webhook_timestamp_too_new'
    return {
      misses: [...new Set([...evident, ...misses, ...(isOld ? ['clock' as const] : [])])],
      whole: true,
    }
  }
  if (signatures.every(({ version }) => !versions.includes(version))) {
    return { misses: [...evident, 'other-version'], whole: signatures.length > 0, stoppedAt }
  }
  return { misses: body.length === 0 ? [...evident, 'body-empty'] : evident, whole: false, stoppedAt }
}

/** What is longer is refused, and more than 30 signatures are not looked at. */
const longestSignature = 4096

interface Content {
  readonly bytes: Buffer
  readonly misses: readonly StandardNearMiss[]
}

/** Texts that the sender may have signed, the likeliest first; made one by one, since bodies may be large. */
function* contentsOf(id: string, timestamp: string, received: Buffer, budget: Budget): Generator<Content> {
  const variants = replayed(bodyVariants(received, budget))
  yield* signedAsMeant(id, timestamp, received, [])
  yield* signedInPart(timestamp, received, [])
  for (const { body, misses } of variants) yield* signedAsMeant(id, timestamp, body, misses)
  for (const { body, misses } of variants) yield* signedInPart(timestamp, body, misses)
}

function* signedAsMeant(
  id: string,
  timestamp: string,
  body: Buffer,
  misses: readonly StandardNearMiss[],
): Generator<Content> {
  yield { bytes: standardContent(id, timestamp, body), misses }
  if (/^\d{13}$/u.test(timestamp)) yield { bytes: standardContent(id, timestamp.slice(0, -3), body), misses }
}

function* signedInPart(
  timestamp: string,
  body: Buffer,
  misses: readonly StandardNearMiss[],
): Generator<Content> {
  yield { bytes: body, misses: [...misses, 'signed-body-alone'] }
  const bytes = Buffer.concat([Buffer.from(`${timestamp}.`), body])
  yield { bytes, misses: [...misses, 'signed-without-id'] }
}

interface Search {
  readonly misses?: readonly StandardNearMiss[]
  readonly stoppedAt?: string
}

/** The differences with which a signature is right, inside the budget. A match is a proof: the first one is it. */
function nearestMatch(
  signatures: readonly DressedSignature[],
  contents: Iterable<Content>,
  keys: Iterable<KeyVariant>,
  budget: Budget,
): Search {
  let tried = 0
  try {
    for (const { bytes, misses } of contents) {
      for (const key of keys) {
        spend(budget, bytes.length, signatures, key.version)
        const right = key.prove(bytes, signatures)
        if (right !== undefined) return { misses: [...new Set([...right.misses, ...misses, ...key.misses])] }
      }
      tried += 1
    }
    return {}
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error
    return { stoppedAt: reached(tried) }
  }
}

function reached(tried: number): string {
  if (tried === 0) return 'not even the body as it came was tried under all secrets'
  return `${tried} of the texts that may have been signed were tried under all secrets`
}

function nothingNear(misses: readonly StandardNearMiss[]): string {
  return `- No near miss matches${misses.length === 0 ? '' : ' besides'}: most likely the secrets differ, or the body is not the one that was sent.`
}

/** What was compared, without values: they may be secret. */
function compared(
  { id, timestamp, signature, body }: Parts,
  { versions, toleranceMs, ageMs }: Settings,
): readonly string[] {
  const there = [
    id === undefined ? 'no id' : 'an id',
    signature === undefined ? 'no signature' : `${signature.split(' ', 4096).length} signature(s)`,
    body === undefined ? 'no readable body' : `a body of ${body.length} bytes`,
  ]
  return [
    `Compared with the secrets here, which take ${[...new Set(versions)].join(' and ')}: ${there.join(', ')}.`,
    ...ofClock(timestamp, toleranceMs, ageMs),
  ]
}

function ofClock(
  timestamp: string | undefined,
  toleranceMs: number,
  ageMs: Settings['ageMs'],
): readonly string[] {
  if (timestamp === undefined || !/^\d{1,13}$/u.test(timestamp)) return []
  const age = ageMs(timestamp.length === 13 ? timestamp.slice(0, -3) : timestamp) / 1000
  return [
    `The timestamp is ${Math.abs(age)} s ${age < 0 ? 'ahead of' : 'behind'} this clock; ${toleranceMs / 1000} s are allowed.`,
  ]
}
