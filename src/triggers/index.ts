/** Deploy hooks in the other direction: `deploy-hooks/triggers`. It loads nothing of the dispatcher. */
export { createTriggers, type Triggers } from './triggers.ts'
export type { TokenShown } from './registry.ts'
export type {
  CreateTrigger,
  FinishedStatus,
  Started,
  TriggersOptions,
  TriggerStart,
  UpdateTrigger,
} from './options.ts'
export type { TriggerExplanation } from './explainer.ts'
export { isTriggerToken } from './token.ts'
export type { Trigger } from './trigger.ts'
export type { TriggersEvents } from './trigger-events.ts'
export type {
  CallFacts,
  CallRecord,
  Debounce,
  DeploymentRecord,
  DeploymentStatus,
  Overlap,
  TriggerDialect,
  TriggerRecords,
  TriggerSettings,
  TriggerSignature,
} from '../stores/triggers/records.ts'
