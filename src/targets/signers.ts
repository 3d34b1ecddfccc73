import { createHmac } from 'node:crypto'
import { createSigner, type SignatureAlgorithm } from '../signing/hmac.ts'

/**
 * How a request is signed by the hook's secrets:
 *
 * - `url`: the bare HMAC of the whole URL in `Authorization`, as Deis does
 * - `standard-webhooks`: `webhook-id`, `webhook-timestamp` and `webhook-signature`, by every secret, so that keys can rotate
 *   (Standard Webhooks 1.0)
 * - `hub-sha256`: `X-Hub-Signature-256: sha256=<hex>`, the HMAC of the body, as GitHub's webhooks are signed
 *
 * Of several secrets the first signs, where only one signature can be sent.
 */
export type SignerName = (typeof signerNames)[number]

export const signerNames = ['url', 'standard-webhooks', 'hub-sha256'] as const

/** What is signed of one request. */
interface Signable {
  /** As it is signed: in the `deis` dialect not as it is sent. */
  readonly url: string
  readonly body: string
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

/** @returns `undefined` when there is no secret to sign with */
export function createRequestSigner(
  name: SignerName,
  secrets: readonly string[],
  algorithm: SignatureAlgorithm,
  _option: string,
): RequestSigner | undefined {
  const [secret] = secrets
  if (secret === undefined) return undefined
  switch (name) {
    case 'url': {
      const sign = createSigner(secret, algorithm)
      return ({ url }) => {
        const proof = sign(url)
        return { headers: { authorization: proof }, proof }
      }
    }
    case 'hub-sha256':
      return ({ body }) => {
        const proof = createHmac('sha256', secret).update(body, 'utf8').digest('hex')
        return { headers: { 'x-hub-signature-256': `sha256=${proof}` }, proof }
      }
    case 'standard-webhooks':
      throw new Error('not here yet')
  }
}
