import { ConfigurationError, HookVerificationError, type VerificationErrorCode } from '../errors.ts'
import { noPromise } from '../rejection.ts'
import { aFunction, checkFields, listField, oneOf, readBy, required, type Fields } from '../option-fields.ts'
import { mismatch, Problems } from '../option-problems.ts'
import {
  createSigner,
  digestLength,
  signatureAlgorithms,
  type SignatureAlgorithm,
  type Signer,
} from '../signing/hmac.ts'
import { parseHookUrl, type HookUrl } from '../signing/hook-url.ts'
import { checkedSecrets, secretField, type Secrets } from '../signing/secret.ts'
import {
  allowedHost,
  configuredPrefixes,
  querySpellings,
  respelledQueries,
  withDerived,
  type Form,
  type Prefix,
} from './candidates.ts'
import { createComparison } from './comparison.ts'
import { Budget } from './explain/budget.ts'
import { explained, explainRequest, type ExplainOptions, type Explanation } from './explain/explain.ts'
import { deliveryOf, releaseOf } from './fields.ts'
import { headerValues, readRequest, type RequestLike } from './request.ts'
import type { VerifiedHook, VerifyResult } from './result.ts'
import { belongsTo, readSignedQuery, type SignedQuery } from './signed-query.ts'

export interface VerifierOptions {
  /** The hook URL as it is configured at the sender; several when the receiver serves several hooks. */
  readonly url: string | readonly string[]
  /** The shared secret; several while keys rotate. Any of them is accepted, `matched.secret` tells which. */
  readonly secret: Secrets
  /** The sender's. It is never read off the signature. @default 'sha256' */
  readonly algorithm?: SignatureAlgorithm | undefined
  /**
   * Hosts (with the port, when it is not the default one) that may stand in the request's `Host` in place of the
   * host of `url`. Without it the request's `Host` is not looked at: whoever sends a request chooses it, and could
   * replay to this receiver what another one with the same secret received.
   * @default none
   */
  readonly allowedHosts?: readonly string[] | undefined
}

export interface VerifyOptions {
  /** Whether a delivery with this {@link VerifiedHook.key} was handled before. Repeats carry the same one. */
  readonly seen?: ((key: string) => boolean) | undefined
}

export interface Verifier {
  /**
   * Proves that a request came from the controller, and reads the release from the proven bytes.
   *
   * The method and the body are not signed, and so not looked at: route POST alone to it, as `createReceiver` does.
   *
   * @throws {@link HookVerificationError} with `code` and `status`; never anything else, whatever the request is. {@link ConfigurationError}
   * `option_invalid` for options that it does not have
   */
  verify(request: RequestLike, options?: VerifyOptions): VerifiedHook
  /** The same as {@link Verifier.verify}, as a value. */
  safeVerify(request: RequestLike, options?: VerifyOptions): VerifyResult
  /**
   * Tells why a request does not verify: which near miss of URL, query, secret or algorithm would. For the engineer who
   * sets a receiver up. It never throws. Whatever is configured and sent, it hashes 64 MiB at most and takes at most half a
   * second of CPU, and says where it stopped: keep it away from requests of strangers.
   */
  explain(request: RequestLike, options?: ExplainOptions): Explanation
}

/**
 * Creates the receiver's side. Loads nothing but `node:crypto`.
 *
 * @throws {@link ConfigurationError} `hook_url_*`, `secret_invalid`, `option_invalid`
 * @example
 * const verifier = createVerifier({ url: 'https://hooks.example.com/deploy', secret: process.env['KEY'] ?? '' })
 * const { release } = verifier.verify(request)
 */
export function createVerifier(options: VerifierOptions): Verifier {
  checkFields(options, fields, { of: 'createVerifier()', elsewhere: { seen: seenBelongs } })
  return new HookVerifier(options)
}

const seenBelongs = '`seen` is an option of `verify(request, { seen })`, and of `createReceiver()`'
const fields: Fields = {
  url: required(readBy(checkedUrls)),
  secret: secretField,
  algorithm: oneOf(signatureAlgorithms),
  allowedHosts: listField(
    'a list of hosts',
    'a host as it stands in a Host header, `hooks.example.com` or `hooks.example.com:8443`',
    isHost,
  ),
}
const verifyFields: Fields = { seen: aFunction }

class HookVerifier implements Verifier {
  readonly #urls: readonly HookUrl[]
  readonly #prefixes: readonly Prefix[]
  readonly #secrets: readonly string[]
  readonly #signers: readonly Signer[]
  readonly #algorithm: SignatureAlgorithm
  readonly #isSame: (one: string, other: string) => boolean
  readonly #allowedHosts: ReadonlySet<string>

  constructor({ url, secret, algorithm = 'sha256', allowedHosts = [] }: VerifierOptions) {
    this.#urls = checkedUrls(url)
    this.#prefixes = configuredPrefixes(this.#urls)
    this.#secrets = checkedSecrets(secret)
    this.#algorithm = algorithm
    this.#isSame = createComparison(digestLength[this.#algorithm])
    this.#signers = this.#secrets.map((key) => createSigner(key, this.#algorithm))
    this.#allowedHosts = new Set(allowedHosts.map((host) => host.toLowerCase()))
  }

  verify(request: RequestLike, options?: VerifyOptions): VerifiedHook {
    if (options !== undefined) checkFields(options, verifyFields, { of: 'verify()' })
    return this.#verify(request, options?.seen)
  }

  /** @param budget of an explanation: a verifier alone tries all that it is configured with */
  #verify(request: RequestLike, seen?: VerifyOptions['seen'], budget?: Budget): VerifiedHook {
    const { authorization, query } = readRequest(request)
    const digest = onlyValue(authorization)
    // The algorithm is pinned: a signature of another length is not tried with another one.
    if (digest.length !== digestLength[this.#algorithm]) throw new HookVerificationError(refusalOf(digest))
    if (query === undefined || query === '')
      throw new HookVerificationError(refusalOf(digest, 'query_missing'))
    const match = this.#match(request, query, digest, budget)
    if (match === undefined) throw new HookVerificationError(refusalOf(digest))
    const { signed, matched } = match
    const release = releaseOf(signed)
    const delivery = deliveryOf(signed)
    const key = delivery ?? digest
    if (noPromise(seen?.(key), '`seen`') === true) throw new HookVerificationError('delivery_seen')
    return delivery === undefined
      ? { release, key, digest, matched }
      : { release, key, delivery, digest, matched }
  }

  safeVerify(request: RequestLike, options?: VerifyOptions): VerifyResult {
    return resultOf(() => this.verify(request, options))
  }

  explain(request: RequestLike, options: ExplainOptions = {}): Explanation {
    const settings = { urls: this.#urls, secrets: this.#secrets, algorithm: this.#algorithm }
    const budget = new Budget()
    return explained(
      () => resultOf(() => this.#verify(request, undefined, budget)),
      (result) => explainRequest(request, result, settings, options, budget),
      budget,
      options,
    )
  }

  /** What the signature proves, and the query that it proves: nothing is read from any other one. */
  #match(request: RequestLike, query: string, signature: string, budget?: Budget): Match | undefined {
    const prefixes = this.#prefixesFor(request)
    for (const { form, spell } of querySpellings) {
      const text = spell(query)
      if (text === undefined) continue
      for (const prefix of prefixes) {
        const match = this.#prove(prefix, `${prefix.form}${form}`, text, signature, budget)
        if (match !== undefined) return match
      }
    }
    for (const prefix of prefixes) {
      if (prefix.base !== prefix.hook.typed.base) continue
      budget?.read(10 * (prefix.hook.typed.query ?? '').length)
      for (const text of respelledQueries(prefix.hook, query)) {
        const match = this.#prove(prefix, 'configured', text, signature, budget)
        if (match !== undefined) return match
      }
    }
    return undefined
  }

  #prove(
    { hook, url, base }: Prefix,
    form: Form,
    text: string,
    signature: string,
    budget: Budget | undefined,
  ): Match | undefined {
    const message = `${base}?${text}`
    for (let secret = 0; secret < this.#signers.length; secret += 1) {
      budget?.sign(Buffer.byteLength(message, 'utf8'))
      const digest = (this.#signers[secret] as Signer)(message)
      if (!this.#isSame(digest, signature)) continue
      const signed = readSignedQuery(text)
      if (belongsTo(hook, signed)) return { signed, matched: { secret, url, form } }
    }
    return undefined
  }

  #prefixesFor(request: RequestLike): readonly Prefix[] {
    if (this.#allowedHosts.size === 0) return this.#prefixes
    return withDerived(this.#prefixes, allowedHost(headerValues(request, 'host'), this.#allowedHosts))
  }
}

function resultOf(verify: () => VerifiedHook): VerifyResult {
  try {
    return { ok: true, hook: verify() }
  } catch (error) {
    if (!(error instanceof HookVerificationError)) throw error // the caller's own `seen` threw
    return { ok: false, code: error.code, status: error.status }
  }
}

function onlyValue(values: readonly string[]): string {
  const value = values[0]
  if (value === undefined) throw new HookVerificationError('authorization_missing')
  // Fetch's Headers and proxies join repeated headers with a comma, which no signature holds.
  if (values.length > 1 || value.includes(',')) throw new HookVerificationError('authorization_repeated')
  return value
}

/** What to say of a value that did not match: that it is no signature, if it is none. */
function refusalOf(
  value: string,
  otherwise: VerificationErrorCode = 'signature_mismatch',
): VerificationErrorCode {
  return /^[0-9a-f]+$/u.test(value) ? otherwise : 'authorization_malformed'
}

interface Match {
  readonly signed: SignedQuery
  readonly matched: VerifiedHook['matched']
}

function checkedUrls(urls: string | readonly string[], option = 'url'): readonly HookUrl[] {
  if (typeof urls === 'string') return [parseHookUrl(urls, option)]
  if (!Array.isArray(urls) || urls.length === 0) {
    const expected = 'the hook URL as configured at the sender, or a list of them'
    const message = mismatch(expected, urls, 'give the very text that the sender has')
    throw new ConfigurationError('hook_url_invalid', option, message)
  }
  const problems = new Problems()
  const parsed = urls.map((url, index) => problems.of(() => parseHookUrl(url, `${option}[${index}]`)))
  problems.throwAny()
  return parsed as readonly HookUrl[]
}

/** What can stand in a Host header, so that a URL or a blank is not an entry that never matches. */
function isHost(host: unknown): boolean {
  return typeof host === 'string' && /^[^\s/@?#,]+$/u.test(host)
}
