import type { VerificationErrorCode } from '../errors.ts'
import type { Form } from './candidates.ts'
import type { VerifiedRelease } from './fields.ts'

/** Proof that a request is a genuine delivery. */
export interface VerifiedHook {
  readonly release: VerifiedRelease
  /**
   * The key against repeats: the delivery's id where it was sent, else the signature. It is the same for every attempt of a
   * delivery. What is sent again on purpose has another one, and, unless the sender's dialect is `deis`, each stage too.
   */
  readonly key: string
  /** The delivery's id, signed. It is sent where something like it was told before: by replays, and dispatches with a key. */
  readonly delivery?: string
  /** The signature. It changes when the hook's secret or URL does, also between the attempts of a delivery. */
  readonly digest: string
  readonly matched: {
    /** Which of the secrets, from 0. */
    readonly secret: number
    /** Which of the URLs, from 0. */
    readonly url: number
    readonly form: Form
  }
}

export type VerifyResult =
  | { readonly ok: true; readonly hook: VerifiedHook }
  | { readonly ok: false; readonly code: VerificationErrorCode; readonly status: number }
