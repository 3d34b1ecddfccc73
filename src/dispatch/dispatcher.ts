import { hash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DispatcherClosedError } from '../errors.ts'
import { gotTransport } from '../http/got-transport.ts'
import { processWarnings, type Logger } from '../logger.ts'
import { parseRelease, type Release, type ReleaseInput } from '../release.ts'
import { memoryStore } from '../stores/memory.ts'
import type { Attempt, Delivery, DeliveryFilter, NewDelivery, Recorded, Store } from '../stores/store.ts'
import { Alarm, longestTimerMs } from './alarm.ts'
import { Courier } from './courier.ts'
import { Events, type DeadEvent, type DispatcherEvents, type HookInfo, type Listener } from './events.ts'
import { createHooks, type Hook } from './hook.ts'
import { Lanes } from './lanes.ts'
import { checkedOptions, type DispatcherOptions } from './options.ts'
import { scheduleOf } from './schedule.ts'

export interface DispatchOptions {
  /**
   * What makes a dispatch the same dispatch: one with a key that was recorded before sends nothing again.
   * @default the release's app and version
   * @example crypto.randomUUID() // send again, whatever was sent
   */
  readonly idempotencyKey?: string | undefined
  /** Aborted before the deliveries are recorded, it stops the dispatch; later it does nothing. */
  readonly signal?: AbortSignal | undefined
}

export interface Dispatch {
  /** As it was completed. What is sent is the `release` of each delivery, as it was first recorded. */
  readonly release: Release
  /** One for each hook that wants the release, as recorded. */
  readonly deliveries: readonly Delivery[]
  /** True when all of them had been recorded before: nothing new is sent. */
  readonly repeated: boolean
  /**
   * Resolves with the deliveries as they stand when each is delivered or dead, or when the dispatcher is closed: then
   * the unfinished ones are `waiting`. It never rejects because of a receiver.
   */
  readonly settled: (options?: { readonly signal?: AbortSignal | undefined }) => Promise<readonly Delivery[]>
}

export interface CloseOptions {
  /** How long to wait for what is queued or in flight, in milliseconds. What is left then is handed back. @default 15_000 */
  readonly deadlineMs?: number | undefined
}

export interface Dispatcher extends AsyncDisposable {
  /**
   * Tells every hook that wants it about a release. Resolves as soon as the deliveries are recorded; never throws
   * because of a receiver.
   *
   * @throws {@link ReleaseError} `release_invalid`, {@link DispatcherClosedError} `dispatcher_closed`, or what the store throws
   */
  dispatch(release: ReleaseInput, options?: DispatchOptions): Promise<Dispatch>
  /** What was sent and what failed, oldest first. */
  deliveries(filter?: DeliveryFilter): AsyncIterable<Delivery>
  /** What was tried for a delivery, first to last; empty for one that is not known, or forgotten. */
  attempts(deliveryId: string): Promise<readonly Attempt[]>
  /** @returns a function that takes the listener off again */
  on<Name extends keyof DispatcherEvents>(event: Name, listener: Listener<Name>): () => void
  /** Takes no more releases, waits for what is queued or in flight, hands the rest back to the store. May be called again. */
  close(options?: CloseOptions): Promise<void>
}

/**
 * Creates the dispatcher of a platform controller. Nothing is sent or opened before the first `dispatch()`.
 *
 * @throws {@link ConfigurationError} `option_invalid`, `hook_url_*`, `hook_duplicate`, `secret_invalid`
 * @example
 * await using dispatcher = createDispatcher({ hooks: ['https://hooks.example.com/deploy'], secret: process.env['KEY'] ?? '' })
 * await dispatcher.dispatch({ app: 'web', version: 4, user: 'gabrtv', sha: '35b3726' })
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  return new HookDispatcher(checkedOptions(options))
}

/** Deliveries claimed from the store at once. */
const claimLimit = 256
/** Fresh deliveries started in one turn of the event loop. */
const startsInATurn = 64
/** Fresh deliveries that wait to be started before `dispatch()` lets them: its awaits alone would never leave the turn. */
const mostUnstarted = 256
const defaultOverall = 64
const defaultCloseMs = 15_000

class HookDispatcher implements Dispatcher {
  readonly #hooks: ReadonlyMap<string, Hook>
  readonly #store: Store
  readonly #logger: Logger
  readonly #events: Events
  readonly #courier: Courier
  readonly #now: () => number
  readonly #alarm: Alarm
  readonly #closeTransport: () => void
  /** Ends what is in flight. */
  readonly #stop = new AbortController()
  /** What uses the store or the transport now. */
  readonly #busy = new Set<Promise<unknown>>()
  /** Recorded, and to be sent once their `dispatch()` has resolved. */
  readonly #fresh: Delivery[] = []
  /** Whom to tell that a delivery is final. */
  readonly #waiting = new Map<string, Set<() => void>>()
  readonly #disabled = new Set<string>()
  #opened: Promise<void> | undefined
  #closed: Promise<void> | undefined

  constructor(options: DispatcherOptions) {
    this.#logger = options.logger ?? processWarnings
    this.#hooks = new Map(createHooks(options, this.#logger).map((hook) => [hook.id, hook]))
    this.#store = options.store ?? memoryStore()
    this.#events = new Events(this.#logger)
    this.#now = options.now ?? (() => Date.now())
    this.#alarm = new Alarm(this.#now, () => void this.#track(this.#resume()))
    const transport = options.transport ?? gotTransport()
    this.#closeTransport = () => transport.close()
    this.#courier = new Courier({
      transport,
      lanes: new Lanes(options.concurrency?.overall ?? defaultOverall),
      schedule: scheduleOf(options.retry),
      signal: this.#stop.signal,
      now: this.#now,
      random: options.random ?? (() => Math.random()),
    })
    setMaxListeners(0, this.#stop.signal) // one for each request in flight
    this.#closeOn(options.signal)
  }

  async dispatch(input: ReleaseInput, options: DispatchOptions = {}): Promise<Dispatch> {
    if (this.#fresh.length >= mostUnstarted) await nextTurn()
    if (this.#closed !== undefined) throw new DispatcherClosedError()
    const release = parseRelease(input)
    options.signal?.throwIfAborted()
    const recorded = await this.#track(this.#record(release, options.idempotencyKey))
    const deliveries = recorded.map(({ delivery }) => delivery)
    const ids = deliveries.map(({ id }) => id)
    const repeated = recorded.length > 0 && recorded.every(({ fresh }) => !fresh)
    return { release, deliveries, repeated, settled: (waiting) => this.#settled(ids, waiting?.signal) }
  }

  deliveries(filter: DeliveryFilter = {}): AsyncIterable<Delivery> {
    return this.#store.list(filter)
  }

  attempts(deliveryId: string): Promise<readonly Attempt[]> {
    return this.#store.attempts(deliveryId)
  }

  on<Name extends keyof DispatcherEvents>(event: Name, listener: Listener<Name>): () => void {
    return this.#events.on(event, listener)
  }

  close({ deadlineMs = defaultCloseMs }: CloseOptions = {}): Promise<void> {
    if (!(deadlineMs >= 0))
      throw new RangeError(`Expected \`deadlineMs\` to be a non-negative number, got \`${deadlineMs}\``)
    this.#closed ??= this.#drain()
    const timer = setTimeout(() => this.#stop.abort(), Math.min(deadlineMs, longestTimerMs))
    return this.#closed.finally(() => clearTimeout(timer))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Once, and again after a fault of the store. */
  #open(): Promise<void> {
    this.#opened ??= this.#readStore().catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  /** What an earlier process left waiting goes on, and hooks it disabled stay disabled. */
  async #readStore(): Promise<void> {
    for (const id of await this.#store.disabledHooks()) this.#disabled.add(id)
    this.#alarm.set(await this.#store.nextDueAt(this.#hooks.keys()))
  }

  #deliveriesOf(release: Release, idempotencyKey: string | undefined): NewDelivery[] {
    const recordedAt = this.#now()
    const key =
      idempotencyKey === undefined ? ['release', release.app, release.version] : ['key', idempotencyKey]
    return [...this.#hooks.values()]
      .filter((hook) => hook.wants(release))
      .map(({ id: hookId }) => {
        const digest = hash('sha256', JSON.stringify([...key, hookId]), 'hex')
        return { id: `dlv_${digest.slice(0, 32)}`, hookId, release, recordedAt }
      })
  }

  async #record(release: Release, idempotencyKey: string | undefined): Promise<readonly Recorded[]> {
    await this.#open()
    const recorded = await this.#store.record(this.#deliveriesOf(release, idempotencyKey))
    this.#send(recorded.filter(({ fresh }) => fresh).map(({ delivery }) => delivery))
    const other = recorded.find(({ fresh, delivery }) => !fresh && !isSame(delivery.release, release))
    if (other !== undefined) {
      const message =
        'A release was dispatched again with other facts: what was recorded first is sent. Give an `idempotencyKey` to send both'
      this.#logger.warn(message, { deliveryId: other.delivery.id })
    }
    return recorded
  }

  /** Sends after the caller has gone on: a request costs a third of a millisecond, which is not the deploy's. */
  #send(deliveries: readonly Delivery[]): void {
    const isFirst = this.#fresh.length === 0
    this.#fresh.push(...deliveries)
    if (isFirst && deliveries.length > 0) setImmediate(() => this.#startSome())
  }

  /** A few in each turn of the event loop: sending to 1,000 hooks in one would stall the controller for 250 ms. */
  #startSome(): void {
    for (const delivery of this.#fresh.splice(0, startsInATurn)) this.#start(delivery)
    if (this.#fresh.length > 0) setImmediate(() => this.#startSome())
  }

  #start(delivery: Delivery): void {
    // A microtask later, so that a `close()` from inside the transport finds the delivery among the busy ones.
    const done = Promise.resolve()
      .then(() => this.#deliver(delivery))
      .catch((error: unknown) => {
        // The store could not take the attempt: the delivery stays claimed there, and is not sent again from here.
        const fields = { deliveryId: delivery.id, error: String(error) }
        this.#logger.error('A delivery could not be settled', fields)
      })
    void this.#track(done)
  }

  /** `close()` waits for it. */
  #track<Value>(work: Promise<Value>): Promise<Value> {
    this.#busy.add(work)
    const done = (): void => void this.#busy.delete(work)
    work.then(done, done)
    return work
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const hook = this.#hooks.get(delivery.hookId) as Hook // recorded for, or claimed by, these hooks
    if (this.#disabled.has(hook.id)) return this.#endDisabled(hook, delivery)
    const attempt = await this.#courier.attempt(hook, delivery)
    if (attempt === undefined) return this.#store.release([delivery.id])
    const settled = await this.#store.settle(attempt)
    const isGone = attempt.outcome.kind === 'dead' && attempt.outcome.verdict === 'gone'
    if (isGone) this.#disabled.add(hook.id)
    this.#tell(hook, settled, attempt)
    if (isGone) await this.#rememberDisabled(hook)
  }

  #tell(hook: Hook, delivery: Delivery, attempt: Attempt): void {
    const about = { hook: infoOf(hook), delivery }
    const { outcome } = attempt
    this.#events.emit('attempt', { ...about, attempt })
    switch (outcome.kind) {
      case 'retry':
        this.#alarm.set(outcome.at)
        this.#events.emit('retrying', { ...about, attempt: { ...attempt, outcome } })
        break
      case 'delivered':
        this.#events.emit('delivered', { ...about, attempt: { ...attempt, outcome } })
        this.#wake(delivery.id)
        break
      case 'dead':
        this.#tellDead({ ...about, outcome, attempt })
        break
    }
  }

  #tellDead(event: DeadEvent): void {
    const { hook, delivery, outcome } = event
    const { reason, verdict } = outcome
    this.#events.emit('dead', event)
    this.#wake(delivery.id)
    this.#logger.warn('A delivery is dead', { ...hook, deliveryId: delivery.id, reason, verdict })
  }

  async #rememberDisabled(hook: Hook): Promise<void> {
    this.#events.emit('hook-disabled', { hook: infoOf(hook), reason: 'gone' })
    await this.#store.disableHook(hook.id, this.#now())
    this.#logger.warn('A hook is disabled: its receiver answered 410 Gone', { ...infoOf(hook) })
  }

  async #endDisabled(hook: Hook, { id }: Delivery): Promise<void> {
    const outcome = { kind: 'dead', reason: 'hook-disabled', verdict: 'hook-disabled' } as const
    const delivery = await this.#store.end(id, outcome, this.#now())
    this.#tellDead({ hook: infoOf(hook), delivery, outcome })
  }

  /** Takes what is due from the store, and sets the alarm for what is not. */
  async #resume(): Promise<void> {
    try {
      let claimed: readonly Delivery[]
      do {
        claimed = await this.#store.claim({ hooks: this.#hooks.keys(), now: this.#now(), limit: claimLimit })
        for (const delivery of claimed) this.#start(delivery)
      } while (claimed.length === claimLimit)
      this.#alarm.set(await this.#store.nextDueAt(this.#hooks.keys()))
    } catch (error) {
      this.#logger.error('Due deliveries could not be read', { error: String(error) })
    }
  }

  async #settled(ids: readonly string[], signal?: AbortSignal): Promise<readonly Delivery[]> {
    await unlessAborted(Promise.all(ids.map((id) => this.#finalised(id))), signal)
    const deliveries = await this.#store.get(ids)
    return deliveries.filter((delivery) => delivery !== undefined)
  }

  /** Resolves when the delivery is final, or the dispatcher has closed. Listens before it looks, so that it misses nothing. */
  async #finalised(id: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const listeners = this.#waiting.get(id) ?? new Set()
    this.#waiting.set(id, listeners.add(resolve))
    const [delivery] = await this.#store.get([id])
    if (delivery?.state !== 'waiting' || this.#stop.signal.aborted) this.#wake(id)
    await promise
  }

  #wake(id: string): void {
    for (const resolve of this.#waiting.get(id) ?? []) resolve()
    this.#waiting.delete(id)
  }

  async #drain(): Promise<void> {
    this.#alarm.close()
    do {
      for (const delivery of this.#fresh.splice(0)) this.#start(delivery)
      await Promise.allSettled(this.#busy)
    } while (this.#busy.size + this.#fresh.length > 0)
    this.#stop.abort()
    this.#closeTransport()
    for (const id of this.#waiting.keys()) this.#wake(id)
  }

  #closeOn(signal: AbortSignal | undefined): void {
    const abort = (): void => void this.close({ deadlineMs: 0 })
    if (signal?.aborted === true) abort()
    else signal?.addEventListener('abort', abort, { once: true, signal: this.#stop.signal })
  }
}

function isSame(one: Release, other: Release): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function infoOf(hook: Hook): HookInfo {
  return { id: hook.id, url: hook.url.wire.base }
}

/** What the promise gives, unless the signal is aborted first. The signal is let go of in either case. */
async function unlessAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (signal === undefined) return promise
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason as Error)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
