import { createHmac } from 'node:crypto'
import { createSigner, type SignatureAlgorithm, type Signer } from '../signing/hmac.ts'
import { standardHeaders } from '../signing/standard-message.ts'
import { createStandardSigner } from '../signing/standard-webhooks.ts'

/**
 * How a request is signed by the hook's secrets:
 *
 * - `url`: the bare HMAC of the whole URL in `Authorization`, as Deis does
 * - `standard-webhooks`: `webhook-id`, `webhook-timestamp` and `webhook-signature`, by every secret, so that keys can rotate
 *   (Standard Webhooks 1.0)
 * - `hub-sha256`: `X-Hub-Signature-256: sha256=<hex>`, the HMAC of the body, as GitHub's webhooks are signed
 *
 * Of several secrets the first signs, where only one signature can be sent. A secret that signs URLs signs no bodies but JSON, in none
 * of the dispatcher's hooks: a text may be a URL.
 */
export type SignerName = (typeof signerNames)[number]

export const signerNames = ['url', 'standard-webhooks', 'hub-sha256'] as const

/** What is signed of one request. */
interface Signable {
  /** As it is signed: in the `deis` dialect not as it is sent. */
  readonly url: string
  /** Empty when there is none. */
  readonly body: string
  /** Whether the body was encoded as JSON, so that it cannot begin like a URL. */
  readonly isJson: boolean
  readonly deliveryId: string
  /** Epoch milliseconds of the attempt. */
  readonly now: number
}

interface Signed {
  readonly headers: Readonly<Record<string, string>>
  /** What proves the request, and is nobody else's business. */
  readonly proof: string
}

/** Prepared once for a hook. */
export type RequestSigner = (request: Signable) => Signed

/** Gives the signer of a request, as {@link createRequestSigner} does. */
export type SignerOf = typeof createRequestSigner

/** @param secrets that many hooks have: these share signers. Secrets of a hook's own have signers of their own */
export function sharedSigners(secrets: readonly string[] | undefined): SignerOf {
  const known = new Map<string, RequestSigner | undefined>()
  return (name, given, algorithm, option) => {
    if (given !== secrets) return createRequestSigner(name, given, algorithm, option)
    const key = `${name} ${algorithm}`
    if (!known.has(key)) known.set(key, createRequestSigner(name, given, algorithm, option))
    return known.get(key)
  }
}

/**
 * @param option of the secrets, for errors
 * @returns `undefined` when there is no secret to sign with
 * @throws {@link ConfigurationError} `secret_invalid` when there is none that the scheme can sign with
 */
function createRequestSigner(
  name: SignerName,
  secrets: readonly string[],
  algorithm: SignatureAlgorithm,
  option: string,
): RequestSigner | undefined {
  // A webhook without a signature is none of Standard Webhooks: this one refuses an empty list.
  if (name === 'standard-webhooks') return standardWebhooks(secrets, option)
  const [secret] = secrets
  if (secret === undefined) return undefined
  return name === 'url' ? ofUrl(createSigner(secret, algorithm)) : hubSha256(secret)
}

function ofUrl(sign: Signer): RequestSigner {
  return ({ url }) => {
    const proof = sign(url)
    return { headers: { authorization: proof }, proof }
  }
}

function hubSha256(secret: string): RequestSigner {
  return ({ body }) => {
    const proof = createHmac('sha256', secret).update(body, 'utf8').digest('hex')
    return { headers: { 'x-hub-signature-256': `sha256=${proof}` }, proof }
  }
}

function standardWebhooks(secrets: readonly string[], option: string): RequestSigner {
  const sign = createStandardSigner(secrets, option)
  return ({ body, deliveryId: id, now }) => {
    const timestamp = Math.floor(now / 1000)
    const proof = sign({ id, timestamp, body })
    const { id: idName, timestamp: timestampName, signature } = standardHeaders
    return { headers: { [idName]: id, [timestampName]: String(timestamp), [signature]: proof }, proof }
  }
}
