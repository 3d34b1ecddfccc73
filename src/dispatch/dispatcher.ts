import { setImmediate as nextTurn } from 'node:timers/promises'
import { textOfError } from '../shown-text.ts'
import { ConfigurationError, DispatcherClosedError, ReplayError } from '../errors.ts'
import { gotTransport } from '../http/got-transport.ts'
import { guarded, processWarnings, type Logger } from '../logger.ts'
import { onRejection } from '../rejection.ts'
import { parseRelease, type Release, type ReleaseInput } from '../release.ts'
import { aText, checkFields, readBy, type Field, type Fields } from '../option-fields.ts'
import { mismatch } from '../option-problems.ts'
import type { Intake, ReleaseTaker } from '../stores/inbox.ts'
import type { HookToTell, Telling } from '../stores/ledger/telling.ts'
import { memoryStore } from '../stores/memory.ts'
import type { Attempt, Delivery } from '../delivery.ts'
import type { Count, Recorded, Store, ToldResult, ToldWithin } from '../stores/store.ts'
import type { Transaction } from '../stores/transaction.ts'
import { longestTimerMs } from '../longest-timer.ts'
import type { BreakerReading } from './worker/breaker.ts'
import { Clearance } from './worker/admission.ts'
import { Courier } from './worker/attempter.ts'
import { Deliverer } from './worker/settler.ts'
import { Events, type DispatcherEvents, type Listener } from './events.ts'
import { FormerIds } from '../hooks/former-ids.ts'
import { Grouping } from './grouping.ts'
import { HookHealth } from './worker/health.ts'
import { Holdings } from './worker/claimed-deliveries.ts'
import { checkHooks, type HookCheck } from '../hooks/check.ts'
import type { Hook } from '../hooks/hook.ts'
import { createHooks } from '../hooks/list.ts'
import { statusOf, type HookStatus } from './status.ts'
import { Lanes } from './worker/lanes.ts'
import type { DispatcherOptions } from '../hooks/options.ts'
import { Nonces } from './nonces.ts'
import { deliveriesIn } from './pages.ts'
import { checkedPrune, checkedQuery, type DeliveryQuery } from './query.ts'
import { Replayer, type Replay, type ReplayOptions } from './replayer.ts'
import { Reporter } from './reporter.ts'
import { Sender } from './worker/worker.ts'
import { withSummaryCut } from './summary-cut.ts'
import { transactionOver } from './transaction-over.ts'
import { Settlements, unlessAborted } from './waiters.ts'

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
  /** What was sent and what failed, in the order of recording, oldest first. Reads the store a page at a time. */
  deliveries(query?: DeliveryQuery): AsyncIterable<Delivery>
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

/**
 * Creates the dispatcher of a platform controller. What an earlier process left in the store goes on at once.
 *
 * @throws {@link ConfigurationError} `option_invalid`, `hook_url_*`, `hook_duplicate`, `secret_invalid`
 * @example
 * await using dispatcher = createDispatcher({ hooks: ['https://hooks.example.com/deploy'], secret: process.env['KEY'] ?? '' })
 * await dispatcher.dispatch({ app: 'web', version: 4, user: 'gabrtv', sha: '35b3726' })
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { logger = processWarnings } = (options as DispatcherOptions | undefined) ?? {}
  const guardedLogger = guarded(logger) // which uses it when there is something to say: then it is checked
  return new HookDispatcher(options, createHooks(options, guardedLogger), guardedLogger)
}

/** After so many dispatches one waits for the next turn of the event loop: their awaits alone would never leave it to requests and timers. */
const dispatchesInATurn = 64
const defaultOverall = 512
const defaultCloseMs = 15_000
const defaultClosesAfterMs = 86_400_000
/** What a store takes that answers. One that does not holds nobody up for longer. */
const handBackMs = 500
/** Hooks in a log line. */
const mostNamed = 10

const aSignal: Field = { expected: 'an AbortSignal', is: (value) => value instanceof AbortSignal }
const aKey: Field = { ...aText, advice: 'make one of what it is to be the same for, or leave it out' }
const fieldsOf = {
  // queryIn() reads it, where the store takes one
  dispatch: { idempotencyKey: aKey, signal: aSignal, transaction: readBy(() => undefined) },
  replay: {
    perSecond: {
      expected: 'a number above 0',
      is: (value) => typeof value === 'number' && value > 0,
    },
    idempotencyKey: aKey,
  },
  settled: { signal: aSignal },
  close: {
    deadlineMs: {
      expected: 'milliseconds, 0 or more',
      is: (value) => typeof value === 'number' && value >= 0,
    },
  },
} as const satisfies Readonly<Record<string, Fields>>

class HookDispatcher implements Dispatcher {
  readonly #hooks: ReadonlyMap<string, Hook>
  readonly #former: FormerIds
  readonly #store: Store
  readonly #logger: Logger
  readonly #events: Events
  readonly #reporter: Reporter
  readonly #lanes: Lanes
  readonly #health: HookHealth
  readonly #sender: Sender
  readonly #settlements = new Settlements()
  readonly #replayer: Replayer
  readonly #grouping: Grouping
  readonly #nonces = new Nonces()
  readonly #closesAfterMs: number
  readonly #now: () => number
  readonly #closeTransport: () => void
  readonly #letGo = new AbortController()
  readonly #givenUp = Promise.withResolvers<void>()
  #intake: Intake | undefined
  #dispatched = 0
  #hasWarnedOfNobody = false
  #closed: Promise<void> | undefined

  constructor(options: DispatcherOptions, hooks: readonly Hook[], logger: Logger) {
    this.#logger = logger
    this.#hooks = new Map(hooks.map((hook) => [hook.id, hook]))
    this.#former = new FormerIds(this.#hooks.values())
    this.#store = options.store ?? memoryStore()
    this.#grouping = new Grouping(this.#hooks, this.#store)
    this.#events = new Events(this.#logger)
    this.#closesAfterMs = options.rolloutClosesAfterMs ?? defaultClosesAfterMs
    this.#now = options.now ?? (() => Date.now())
    const transport = options.transport ?? gotTransport()
    this.#closeTransport = () => {
      const failed = (error: unknown): void =>
        this.#reporter.fault('The transport could not be closed', error)
      try {
        onRejection(transport.close(), failed)
      } catch (error) {
        failed(error)
      }
    }
    this.#reporter = new Reporter(this.#events, this.#logger, this.#now)
    this.#lanes = new Lanes({
      hooks: this.#hooks.values(),
      overall: options.concurrency?.overall ?? defaultOverall,
      now: this.#now,
      start: (hook, work) => void this.#sender.send(hook, work),
      onBreaker: (hook, reading) => this.#onBreaker(hook, reading),
    })
    this.#health = new HookHealth(this.#store, (id) => this.#hooks.get(id))
    const shared = {
      hooks: this.#hooks,
      store: this.#store,
      former: this.#former,
      courier: new Courier({
        transport,
        reporter: this.#reporter,
        now: this.#now,
      }),
      health: this.#health,
      holdings: new Holdings((id) => this.#lanes.lane(id).mostHeld(this.#now())),
      reporter: this.#reporter,
      settlements: this.#settlements,
      now: this.#now,
      random: options.random ?? (() => Math.random()),
      onRecovered: (hook: Hook) => this.#sender.bringForward(hook),
    }
    this.#sender = new Sender({
      ...shared,
      lanes: this.#lanes,
      clearance: new Clearance(shared),
      deliverer: new Deliverer(shared),
    })
    this.#replayer = new Replayer({ ...shared, sender: this.#sender })
    this.#closeOn(options.signal)
    // Faults are logged as they come, and it goes on: it ends when the dispatcher is closed, and else never.
    if (options.workers !== false && this.#closed === undefined) this.start().catch(() => undefined)
  }

  async start(): Promise<void> {
    this.#refuseWhenClosed()
    this.#intake ??= this.#store.inbox?.open(this.#taker())
    await this.#sender.start()
  }

  async dispatch(input: ReleaseInput, options: DispatchOptions = {}): Promise<Dispatch> {
    checkFields(options, fieldsOf.dispatch, { of: 'dispatch()' })
    return this.#dispatch(input, options)
  }

  async #dispatch(
    input: ReleaseInput,
    { idempotencyKey, signal, transaction }: DispatchOptions,
    recordedAt?: number,
  ): Promise<Dispatch> {
    this.#dispatched += 1
    if (this.#dispatched % dispatchesInATurn === 0) await nextTurn()
    this.#refuseWhenClosed()
    const release = parseRelease(input)
    signal?.throwIfAborted()
    const telling = this.#tellingOf(release, idempotencyKey, recordedAt ?? this.#now())
    if (telling.hooks.length === 0) this.#warnOfNobody(release)
    const told = await (transaction === undefined
      ? this.#tell(telling)
      : this.#tellWithin(telling, transaction))
    const { news, isOver } = told
    const recorded = this.#former.recorded(told.recorded)
    this.#warnOf(recorded, release, told.isUnsure)
    const ids = recorded.map(({ delivery }) => delivery.id)
    const isFresh = recorded.some(({ fresh }) => fresh)
    return {
      release,
      deliveries: recorded.map(({ delivery }) => this.#shown(delivery)),
      repeated: !isFresh && (news === 'repeated' || recorded.length > 0),
      late: news === 'late',
      settled: (waiting = {}) => this.#settled(ids, waiting, isOver),
    }
  }

  async replay(target: string | DeliveryQuery, options: ReplayOptions = {}): Promise<Replay> {
    this.#refuseWhenClosed()
    checkFields(options, fieldsOf.replay, { of: 'replay()' })
    const ids = await this.#sender.track(this.#replayer.replay(target, options))
    return { ids, settled: (waiting = {}) => this.#settled(ids, waiting) }
  }

  deliveries(query: DeliveryQuery = {}): AsyncIterable<Delivery> {
    return this.#each(deliveriesIn(this.#store, checkedQuery(query, 'deliveries()')))
  }

  async attempts(deliveryId: string): Promise<readonly Attempt[]> {
    if (typeof deliveryId !== 'string') {
      const message = mismatch('the id of a delivery', deliveryId, 'give the `id` that a delivery has')
      throw new ConfigurationError('option_invalid', 'deliveryId', message)
    }
    return this.#store.attempts(deliveryId)
  }

  async counts(): Promise<readonly Count[]> {
    return this.#former.counts(await this.#store.counts())
  }

  async prune(options: { readonly olderThan: Date | number }): Promise<number> {
    return this.#store.prune(checkedPrune(options))
  }

  hooks(): readonly HookStatus[] {
    const now = this.#now()
    return [...this.#hooks.values()].map((hook) =>
      statusOf(hook, this.#lanes.lane(hook.id), this.#health, this.#sender.holds(hook.id), now),
    )
  }

  check(): Promise<readonly HookCheck[]> {
    return checkHooks([...this.#hooks.values()])
  }

  async enable(hookId: string): Promise<void> {
    const hook = this.#known(hookId)
    await this.#health.enable(hookId, this.#now())
    this.#sender.probe(hookId)
    this.#reporter.enabled(hook)
  }

  async disable(hookId: string): Promise<void> {
    const hook = this.#known(hookId)
    await this.#health.disable(hookId, 'operator', this.#now())
    this.#sender.letGo(hookId)
    this.#reporter.disabled(hook, 'operator')
  }

  on<Name extends keyof DispatcherEvents>(event: Name, listener: Listener<Name>): () => void {
    return this.#events.on(event, listener)
  }

  close(options: CloseOptions = {}): Promise<void> {
    checkFields(options, fieldsOf.close, { of: 'close()' })
    const { deadlineMs = defaultCloseMs } = options
    this.#closed ??= this.#drain()
    let timer = setTimeout(
      () => {
        this.#sender.abort()
        timer = setTimeout(() => this.#giveUp(), handBackMs)
      },
      Math.min(deadlineMs, longestTimerMs),
    )
    return this.#closed.finally(() => clearTimeout(timer))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Takes releases from the store's inbox. */
  #taker(): ReleaseTaker {
    return {
      take: (release, { recordedAt, ...options }) =>
        this.#dispatch(release as ReleaseInput, options, recordedAt),
      refused: (job, error) =>
        this.#reporter.fault('A release that was left in the database is refused', error, { job }),
      failed: (error) =>
        this.#reporter.lastingFault('Releases that were left in the database could not be taken yet', error),
    }
  }

  #onBreaker(hook: Hook, reading: BreakerReading): void {
    this.#reporter.breaker(hook, reading)
    this.#sender.remember(hook.id)
  }

  #known(hookId: string): Hook {
    const hook = this.#hooks.get(hookId)
    if (hook === undefined) throw new ReplayError('hook_unknown', hookId)
    return hook
  }

  #refuseWhenClosed(): void {
    if (this.#closed !== undefined) throw new DispatcherClosedError()
  }

  async #tellWithin(telling: Telling, transaction: Transaction): Promise<ToldWithin> {
    if (this.#store.tellWithin === undefined) throw transactionUnsupported()
    // What it supersedes ends when it is due: before the commit nothing may.
    return this.#store.tellWithin(transaction, telling)
  }

  async #tell(telling: Telling): Promise<ToldResult & Partial<ToldWithin>> {
    const told = await this.#sender.tell(telling)
    if (told.news === 'told' && this.#grouping.isNeeded)
      this.#sender.endSuperseded(() => this.#grouping.superseded(told.recorded))
    return told
  }

  #warnOf(recorded: readonly Recorded[], release: Release, isUnsure = false): void {
    const { app, version } = release
    if (isUnsure) {
      const message =
        'Another transaction was telling of the same app for over 2 s: a release was told without knowing whether that tells it too'
      this.#logger.warn(message, { app, version })
    }
    for (const { fresh, delivery } of recorded) {
      if (fresh) continue
      if (delivery.state === 'dead') {
        const message =
          'A release was dispatched again whose delivery is dead: it is not sent again by itself. `dispatcher.replay(deliveryId)` does'
        this.#logger.warn(message, { deliveryId: delivery.id, hookId: delivery.hookId, app, version })
      }
    }
    const other = recorded.find(({ fresh, delivery }) => !fresh && !isSame(delivery.release, release))
    if (other === undefined) return
    const message =
      'A release was dispatched again with other facts: what was recorded first is sent. Give an `idempotencyKey` of its own to send both'
    this.#logger.warn(message, { deliveryId: other.delivery.id })
  }

  /** Once: a platform may have hooks for some apps alone. */
  #warnOfNobody({ stage }: Release): void {
    if (this.#hasWarnedOfNobody) return
    this.#hasWarnedOfNobody = true
    const message =
      this.#hooks.size === 0
        ? 'A release was dispatched, and there is no hook'
        : 'A release was dispatched that no hook wants, by its `apps` and `after`'
    this.#logger.warn(`${message}. It is remembered, and nothing is sent. This is said once`, {
      stage: stage ?? 'released',
    })
  }

  #tellingOf(release: Release, idempotencyKey: string | undefined, recordedAt: number): Telling {
    const hooks: HookToTell[] = []
    for (const hook of this.#hooks.values())
      if (hook.wants(release)) hooks.push(this.#grouping.toTell(hook, release))
    return {
      release,
      hooks,
      recordedAt,
      idempotencyKey,
      closesAfterMs: this.#closesAfterMs,
      nonce: this.#nonces.next(),
    }
  }

  /** Listens before it looks, so that it misses nothing. */
  async #settled(
    ids: readonly string[],
    waiting: { readonly signal?: AbortSignal | undefined },
    isOver?: ToldWithin['isOver'],
  ): Promise<readonly Delivery[]> {
    checkFields(waiting, fieldsOf.settled, { of: 'settled()' })
    const { signal } = waiting
    if (isOver !== undefined) await transactionOver(isOver, { closed: this.#letGo.signal, signal })
    const deliveries = await this.#told(ids, signal)
    const untold = deliveries.includes(undefined) ? await this.#store.get(ids) : deliveries
    return deliveries
      .map((delivery, index) => delivery ?? untold[index])
      .filter((delivery) => delivery !== undefined)
      .map((delivery) => this.#shown(delivery))
  }

  async *#each(deliveries: AsyncIterable<Delivery>): AsyncIterable<Delivery> {
    for await (const delivery of deliveries) yield this.#shown(delivery)
  }

  /** As of the hook of now. */
  #shown(stored: Delivery): Delivery {
    const delivery = this.#former.named(stored)
    return withSummaryCut(this.#hooks.get(delivery.hookId), delivery)
  }

  async #told(ids: readonly string[], signal?: AbortSignal): Promise<readonly (Delivery | undefined)[]> {
    const { told, giveUp } = this.#settlements.wait(ids)
    try {
      if (!this.#sender.hasInHand(ids)) {
        await this.#sender.tellFinal(ids)
        this.#sender.watch()
      }
      if (this.#sender.stopped) this.#settlements.tellAll()
      return await (signal === undefined ? told : unlessAborted(told, signal))
    } catch (error) {
      giveUp()
      throw error
    }
  }

  async #drain(): Promise<void> {
    const drained = Promise.all([this.#intake?.close(), this.#sender.drain()])
    await Promise.race([drained, this.#givenUp.promise])
    this.#closeTransport()
    if (!this.#letGo.signal.aborted) await Promise.race([this.#tellUnfinished(), this.#givenUp.promise])
    if (!this.#store.durable) await this.#warnOfLost()
    this.#settlements.tellAll() // whoever waits asks the store itself
    this.#letGo.abort()
  }

  /** What a memory store still has goes with the process, unless another dispatcher of it sends that. */
  async #warnOfLost(): Promise<void> {
    const left = (await this.#store.counts()).filter(
      ({ hookId, state }) => state === 'waiting' && this.#hooks.has(hookId),
    )
    const deliveries = left.reduce((sum, { count }) => sum + count, 0)
    if (deliveries === 0) return
    const hooks = left.map(({ hookId }) => hookId).slice(0, mostNamed)
    this.#logger.warn(
      'The dispatcher is closed, and its store keeps nothing past the process: what still waits for another attempt is lost with it. `sqliteStore` and `postgresStore` keep it',
      { deliveries, hooks },
    )
  }

  /** The store does not answer. Nothing waits for it any more, and nothing of this process keeps what it claimed. */
  #giveUp(): void {
    if (this.#letGo.signal.aborted) return
    this.#letGo.abort()
    this.#logger.error(
      'The store took too long to close: what it did not take back is free when its lease ends',
    )
    this.#sender.giveUp()
    this.#givenUp.resolve()
  }

  /** Now, since the store may be closed next. */
  async #tellUnfinished(): Promise<void> {
    const { ids } = this.#settlements
    try {
      const deliveries = ids.length === 0 ? [] : await this.#store.get(ids)
      for (const [index, id] of ids.entries()) this.#settlements.tell(id, deliveries[index])
    } catch (error) {
      this.#logger.error('The unfinished deliveries could not be read', { error: textOfError(error) })
    } finally {
      this.#settlements.tellAll()
    }
  }

  #closeOn(signal: AbortSignal | undefined): void {
    const abort = (): void => void this.close({ deadlineMs: 0 })
    if (signal?.aborted === true) abort()
    else signal?.addEventListener('abort', abort, { once: true, signal: this.#letGo.signal })
  }
}

function transactionUnsupported(): ConfigurationError {
  const message =
    'Expected none, since this store records in transactions of its own alone, got one: use `postgresStore` of `deploy-hooks/postgres`, in the database of the transaction.'
  return new ConfigurationError('transaction_unsupported', 'transaction', message)
}

function isSame(one: Release, other: Release): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
