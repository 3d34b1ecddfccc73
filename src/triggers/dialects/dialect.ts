import type {
  CallFacts,
  DeploymentRecord,
  DeploymentStatus,
  TriggerDialect,
  TriggerRecord,
} from '../../stores/triggers/records.ts'
import type { Answer } from '../http/answer.ts'
import type { TriggerRefusal } from '../refusal.ts'

/** What the path of a request asks for. */
export interface Route {
  readonly dialect: TriggerDialect
  readonly kind: 'call' | 'state' | 'deployment'
  /** What stands before the route's own part: where it is mounted. */
  readonly base: string
  readonly token?: string | undefined
  /** Of a deployment that is asked for. */
  readonly deploymentId?: string | undefined
  /** Other parts of the path, by the dialect's own names. */
  readonly parts?: Readonly<Record<string, string>> | undefined
}

/** What a call gives, before it is read. */
export interface Given {
  readonly trigger: TriggerRecord
  readonly route: Route
  readonly query: URLSearchParams
  /** The body's JSON, or form; `undefined` when there is none. */
  readonly body: Readonly<Record<string, unknown>> | undefined
}

/** What an answer tells of. */
export interface Told {
  readonly trigger: TriggerRecord
  readonly deployment: DeploymentRecord
  readonly callId: string
  readonly outcome: 'started' | 'merged' | 'skipped' | 'repeated'
  /** Where its status is asked for: an absolute path, and with its origin. */
  readonly statusPath: string
  readonly statusUrl: string
}

/** How one kind of trigger is called and answered. */
export interface Dialect {
  /** Pushes, publishes and releases are read, where no parameters are given. */
  readonly readsEvents?: boolean
  /** Of a call. A GET starts something only where the dialect has it so. */
  readonly method: 'POST' | 'GET'
  /** Merged calls count, too. */
  readonly countsMerged: boolean
  /** Whether the route's other parts are the trigger's own. */
  fits?(route: Route, trigger: TriggerRecord): boolean
  /** @throws {@link TriggerRefusal} `params_invalid` */
  read(given: Given, params: NativeParams): CallFacts
  taken(told: Told): Answer
  status(told: Pick<Told, 'deployment' | 'trigger'>): Answer
  refused(refusal: TriggerRefusal): Answer
}

/** Reads the parameters that the platform declared. @throws {@link TriggerRefusal} `params_invalid` */
export type NativeParams = (given: Given) => CallFacts

/** What of a status is told where there are four of them. */
export const plainStatuses: Readonly<Record<DeploymentStatus, string>> = {
  waiting: 'queued',
  starting: 'queued',
  running: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'canceled',
  skipped: 'skipped',
  unknown: 'unknown',
}

/** The parameters of a query that a dialect takes; others are refused. */
export function onlyQuery(query: URLSearchParams, names: readonly string[]): readonly string[] {
  return [...new Set(query.keys())].filter((name) => !names.includes(name))
}
