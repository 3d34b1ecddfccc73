import { createHmac, timingSafeEqual } from 'node:crypto'
import { createStandardVerifier } from '../verify/standard/verifier.ts'
import { createVerifier } from '../verify/verifier.ts'
import type { TriggerSignature } from '../stores/triggers/records.ts'
import type { TriggerRequest } from './http/request.ts'
import { TriggerRefusal } from './refusal.ts'

export interface Signed {
  readonly request: TriggerRequest
  readonly body: Buffer
  /** Old and new ones together, while they rotate. */
  readonly secrets: readonly string[]
  /** Where the trigger is called, as its sender has it: `deis` signs that. */
  readonly url: string | undefined
}

/**
 * Proves who sent a call, beside its token.
 *
 * @throws {@link TriggerRefusal} `signature_invalid`; {@link ConfigurationError} `secret_invalid`
 */
export function checkSignature(scheme: TriggerSignature, signed: Signed): void {
  if (signed.secrets.length === 0 || !schemes[scheme](signed)) throw new TriggerRefusal('signature_invalid')
}

const schemes: Readonly<Record<TriggerSignature, (signed: Signed) => boolean>> = {
  /** `X-Hub-Signature-256: sha256=…`, as GitHub and Gitea send it. */
  github: ({ request, body, secrets }) => {
    const [value = ''] = request.header('x-hub-signature-256')
    // Every secret is tried, so that no time tells which one it was.
    return secrets
      .map((secret) => isSame(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`, value))
      .includes(true)
  },
  /** Standard Webhooks: by the time it carries an old one is refused. GitLab signs so, too. */
  standard: ({ request, body, secrets }) => {
    const headers = Object.fromEntries(
      ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, request.header(name)]),
    )
    return createStandardVerifier({ secret: secrets }).safeVerify({ headers, body }).ok
  },
  /** The HMAC over the alphabetised URL, as Deis's controller and this library sign. */
  deis: ({ request, secrets, url }) => {
    if (url === undefined) return false
    const { method, target: asked } = request
    const headers = { authorization: request.header('authorization') }
    return createVerifier({ url, secret: secrets }).safeVerify({ method, url: asked, headers }).ok
  },
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}
