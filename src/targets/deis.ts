import type { Hook } from '../dispatch/hook.ts'
import type { TransportRequest } from '../http/transport.ts'
import type { Release } from '../release.ts'
import { sentUrl, signedUrl } from '../signing/release-url.ts'
import { version } from '../version.ts'

/** What is sent for a release: all but the deadline and the signal. */
export type RenderedRequest = Pick<TransportRequest, 'method' | 'url' | 'headers'>

/**
 * The request of a Deis Workflow deploy hook: a POST without a body, the release in the query, and the bare HMAC
 * of the alphabetised URL in `Authorization`.
 *
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) carries the delivery's id, so that a receiver
 * can tell a repeat. It is not signed: for what must be proven, `(app, release)` is the key.
 */
export function renderDeis(hook: Hook, release: Release, deliveryId: string): RenderedRequest {
  const signed = signedUrl(hook.url, release, hook.dialect)
  const headers = { 'user-agent': `deploy-hooks/${version}`, 'idempotency-key': `"${deliveryId}"` }
  return {
    method: 'POST',
    url: sentUrl(signed, hook.dialect),
    headers: hook.sign === undefined ? headers : { ...headers, authorization: hook.sign(signed) },
  }
}
