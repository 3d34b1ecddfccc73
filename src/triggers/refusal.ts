import type { Rate } from '../stores/triggers/records.ts'

/** Why a call is not taken. The words give nothing away: neither the token, nor whether there is such a trigger. */

export type RefusalCode =
  | 'request_malformed'
  | 'url_too_long'
  | 'https_required'
  | 'token_repeated'
  | 'token_misplaced'
  | 'trigger_unknown'
  | 'method_not_allowed'
  | 'preview_refused'
  | 'source_refused'
  | 'rate_limited'
  | 'queue_full'
  | 'busy'
  | 'body_too_large'
  | 'body_too_slow'
  | 'body_incomplete'
  | 'body_malformed'
  | 'params_invalid'
  | 'key_reused'
  | 'signature_invalid'
  | 'loop_detected'
  | 'deployment_unknown'
  | 'api_key_invalid'
  | 'failed'

/** Status, and a sentence for whoever called. */
const refusals: Readonly<Record<RefusalCode, readonly [status: number, message: string]>> = {
  request_malformed: [400, 'Expected a request that can be read.'],
  url_too_long: [414, 'The URL is longer than any trigger takes.'],
  https_required: [403, 'Expected https: the token has travelled in the clear. Rotate it.'],
  token_repeated: [400, 'Expected one token, got several that differ.'],
  token_misplaced: [
    400,
    'A token stands where it would be kept. Show it in the path or in a header alone, and rotate it.',
  ],
  trigger_unknown: [404, 'There is no such trigger. It may have been revoked, or its token rotated.'],
  method_not_allowed: [405, 'This method starts nothing here.'],
  preview_refused: [403, 'A preview or a prefetch starts nothing. Call it yourself.'],
  source_refused: [403, 'Calls from this address are not taken.'],
  rate_limited: [429, 'Too many calls. Try again later.'],
  queue_full: [429, 'Too many deployments wait. Try again later.'],
  busy: [409, 'A deployment waits or runs, and this trigger takes none beside it.'],
  body_too_large: [413, 'Expected a body of at most 64 KiB.'],
  body_too_slow: [408, 'Expected the body within 10 seconds.'],
  body_incomplete: [400, 'The connection ended before the body did.'],
  body_malformed: [400, 'Expected a body that is JSON or a form, as its Content-Type says.'],
  params_invalid: [422, 'Expected parameters that this trigger takes.'],
  key_reused: [422, 'This Idempotency-Key came before with another body.'],
  signature_invalid: [401, 'Expected a signature by the secret of this trigger.'],
  loop_detected: [508, 'This deployment was triggered by one that was triggered by one: it would never end.'],
  deployment_unknown: [404, 'There is no such deployment.'],
  api_key_invalid: [401, 'Expected a valid API key.'],
  failed: [500, 'The call could not be taken. Try again.'],
}

export interface RefusalDetails {
  /** Seconds after which to try again. */
  readonly retryAfterSeconds?: number | undefined
  /** Methods that are allowed. */
  readonly allow?: string | undefined
  /** What is wrong with which parameter. */
  readonly problems?: readonly { readonly path: string; readonly message: string }[] | undefined
  /** Names of the parameters that are taken. */
  readonly allowed?: readonly string[] | undefined
  /** What the rate was. */
  readonly rate?: Rate & { readonly limit: number }
  /** The audit has it already. */
  readonly isRecorded?: boolean | undefined
  /** Of the deployment that is in the way. */
  readonly deploymentId?: string | undefined
}

export class TriggerRefusal extends Error {
  override readonly name = 'TriggerRefusal'
  readonly code: RefusalCode
  readonly status: number
  readonly details: RefusalDetails

  constructor(code: RefusalCode, details: RefusalDetails = {}) {
    const [status, message] = refusals[code]
    super(message)
    this.code = code
    this.status = status
    this.details = details
  }
}
