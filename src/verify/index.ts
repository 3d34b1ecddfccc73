export type { Receiver } from './handler.ts'
export type { ServerResponseLike } from './send.ts'
export { createReceiver, type ReceiverOptions } from './receiver.ts'
export { createVerifier } from './verifier.ts'
export type { Verifier, VerifierOptions, VerifyOptions } from './verifier.ts'
export type { VerifiedHook, VerifyResult } from './result.ts'
export { createStandardReceiver, type StandardReceiverOptions } from './standard/receiver.ts'
export { createStandardVerifier } from './standard/verifier.ts'
export type { StandardVerifier, StandardVerifierOptions, StandardVerifyOptions } from './standard/verifier.ts'
export type { StandardVerifyResult, VerifiedStandardWebhook } from './standard/result.ts'
export type { StandardExplanation } from './standard/explain/explain.ts'
export type { StandardNearMiss } from './standard/explain/near-misses.ts'
export type { StandardRequest } from './standard/request.ts'
export type { StandardVersion } from '../signing/standard-secret.ts'
export type { Form } from './candidates.ts'
export type { ExplainOptions, Explanation } from './explain/explain.ts'
export type { VerifiedRelease } from './fields.ts'
export type { NearMiss } from './explain/near-misses.ts'
export type { RequestLike } from './request.ts'
export type { Stage } from '../stages.ts'
export type { SignatureAlgorithm } from '../signing/hmac.ts'
export type { Secrets } from '../signing/secret.ts'
export {
  ConfigurationError,
  DeployHookError,
  HookVerificationError,
  type ConfigurationErrorCode,
  type ConfigurationProblem,
  type DeployHookErrorCode,
  type VerificationErrorCode,
} from '../errors.ts'
