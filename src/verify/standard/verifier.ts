import { HookVerificationError, type VerificationErrorCode } from '../../errors.ts'
import { aFunction, checkFields, readBy, required, type Fields } from '../../option-fields.ts'
import { Problems } from '../../option-problems.ts'
import { noPromise } from '../../rejection.ts'
import { checkedSecrets, type Secrets } from '../../signing/secret.ts'
import { standardContent } from '../../signing/standard-message.ts'
import {
  parseStandardVerificationSecret,
  type StandardKey,
  type StandardVersion,
} from '../../signing/standard-secret.ts'
import { Budget } from '../explain/budget.ts'
import { explained, type ExplainOptions } from '../explain/explain.ts'
import { payloadOf } from './body.ts'
import { charactersPerParsed, spend } from './explain/cost.ts'
import { explainStandardRequest, type StandardExplanation } from './explain/explain.ts'
import { createProof, readSignatures, type Prove } from './proof.ts'
import { readStandardRequest, type ReadStandardRequest, type StandardRequest } from './request.ts'
import type { StandardVerifyResult, VerifiedStandardWebhook } from './result.ts'

export interface StandardVerifierOptions {
  /**
   * `whsec_…`, shared with the sender, or the sender's public key `whpk_…`; several while keys rotate, or of both kinds. Any
   * of them is accepted, `matched.secret` tells which.
   */
  readonly secret: Secrets
  /** How far `webhook-timestamp` may be from this clock, either way, in milliseconds. @default 300_000, 5 minutes */
  readonly toleranceMs?: number | undefined
  /** The clock, in epoch milliseconds. @default Date.now */
  readonly now?: (() => number) | undefined
}

export interface StandardVerifyOptions {
  /** Whether a webhook with this id was handled before. Repeats carry the same id. */
  readonly seen?: ((id: string) => boolean) | undefined
}

export interface StandardVerifier {
  /**
   * Proves that a request came from the sender and is not an old one, and parses the proven bytes.
   *
   * @throws {@link HookVerificationError} with `code` and `status`; never anything else, whatever the request is. {@link ConfigurationError}
   * `option_invalid` for options that it does not have
   */
  verify(request: StandardRequest, options?: StandardVerifyOptions): VerifiedStandardWebhook
  /** The same as {@link StandardVerifier.verify}, as a value. */
  safeVerify(request: StandardRequest, options?: StandardVerifyOptions): StandardVerifyResult
  /**
   * Tells why a request does not verify: which near miss of body, timestamp, secret or signature would. For the engineer who
   * sets a receiver up. It never throws. Whatever is configured and sent, it hashes 64 MiB at most and takes at most half a
   * second of CPU, and says where it stopped: keep it away from requests of strangers.
   */
  explain(request: StandardRequest, options?: ExplainOptions): StandardExplanation
}

const defaultToleranceMs = 300_000

/**
 * Creates the receiver's side of [Standard Webhooks](https://www.standardwebhooks.com), HMAC-SHA256 (`v1`) and Ed25519
 * (`v1a`). Loads nothing but `node:crypto`.
 *
 * @throws {@link ConfigurationError} `secret_invalid`, `option_invalid`
 * @example
 * const verifier = createStandardVerifier({ secret: process.env['WEBHOOK_SECRET'] ?? '' })
 * const { id, payload } = verifier.verify({ headers: request.headers, body: await request.bytes() })
 */
export function createStandardVerifier(options: StandardVerifierOptions): StandardVerifier {
  checkFields(options, fields, { of: 'createStandardVerifier()', elsewhere: { seen: seenBelongs } })
  return new StandardWebhookVerifier(options)
}

const seenBelongs = '`seen` is an option of `verify(request, { seen })`, and of `createStandardReceiver()`'
const fields: Fields = {
  secret: required(readBy(readSecrets)),
  toleranceMs: {
    expected: 'milliseconds, 1,000 or more, and not without end',
    advice: 'correct it, or leave it out for five minutes; a captured webhook is valid for so long',
    is: (value) => typeof value === 'number' && value >= 1000 && Number.isFinite(value),
  },
  now: aFunction,
}
const verifyFields: Fields = { seen: aFunction }

class StandardWebhookVerifier implements StandardVerifier {
  readonly #secrets: readonly string[]
  readonly #versions: readonly StandardVersion[]
  readonly #proofs: readonly Prove[]
  readonly #toleranceMs: number
  readonly #now: () => number

  constructor({ secret, toleranceMs = defaultToleranceMs, now = Date.now }: StandardVerifierOptions) {
    this.#secrets = checkedSecrets(secret)
    const keys = readSecrets(secret, 'secret')
    this.#versions = keys.map(({ version }) => version)
    this.#proofs = keys.map(createProof)
    this.#toleranceMs = toleranceMs
    this.#now = now
  }

  verify(request: StandardRequest, options?: StandardVerifyOptions): VerifiedStandardWebhook {
    if (options !== undefined) checkFields(options, verifyFields, { of: 'verify()' })
    return this.#verify(request, options?.seen)
  }

  /** @param budget of an explanation: a verifier alone takes what its limits allow */
  #verify(
    request: StandardRequest,
    seen?: StandardVerifyOptions['seen'],
    budget?: Budget,
  ): VerifiedStandardWebhook {
    const read = readStandardRequest(request)
    const late = refusalOfAge(this.#ageMs(read.timestamp), this.#toleranceMs)
    if (late !== undefined) throw new HookVerificationError(late)
    const matched = this.#match(read, budget)
    if (matched === undefined) throw new HookVerificationError('signature_mismatch')
    budget?.read(charactersPerParsed * read.body.length)
    const payload = payloadOf(read.body)
    if (noPromise(seen?.(read.id), '`seen`') === true) throw new HookVerificationError('delivery_seen')
    return { id: read.id, timestamp: new Date(Number(read.timestamp) * 1000), payload, matched }
  }

  safeVerify(request: StandardRequest, options?: StandardVerifyOptions): StandardVerifyResult {
    return resultOf(() => this.verify(request, options))
  }

  explain(request: StandardRequest, options: ExplainOptions = {}): StandardExplanation {
    const settings = {
      secrets: this.#secrets,
      versions: this.#versions,
      toleranceMs: this.#toleranceMs,
      ageMs: (timestamp: string): number => this.#ageMs(timestamp),
    }
    const budget = new Budget()
    return explained(
      () => resultOf(() => this.#verify(request, undefined, budget)),
      (result) => explainStandardRequest(request, result, settings, options, budget),
      budget,
      options,
    )
  }

  #match(
    { id, timestamp, signature, body }: ReadStandardRequest,
    budget?: Budget,
  ): VerifiedStandardWebhook['matched'] | undefined {
    const signatures = readSignatures(signature)
    const content = standardContent(id, timestamp, body)
    for (let secret = 0; secret < this.#proofs.length; secret += 1) {
      const version = this.#versions[secret] as StandardVersion
      if (budget !== undefined) spend(budget, content.length, signatures, version)
      const right = (this.#proofs[secret] as Prove)(content, signatures)
      if (right !== undefined) return { secret, version }
    }
    return undefined
  }

  // In whole seconds, as the header is: the reference packages accept what is 300.9 s old under a tolerance of 300.
  #ageMs(timestamp: string): number {
    return (Math.floor(this.#now() / 1000) - Number(timestamp)) * 1000
  }
}

function resultOf(verify: () => VerifiedStandardWebhook): StandardVerifyResult {
  try {
    return { ok: true, webhook: verify() }
  } catch (error) {
    if (!(error instanceof HookVerificationError)) throw error // the caller's own `seen` threw
    return { ok: false, code: error.code, status: error.status }
  }
}

/** A clock that gives no number makes everything too old. */
function refusalOfAge(ageMs: number, toleranceMs: number): VerificationErrorCode | undefined {
  if (ageMs < -toleranceMs) return 'webhook_timestamp_too_new'
  return ageMs <= toleranceMs ? undefined : 'webhook_timestamp_too_old'
}

function readSecrets(secret: Secrets, option: string): readonly StandardKey[] {
  const problems = new Problems()
  const keys = checkedSecrets(secret, option).map((text, index) => {
    const at = typeof secret === 'string' ? option : `${option}[${index}]`
    return problems.of(() => parseStandardVerificationSecret(text, at))
  })
  problems.throwAny()
  return keys as readonly StandardKey[]
}
