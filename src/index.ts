export { createDispatcher } from './dispatch/compose.ts'
export type { CloseOptions, Dispatch, Dispatcher, DispatchOptions } from './dispatch/api.ts'
export type { BreakerReading, BreakerState } from './dispatch/worker/breaker.ts'
export { defaultBreaker, type BreakerOptions, type BreakerSettings } from './hooks/breaker-settings.ts'
export type {
  AttemptEvent,
  BreakerEvent,
  DeadEvent,
  DispatcherEvents,
  HookDisabledEvent,
  HookEnabledEvent,
  HookFailingEvent,
  Listener,
} from './dispatch/events.ts'
export type {
  ConcurrencyOptions,
  DispatcherOptions,
  HookOptions,
  HookSettings,
  TimeoutOptions,
} from './hooks/options.ts'
export type { DisabledReason } from './dispatch/worker/health.ts'
export type { HookInfo } from './hooks/hook-info.ts'
export type { HookCheck } from './hooks/check.ts'
export type { HookStatus } from './dispatch/status.ts'
export { parseHook, type ParsedHook } from './hooks/parse-hook.ts'
export type { PaceOptions } from './pace.ts'
export type { DeliveryListQuery, DeliveryQuery } from './dispatch/query.ts'
export type { Replay, ReplayOptions } from './dispatch/replayer.ts'
export type { Attempt, Delivery, Outcome, Progress, Reason, Verdict } from './delivery.ts'
export { defaultSchedule, type ConnectSchedule, type Schedule, type ScheduleOptions } from './schedule.ts'

export { hooksFromEnv, type EnvironmentHooks } from './env.ts'
export type { Environment } from './environment.ts'
export { parseRelease, releaseUrl, type Release, type ReleaseInput, type Stage } from './release.ts'
export type { SignatureAlgorithm } from './signing/hmac.ts'
export type { Dialect } from './signing/dialect.ts'
export type { Secrets } from './signing/secret.ts'
export { signUrl, type SignUrlOptions } from './signing/sign-url.ts'
export { createStandardKeyPair, type StandardKeyPair } from './signing/standard-key-pair.ts'
export {
  createStandardSigner,
  type StandardMessage,
  type StandardSigner,
} from './signing/standard-webhooks.ts'

export { memoryStore, type MemoryStoreOptions } from './stores/memory/memory-store.ts'
export type {
  Claim,
  ClaimOptions,
  Count,
  DeliveryFilter,
  HookName,
  HookState,
  Moved,
  MoveOptions,
  NewDelivery,
  Page,
  PageOptions,
  Recorded,
  ToldResult,
  ToldWithin,
  Store,
} from './stores/store.ts'
export type { Inbox, Intake, ReleaseTaker, TakeOptions } from './stores/inbox.ts'
export type {
  DrizzleTransaction,
  KnexTransaction,
  KyselyTransaction,
  PostgresJsTransaction,
  PrismaTransaction,
  QueryTransaction,
  SqlExecutor,
  Transaction,
} from './stores/transaction.ts'

export type {
  Answer,
  ConnectionPolicy,
  Exchange,
  Failure,
  FailureCause,
  Malformed,
  RequestMethod,
  Timings,
  TlsOptions,
  Transport,
  TransportRequest,
} from './http/transport.ts'
export { createEgressGuard } from './http/egress.ts'
export type { EgressOptions, ProxyByScheme } from './http/egress-options.ts'
export type { EgressGuard, ProxyCredentials, ProxyServer } from './http/egress-guard.ts'
export type { Refusal } from './http/refusal.ts'
export { messageOfCode } from './http/failure-words.ts'
export { gotTransport } from './http/got-transport.ts'
export type { Logger } from './logger.ts'
export type { LocatedTarget, PollableTarget, Target } from './targets/shape.ts'
export type { Remote, RemoteStatus } from './targets/remote.ts'

export {
  ConfigurationError,
  DeployHookError,
  DispatcherClosedError,
  HookVerificationError,
  ReleaseError,
  ReplayError,
  StoreError,
  type AnyDeployHookError,
  type ConfigurationErrorCode,
  type ConfigurationProblem,
  type DeployHookErrorCode,
  type StoreErrorCode,
  type VerificationErrorCode,
} from './errors.ts'
