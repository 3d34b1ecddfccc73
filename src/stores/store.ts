import type { Attempt, Delivery, Outcome, Progress, Reason, Verdict } from '../delivery.ts'
import type { Release, Stage } from '../release.ts'
import type { Inbox } from './inbox.ts'
import type { Telling } from './ledger/telling.ts'
import type { SharedLanes } from './shared-lanes.ts'
import type { Transaction } from './transaction.ts'
import type { TriggerRecords } from './triggers/records.ts'

export interface NewDelivery {
  readonly id: string
  readonly hookId: string
  readonly release: Release
  readonly recordedAt: number
  /** Epoch milliseconds of the first attempt, for whoever claims it then. Absent: it is due, and claimed by its recorder. */
  readonly dueAt?: number | undefined
  readonly replayOf?: string | undefined
  /** See {@link Delivery.again}. */
  readonly again?: boolean | undefined
  /** Deliveries of one hook that follow each other, such as those of one app: {@link Store.latest} finds them. Absent: it follows none. */
  readonly group?: string | undefined
}

/**
 * A delivery that its claimer alone may attempt, for as long as the lease lasts.
 *
 * The token fences: every claim of a delivery has another one, and a store takes what a claimer says only
 * while no one has claimed the delivery since.
 */
export interface Claim {
  readonly delivery: Delivery
  readonly token: number
}

export interface Recorded {
  readonly delivery: Delivery
  /** False when a delivery of this id was there before: it stands, unchanged. */
  readonly fresh: boolean
  /** Of the recorder's claim; absent when the delivery is not fresh, or was given a `dueAt`. */
  readonly token?: number
}

/** What became of a telling. */
export interface ToldResult {
  /**
   * `repeated`: it was told before, and nothing is sent but to hooks that were added since. `late`: it is told, but something newer of
   * its rollout was told before.
   */
  readonly news: 'told' | 'late' | 'repeated'
  /** One for each hook that it is, or was, told to, in their order. Pruned ones are not among them. */
  readonly recorded: readonly Recorded[]
  /** Another transaction was telling of the same scope for so long that this was told without knowing what it says. */
  readonly isUnsure?: true
}

/** What was told in a transaction of the caller's. */
export interface ToldWithin extends ToldResult {
  /** Whether the transaction has ended by now, by a commit or a rollback. */
  isOver(): Promise<boolean>
}

export interface ClaimOptions {
  /** By hook id: how many to claim at most. */
  readonly hooks: ReadonlyMap<string, number>
  /** Epoch milliseconds: what is due by then, and what others leased until then, may be claimed. */
  readonly now: number
  /** Epoch milliseconds at which the leases end. */
  readonly until: number
}

export interface DueOptions {
  /** Epoch milliseconds. */
  readonly now: number
  /** Hooks to give, at most. */
  readonly limit: number
  /** Hooks that are passed over: they may not be sent to now, or their deliveries are others' to send. */
  readonly except: ReadonlySet<string>
  /** Hooks to look at, where workers share them out. Absent: all that something waits for. */
  readonly among?: ReadonlySet<string> | undefined
}

/** What can be claimed, by hook. */
export interface DueHooks {
  /** Hooks with a delivery that can be claimed by `now`: it is due, or its lease at an end. The longest due first. */
  readonly hooks: readonly string[]
  /** Epoch milliseconds at which the first delivery of another hook can be claimed. Absent when there is none. */
  readonly nextAt?: number | undefined
}

export interface DeliveryFilter {
  /** A hook's id. */
  readonly hook?: string | undefined
  readonly app?: string | undefined
  /** As it was recorded: `v4`. */
  readonly version?: string | undefined
  readonly user?: string | undefined
  readonly sha?: string | undefined
  /** `null`: those without one. */
  readonly environment?: string | null | undefined
  /** `null`: those without one. */
  readonly tenant?: string | null | undefined
  readonly stage?: Stage | undefined
  readonly state?: Delivery['state'] | undefined
  /** Of the last attempt, or of the end: `status-503`, `timeout`. */
  readonly reason?: Reason | undefined
  /** Why nothing more is tried: `exhausted`. */
  readonly verdict?: Verdict | undefined
  /** Recorded at or after this time, epoch milliseconds. */
  readonly since?: number | undefined
  /** Recorded before this time, epoch milliseconds. */
  readonly before?: number | undefined
  /** Whether there is another delivery that sends this one again. */
  readonly replayed?: boolean | undefined
}

export interface PageOptions {
  /** Deliveries in a page at most. */
  readonly limit: number
  /** The `next` of the page before, of a list in the same order. */
  readonly cursor?: string | undefined
  /** Which of the recorded ones come first. @default 'oldest' */
  readonly order?: 'oldest' | 'newest' | undefined
}

export interface Page {
  /** `limit` at most. Fewer, or none, do not mean that this page is the last one. */
  readonly deliveries: readonly Delivery[]
  /** Absent on the last page. A cursor stays good while deliveries are added, settled and pruned. */
  readonly next?: string
}

export interface MoveOptions {
  /** Deliveries to look at in this step, at most. */
  readonly limit: number
  /** Epoch milliseconds. */
  readonly now: number
  /** The `next` of the step before. */
  readonly cursor?: string | undefined
}

export interface Moved {
  /** Deliveries that went over in this step. None does not mean that there are no more. */
  readonly moved: number
  /** Absent after the last step. */
  readonly next?: string
}

/** Deliveries of one hook in one state. */
export interface Count {
  readonly hookId: string
  readonly state: Delivery['state']
  readonly count: number
}

/**
 * What is remembered about a hook: that it is disabled, or enabled again, or since when it fails, and what the process that sends to it next is to
 * know. A hook without a state is enabled.
 */
export interface HookState {
  readonly hookId: string
  readonly enabled: boolean
  /** Epoch milliseconds at which it became so. */
  readonly since: number
  /** Why: `gone`. */
  readonly reason: string
  /** Tells which URL of the hook it is of, and not what that is: with another URL it begins anew. Absent: it holds for any. */
  readonly url?: string
  /**
   * Of its lane: a pause that the receiver asked for, an open breaker, its pace. Plain JSON, given back as it came; absent for nothing, and
   * where the store's `lanes` keep it.
   */
  readonly memory?: object
}

/** Which hook an id in the store means, for whoever reads its tables. Nothing is decided by it. */
export interface HookName {
  readonly hookId: string
  /** What may be shown of its URL: scheme, host and path, `/…` for a path that is secret; never a query or credentials. */
  readonly shown: string
  /** The name of its target: `deis`, `slack`. */
  readonly target: string
  /** Epoch milliseconds at which it was first so named. */
  readonly since: number
}

/**
 * Where deliveries and attempts live. Every store passes the same suite: `storeConformance` in `deploy-hooks/testing`.
 *
 * Any method may reject: that is a fault of the store, and nothing of what it was asked has then happened, unless the
 * error says that it may have. What it resolved with stays, for as long as the store promises.
 */
export interface Store {
  /** Whether what is recorded outlives the process. What is not durable is sent before the dispatcher closes. */
  readonly durable: boolean
  /** Which of the workers that share the store sends to which hook. Absent: each of them sends to every hook. */
  readonly lanes?: SharedLanes
  /** Releases that others left in the store for its workers. Absent: none can. */
  readonly inbox?: Inbox
  /** Triggers, their calls and their deployments: `createTriggers` of `deploy-hooks/triggers` needs them. Absent: it keeps none. */
  readonly triggers?: TriggerRecords
  /**
   * Records all or none. Resolves when they would survive what the store promises to survive. Fresh ones without a
   * `dueAt` are leased to the caller until `until`.
   */
  record(deliveries: readonly NewDelivery[], until: number): Promise<readonly Recorded[]>
  /**
   * Records a delivery for each hook, if the release is news: docs/identity.md has the rule. What was told is remembered in the same
   * transaction, apart from the deliveries: pruning those does not make it news again. Leases as {@link record} does.
   */
  tell(telling: Telling, until: number): Promise<ToldResult>
  /**
   * Tells as a part of a transaction that is the caller's: what is fresh is there, and remembered, if and only if that commits. It is
   * leased to nobody, and due at its `dueAt` or else at once. Errors of the caller's client are thrown as they are. Absent: the store
   * knows no transactions but its own.
   */
  tellWithin?(transaction: Transaction, telling: Telling): Promise<ToldWithin>
  /** Claims due deliveries, for each hook the longest due first. No other claim gives them out until `until`. */
  claim(options: ClaimOptions): Promise<readonly Claim[]>
  /** Lengthens leases. @returns for each claim whether it still holds; a lost one is not lengthened */
  renew(claims: readonly Claim[], until: number): Promise<readonly boolean[]>
  /**
   * Hands claimed deliveries back unattempted: due as before, or at `dueAt`, epoch milliseconds, when that is given. Claims that
   * were lost are passed over.
   */
  release(claims: readonly Claim[], dueAt?: number): Promise<void>
  /**
   * Remembers how far a claimed delivery is, before what may not be done twice is done: resolves when that would survive what
   * `record` survives. The claim goes on. `attempt` stays what the delivery's own progress says, or 0.
   *
   * @returns false, and does nothing, when the claim was lost
   */
  mark(claim: Claim, progress: Progress): Promise<boolean>
  /** Records an attempt and applies its outcome; the claim ends. @returns `undefined`, and does nothing, when the claim was lost */
  settle(claim: Claim, attempt: Attempt): Promise<Delivery | undefined>
  /** Ends a claimed delivery without an attempt. @returns `undefined`, and does nothing, when the claim was lost */
  end(claim: Claim, outcome: Outcome & { kind: 'dead' }, now: number): Promise<Delivery | undefined>
  /** Makes waiting deliveries that nobody has claimed due at these times. @returns for each whether it was one */
  reschedule(due: readonly { readonly id: string; readonly dueAt: number }[]): Promise<readonly boolean[]>
  /** Which hooks something can be claimed of. Costs by the hooks that something waits for, and may by what is claimed, but not by how many deliveries wait for each. */
  due(options: DueOptions): Promise<DueHooks>
  /** In the order of `ids`; `undefined` for those not there, or pruned. */
  get(ids: readonly string[]): Promise<readonly (Delivery | undefined)[]>
  /** In the order in which they were recorded. */
  list(filter: DeliveryFilter, page: PageOptions): Promise<Page>
  /** Deliveries of a hook that were recorded with this `group`, the last recorded first: `limit` of them at most. */
  latest(hookId: string, group: string, limit: number): Promise<readonly Delivery[]>
  /** Attempts of a delivery, first to last; none for one that is not there. */
  attempts(deliveryId: string): Promise<readonly Attempt[]>
  /** For each hook and state with a delivery, how many there are. */
  counts(): Promise<readonly Count[]>
  /** Forgets deliveries that became final before this time, with their attempts. @returns how many */
  prune(olderThan: number): Promise<number>
  /** Remembers what became of hooks: all of it or nothing. Of several states of one hook the last stands. */
  setHookStates(states: readonly HookState[]): Promise<void>
  /** Of the hooks that have one. */
  hookStates(): Promise<readonly HookState[]>
  /**
   * Remembers which hooks ids mean: all of it or nothing. One that is so named already, whatever its `since`, stays as it is, and nothing is
   * written for it; of several names of one hook the last stands. No name is ever forgotten: deliveries of hooks that are configured no more have
   * their ids still. Ten thousand in one call hold up others for no longer than some milliseconds each.
   */
  nameHooks(names: readonly HookName[]): Promise<void>
  /** Of these hooks, or of all, those that were named, in whatever order. */
  hookNames(ids?: readonly string[]): Promise<readonly HookName[]>
  /**
   * Hooks have other ids than before: what is remembered of each goes over to its new one, some at a time. The first step, which has no
   * cursor, takes the states, of two the one that became so later; deliveries follow in whatever order, and keep ids of their own.
   * Those that are claimed at `now` stay as they are: another pass, from a first step on, finds them. Several processes may do it at
   * once, and be killed at it. Names stay under the ids that they were given for: that of a former id tells what logs of before mean.
   *
   * @param ids new ids of hooks by former ones; none is among both
   */
  moveHooks(ids: ReadonlyMap<string, string>, options: MoveOptions): Promise<Moved>
  /** Lets go of files and connections. What is claimed is handed back, if it can be. May be called again. */
  close(): Promise<void>
}
