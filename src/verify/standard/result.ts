import type { VerificationErrorCode } from '../../errors.ts'
import type { StandardVersion } from '../../signing/standard-secret.ts'

/** Proof that a request is a genuine webhook. */
export interface VerifiedStandardWebhook {
  /** The same for every attempt of a delivery, so a key against repeats. */
  readonly id: string
  /** When this attempt was made. */
  readonly timestamp: Date
  /** The body, parsed as JSON from the verified bytes; `undefined` when it is empty. */
  readonly payload: unknown
  readonly matched: {
    /** Which of the secrets, from 0. */
    readonly secret: number
    /** `v1`: HMAC-SHA256; `v1a`: Ed25519. */
    readonly version: StandardVersion
  }
}

export type StandardVerifyResult =
  | { readonly ok: true; readonly webhook: VerifiedStandardWebhook }
  | { readonly ok: false; readonly code: VerificationErrorCode; readonly status: number }
