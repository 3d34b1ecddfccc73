/** What stores keep for triggers: plain data. Every time is epoch milliseconds. No token is among it: digests alone. */

export const dialects = ['native', 'shipmight', 'fortrabbit', 'flightcontrol', 'stackblaze'] as const
/** How a trigger is called and answered. */
export type TriggerDialect = (typeof dialects)[number]

export const overlaps = ['latest', 'queue', 'cancel', 'skip', 'reject'] as const
/** What becomes of a call whose lane is busy: see `TriggerOptions.overlap`. */
export type Overlap = (typeof overlaps)[number]

export interface Debounce {
  /** Milliseconds without a call after which it starts. */
  readonly quietMs: number
  /** Milliseconds after the first call at which it starts in any case. */
  readonly maxWaitMs: number
}

export const signatures = ['github', 'standard', 'deis'] as const
/** How a call is signed, beside its token: by GitHub's `X-Hub-Signature-256`, Standard Webhooks, or Deis's HMAC over the URL. */
export type TriggerSignature = (typeof signatures)[number]

/** What may be changed of a trigger. */
export interface TriggerSettings {
  /** For people. */
  readonly name?: string | undefined
  /** Deployed when a call names no other. */
  readonly branch?: string | undefined
  /** Shown in the answer of StackBlaze's dialect. */
  readonly service?: string | undefined
  /** Names of declared parameters that a call may give. */
  readonly params?: readonly string[] | undefined
  readonly overlap?: Overlap | undefined
  readonly debounce?: Debounce | undefined
  /** Addresses and ranges (CIDR) that may call. Absent: all. */
  readonly allowFrom?: readonly string[] | undefined
  /** Calls must be signed: the platform's `secrets` gives what by. @default they need not be */
  readonly signature?: TriggerSignature | undefined
  /** Shipmight's: what it deploys. */
  readonly kind?: 'app' | 'job' | undefined
  /** Flightcontrol's number in the URL. */
  readonly environmentId?: number | undefined
  /** Flightcontrol's: each pull request is a deployment of its own. */
  readonly preview?: boolean | undefined
}

export interface TokenRecord {
  /** SHA-256 of it, in hex. */
  readonly digest: string
  /** Its last four characters. */
  readonly hint: string
  readonly expiresAt?: number | undefined
}

export interface TriggerRecord {
  readonly id: string
  readonly tenant?: string | undefined
  readonly app: string
  readonly environment?: string | undefined
  readonly dialect: TriggerDialect
  readonly settings: TriggerSettings
  readonly createdAt: number
  readonly expiresAt?: number | undefined
  readonly revokedAt?: number | undefined
  readonly lastUsedAt?: number | undefined
  readonly lastUsedFrom?: string | undefined
  /** Newest first. */
  readonly tokens: readonly TokenRecord[]
}

export type DeploymentStatus =
  'waiting' | 'starting' | 'running' | 'succeeded' | 'failed' | 'canceled' | 'skipped' | 'unknown'

/** What a call gave: of a deployment the newest call's. */
export interface CallFacts {
  readonly params: Readonly<Record<string, unknown>>
  readonly branch?: string | undefined
  readonly pullRequest?: string | undefined
  readonly sha?: string | undefined
  readonly tag?: string | undefined
  readonly user?: string | undefined
}

/** What a trigger started, or will. */
export interface DeploymentRecord {
  readonly id: string
  readonly triggerId: string
  readonly tenant?: string | undefined
  readonly app: string
  readonly environment?: string | undefined
  /** The call that it started for, or will: the newest one that was merged into it. */
  readonly callId: string
  readonly status: DeploymentStatus
  readonly facts: CallFacts
  readonly createdAt: number
  /** It starts then, when nothing of its lane runs. */
  readonly dueAt: number
  readonly startedAt?: number | undefined
  readonly finishedAt?: number | undefined
  /** The platform's own id of it, and where it is shown. */
  readonly externalId?: string | undefined
  readonly url?: string | undefined
  readonly error?: string | undefined
  /** How often it was begun to start. */
  readonly attempt: number
  /** How often `onTrigger` threw. */
  readonly failures: number
  /** Deployments before it that each triggered the next one. */
  readonly depth: number
}

/** One row of the audit. */
export interface CallRecord {
  readonly id: string
  readonly triggerId: string
  readonly at: number
  /** `started`: a deployment of its own. Refused ones have the code of the refusal. */
  readonly outcome: string
  readonly deploymentId?: string | undefined
  readonly address?: string | undefined
  readonly userAgent?: string | undefined
  readonly facts?: CallFacts | undefined
}

/** A call, to be taken. */
export interface Taking {
  readonly triggerId: string
  /** Of the token that it showed: rotated away meanwhile, it is not taken. */
  readonly digest: string
  readonly call: Omit<CallRecord, 'outcome' | 'deploymentId'> & { readonly facts: CallFacts }
  /** Of the deployment, if the call makes one. */
  readonly deploymentId: string
  readonly lane: string
  readonly overlap: Overlap
  readonly debounce?: Debounce | undefined
  readonly depth: number
  /** Calls in a minute, at most. */
  readonly perMinute: number
  /** Whether merged ones count, too. */
  readonly countsMerged: boolean
  /** What makes it the same call again, for a day; with a digest of its body. */
  readonly key?: { readonly key: string; readonly fingerprint: string } | undefined
  /** A deployment of which nobody heard the end for so long runs no more. */
  readonly runsAtMostMs: number
}

export type Taken =
  | {
      readonly outcome: 'started' | 'merged' | 'skipped' | 'repeated'
      readonly deployment: DeploymentRecord
      readonly rate: Rate
    }
  | { readonly outcome: 'busy'; readonly deployment: DeploymentRecord; readonly rate: Rate }
  | { readonly outcome: 'queue_full' | 'rate_limited'; readonly rate: Rate }
  | { readonly outcome: 'key_reused' | 'unknown' }

/** How many calls are left, and in how many milliseconds there is one more. */
export interface Rate {
  readonly left: number
  readonly moreInMs: number
}

/** A trigger as a token finds it, and what can be said of its rate before the body is read. */
export interface Found {
  readonly trigger: TriggerRecord
  readonly token: TokenRecord
  readonly rate: Rate
  /** Something of its app and environment waits, into which a call may be merged. */
  readonly mayMerge: boolean
}

export interface ListedBy {
  readonly tenant?: string | undefined
  readonly app?: string | undefined
  readonly environment?: string | undefined
}

/** How a deployment ended, or what it came to at its start. */
export interface StartResult {
  readonly externalId?: string | undefined
  readonly url?: string | undefined
  readonly branch?: string | undefined
  readonly status: DeploymentStatus
}

/**
 * Where triggers, their calls and their deployments live. Each step is one transaction. Memory, SQLite and PostgreSQL share the steps:
 * src/stores/triggers/steps.ts.
 */
export interface TriggerRecords {
  create(trigger: TriggerRecord): Promise<void>
  get(id: string): Promise<TriggerRecord | undefined>
  list(
    by: ListedBy,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<readonly TriggerRecord[]>
  update(id: string, settings: TriggerSettings, expiresAt: number | null): Promise<boolean>
  /** Adds a token, and has those before it end then, or earlier if they do. */
  rotate(id: string, token: TokenRecord, othersUntil: number, now: number): Promise<boolean>
  /** With `drop` what waits is canceled, but for what calls of others were merged into. */
  revoke(id: string, now: number, drop: boolean): Promise<boolean>
  find(digest: string, now: number, perMinute: number): Promise<Found | undefined>
  /** Also what is revoked, expired or rotated away: for the platform's own eyes. */
  identify(digest: string): Promise<Pick<Found, 'trigger' | 'token'> | undefined>
  /** Records a call that was refused before it was taken. */
  refuse(call: CallRecord): Promise<void>
  take(taking: Taking): Promise<Taken>
  call(id: string): Promise<CallRecord | undefined>
  calls(triggerId: string, limit: number): Promise<readonly CallRecord[]>
  deployment(id: string): Promise<DeploymentRecord | undefined>
  /** By our id, or by the platform's own. */
  deploymentBy(id: string): Promise<DeploymentRecord | undefined>
  /** The last one that the trigger made. */
  newest(triggerId: string): Promise<DeploymentRecord | undefined>
  /** Lanes of which something is to be started by then. */
  dueLanes(now: number, limit: number, runsAtMostMs: number): Promise<readonly string[]>
  /** When there is something to be started next. */
  nextDueAt(now: number): Promise<number | undefined>
  /** What is to be started of a lane now, for its caller alone until `until`; and what it takes the place of, also when it starts again. */
  start(
    lane: string,
    now: number,
    until: number,
    runsAtMostMs: number,
  ): Promise<
    { readonly deployment: DeploymentRecord; readonly cancels: readonly DeploymentRecord[] } | undefined
  >
  /** Of the attempt that `start` gave. One that was given to another since changes nothing. */
  started(id: string, attempt: number, result: StartResult, now: number): Promise<boolean>
  /** Of an attempt that failed: it waits again until `againAt`, or has failed for good. `failures`: how many there are now. */
  notStarted(
    id: string,
    attempt: number,
    error: string,
    againAt: number | null,
    now: number,
    failures: number,
  ): Promise<boolean>
  /** By our id, or by the platform's own. @returns it, as it was before */
  finish(
    id: string,
    status: DeploymentStatus,
    end: { readonly url?: string | undefined; readonly error?: string | undefined; readonly now: number },
  ): Promise<DeploymentRecord | undefined>
  /** Forgets deployments, calls and keys that ended before, and triggers that were revoked or expired before. @returns how many deployments */
  prune(olderThan: number): Promise<number>
}
