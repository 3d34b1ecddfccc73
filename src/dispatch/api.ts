import type { Attempt, Delivery } from '../delivery.ts'
import type { HookCheck } from '../hooks/check.ts'
import type { Release, ReleaseInput } from '../release.ts'
import type { Count } from '../stores/store.ts'
import type { Transaction } from '../stores/transaction.ts'
import type { DispatcherEvents, Listener } from './events.ts'
import type { DeliveryListQuery, DeliveryQuery } from './query.ts'
import type { Replay, ReplayOptions } from './replayer.ts'
import type { HookStatus } from './status.ts'

export interface DispatchOptions {
  /**
   * What makes a dispatch the same dispatch: with a key, and the stage, that were told before of the same tenant, app and environment,
   * nothing is sent again, and with another key it is, whatever was told before. Remembered for 30 days, and for as long as the
   * deliveries are kept.
   * @default none: docs/identity.md says what is news
   * @example crypto.randomUUID() // send again, whatever was sent
   */
  readonly idempotencyKey?: string | undefined
  /** Aborted before the deliveries are recorded, it stops the dispatch; later it does nothing. */
  readonly signal?: AbortSignal | undefined
  /**
   * A transaction of yours that has begun, as its client gives it: pg, Drizzle, Kysely, Knex, Prisma, postgres.js, or anything with
   * `query(text, values)`. The deliveries are there if and only if it commits, and are sent by whoever works then. Needs
   * `postgresStore`, with its tables in the same database. What the client throws is thrown on; nothing is tried again, since the
   * transaction is aborted.
   * @default the store's own: recorded when `dispatch()` resolves
   * @example
   * await db.transaction(async (tx) => {
   *   await tx.insert(releases).values({ app: 'web', version: 4 })
   *   await dispatcher.dispatch({ app: 'web', version: 4, user: 'gabrtv' }, { transaction: tx })
   * })
   */
  readonly transaction?: Transaction | undefined
}

export interface Dispatch {
  /** As it was completed. What is sent is the `release` of each delivery, as it was first recorded. */
  readonly release: Release
  /** One for each hook that wants the release, as recorded. */
  readonly deliveries: readonly Delivery[]
  /** True when it was told before: nothing new is sent. A delivery that died meanwhile is among the deliveries; `replay` sends it again. */
  readonly repeated: boolean
  /**
   * True when it was told although something newer of its rollout was told before, by its `at`: it supersedes nothing, and hooks that want
   * only changes do not hear of it.
   */
  readonly late: boolean
  /**
   * Resolves with the deliveries as they stand when each is delivered or dead, or when the dispatcher is closed: then
   * the unfinished ones are `waiting`. It never rejects because of a receiver.
   *
   * Of a dispatch within a `transaction` it waits for the end of that first: await it after the commit, not inside. What was rolled
   * back is not among the deliveries.
   */
  readonly settled: (options?: { readonly signal?: AbortSignal | undefined }) => Promise<readonly Delivery[]>
}

export interface CloseOptions {
  /**
   * How long to wait for what is claimed or in flight, in milliseconds. What is left then is handed back to the store, for half a
   * second: what a store does not take back by then is free when its lease ends, and sent again then.
   * @default 15_000
   */
  readonly deadlineMs?: number | undefined
}

export interface Dispatcher extends AsyncDisposable {
  /**
   * Begins to send what is due, as one of the workers that share the store. Called for you when the dispatcher is created, unless it
   * was with `workers: false`. Resolves when the store was reached, which is tried until the dispatcher is closed; may be called again.
   *
   * @throws {@link DispatcherClosedError} `dispatcher_closed`
   */
  start(): Promise<void>
  /**
   * Tells every hook that wants it about a release. Resolves as soon as the deliveries are recorded; never throws
   * because of a receiver.
   *
   * @throws {@link ReleaseError} `release_invalid`, {@link DispatcherClosedError} `dispatcher_closed`, or what the store throws; for a
   * `transaction` {@link ConfigurationError} `transaction_unsupported`, `option_invalid`, or what its client throws
   */
  dispatch(release: ReleaseInput, options?: DispatchOptions): Promise<Dispatch>
  /**
   * Sends again: one delivery, or all that match. A final one is sent as a new delivery with `replayOf`, and stays as it
   * is; one that waits for its next attempt is brought forward. Resolves when all is recorded.
   *
   * @throws {@link ReplayError} `delivery_unknown`, `hook_unknown`; {@link ConfigurationError} `option_invalid`;
   * {@link DispatcherClosedError} `dispatcher_closed`; or what the store throws
   * @example await dispatcher.replay({ hook: 'smoke-tests', since: new Date('2026-11-20T03:00:00Z') })
   */
  replay(target: string | DeliveryQuery, options?: ReplayOptions): Promise<Replay>
  /**
   * What was sent and what failed, in the order of recording. Reads the store a page at a time.
   *
   * @throws {@link ConfigurationError} `option_invalid`
   * @example for await (const { id, outcome } of dispatcher.deliveries({ state: 'dead', order: 'newest' })) console.log(id, outcome)
   */
  deliveries(query?: DeliveryListQuery): AsyncIterable<Delivery>
  /** One of them; `undefined` when it is not known, or forgotten. @throws {@link ConfigurationError} `option_invalid` */
  delivery(deliveryId: string): Promise<Delivery | undefined>
  /** What was tried for a delivery, first to last; empty for one that is not known, or forgotten. */
  attempts(deliveryId: string): Promise<readonly Attempt[]>
  /** For each hook and state with a delivery, how many there are. */
  counts(): Promise<readonly Count[]>
  /**
   * Forgets what became final before a time, with its attempts. Stores also forget by themselves: see their `keep`.
   *
   * @returns how many deliveries
   * @example await dispatcher.prune({ olderThan: new Date(Date.now() - 30 * 24 * 3600 * 1000) })
   */
  prune(options: { readonly olderThan: Date | number }): Promise<number>
  /** Every hook as it stands in this process: whether it is sent to, and why not. */
  hooks(): readonly HookStatus[]
  /**
   * Resolves the names of all hooks, each once, and tells for each whether it would be sent to, and why not. Sends nothing: for the start of a
   * platform, or the form in which a hook is entered.
   *
   * @example for (const { hook, ok, refusal } of await dispatcher.check()) if (!ok) console.error(hook.id, refusal?.message)
   */
  check(): Promise<readonly HookCheck[]>
  /**
   * Sends to a disabled hook again: one delivery first, and the others when its receiver answers. What ended while it was disabled
   * stays dead: see {@link replay}.
   *
   * @throws {@link ReplayError} `hook_unknown`, or what the store throws
   */
  enable(hookId: string): Promise<void>
  /**
   * Sends nothing more to a hook: its deliveries end dead, to be sent again by {@link replay}. The store remembers it.
   *
   * @throws {@link ReplayError} `hook_unknown`, or what the store throws
   */
  disable(hookId: string): Promise<void>
  /** @returns a function that takes the listener off again */
  on<Name extends keyof DispatcherEvents>(event: Name, listener: Listener<Name>): () => void
  /**
   * Takes no more releases, waits for what is claimed or in flight, hands the rest back to the store, which stays open. May be
   * called again.
   */
  close(options?: CloseOptions): Promise<void>
}
