export type { Receiver, ServerResponseLike } from './handler.ts'
export { createReceiver, type ReceiverOptions } from './receiver.ts'
export { createVerifier } from './verifier.ts'
export type { VerifiedHook, Verifier, VerifierOptions, VerifyOptions, VerifyResult } from './verifier.ts'
export type { Form } from './candidates.ts'
export type { ExplainOptions, Explanation } from './explain/explain.ts'
export type { VerifiedRelease } from './fields.ts'
export type { NearMiss } from './explain/near-misses.ts'
export type { RequestLike } from './request.ts'
export type { SignatureAlgorithm } from '../signing/hmac.ts'
export type { Secrets } from '../signing/secret.ts'
export {
  ConfigurationError,
  DeployHookError,
  HookVerificationError,
  type ConfigurationErrorCode,
  type DeployHookErrorCode,
  type VerificationErrorCode,
} from '../errors.ts'
