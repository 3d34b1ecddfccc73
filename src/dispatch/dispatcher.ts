import { setImmediate as nextTurn } from 'node:timers/promises'
import { ConfigurationError } from '../errors.ts'
import type { Attempt, Delivery } from '../delivery.ts'
import { checkHooks, type HookCheck } from '../hooks/check.ts'
import type { Hooks } from '../hooks/registry.ts'
import { aText, checkFields, readBy, type Field, type Fields } from '../option-fields.ts'
import { mismatch } from '../option-problems.ts'
import type { ReleaseInput } from '../release.ts'
import type { Intake, ReleaseTaker } from '../stores/inbox.ts'
import type { Count, Store } from '../stores/store.ts'
import type { CloseOptions, Dispatch, Dispatcher, DispatchOptions } from './api.ts'
import type { DispatcherEvents, Events, Listener } from './events.ts'
import { deliveriesIn } from './pages.ts'
import { checkedListQuery, checkedPrune, type DeliveryListQuery, type DeliveryQuery } from './query.ts'
import type { Replay, Replayer, ReplayOptions } from './replayer.ts'
import type { Reporter } from './reporter.ts'
import type { SettledDeliveries } from './settled.ts'
import type { Shutdown } from './shutdown.ts'
import { statusOf, type HookStatus } from './status.ts'
import { withSummaryCut } from './summary-cut.ts'
import type { Teller, Told, TellOptions } from './teller.ts'
import type { HookHealth } from './worker/health.ts'
import type { Lanes } from './worker/lanes.ts'
import type { Worker } from './worker/worker.ts'

export interface DispatcherParts {
  readonly hooks: Hooks
  readonly store: Store
  readonly teller: Teller
  readonly replayer: Replayer
  readonly settled: SettledDeliveries
  readonly worker: Worker
  readonly lanes: Lanes
  readonly health: HookHealth
  readonly events: Events
  readonly reporter: Reporter
  readonly shutdown: Shutdown
  readonly now: () => number
}

/** After so many dispatches one waits for the next turn of the event loop: their awaits alone would never leave it to requests and timers. */
const dispatchesInATurn = 64
const defaultCloseMs = 15_000
/** Options that are not given, and so need no check: it would take a twentieth of a dispatch. */
const none = {}

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

/** The face of a dispatcher: checks what it is asked, and asks the part that does it. */
export class HookDispatcher implements Dispatcher {
  readonly #parts: DispatcherParts
  #intake: Intake | undefined
  #dispatched = 0

  constructor(parts: DispatcherParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    const { shutdown, store, worker } = this.#parts
    shutdown.refuse()
    this.#intake ??= store.inbox?.open(this.#taker())
    await worker.start()
  }

  async dispatch(input: ReleaseInput, options: DispatchOptions = none): Promise<Dispatch> {
    if (options !== none) checkFields(options, fieldsOf.dispatch, { of: 'dispatch()' })
    const { release, news, recorded, isOver } = await this.#tell(input, options)
    const ids = recorded.map(({ delivery }) => delivery.id)
    const isFresh = recorded.some(({ fresh }) => fresh)
    return {
      release,
      deliveries: recorded.map(({ delivery }) => this.#withSummaryCut(delivery)),
      repeated: !isFresh && (news === 'repeated' || recorded.length > 0),
      late: news === 'late',
      settled: (waiting = none) => this.#settled(ids, waiting, isOver),
    }
  }

  async replay(target: string | DeliveryQuery, options: ReplayOptions = {}): Promise<Replay> {
    const { replayer, shutdown, worker } = this.#parts
    shutdown.refuse()
    checkFields(options, fieldsOf.replay, { of: 'replay()' })
    const ids = await worker.during(() => replayer.replay(target, options))
    return { ids, settled: (waiting = none) => this.#settled(ids, waiting) }
  }

  deliveries(query: DeliveryListQuery = {}): AsyncIterable<Delivery> {
    const { filter, order } = checkedListQuery(query, 'deliveries()')
    return mapped(deliveriesIn(this.#parts.store, filter, order), (stored) => this.#shown(stored))
  }

  async delivery(deliveryId: string): Promise<Delivery | undefined> {
    checkId(deliveryId)
    const [stored] = await this.#parts.store.get([deliveryId])
    return stored && this.#shown(stored)
  }

  async attempts(deliveryId: string): Promise<readonly Attempt[]> {
    checkId(deliveryId)
    return this.#parts.store.attempts(deliveryId)
  }

  async counts(): Promise<readonly Count[]> {
    const { hooks, store } = this.#parts
    return hooks.former.counts(await store.counts())
  }

  async prune(options: { readonly olderThan: Date | number }): Promise<number> {
    return this.#parts.store.prune(checkedPrune(options))
  }

  hooks(): readonly HookStatus[] {
    const { health, hooks, lanes, now, worker } = this.#parts
    const time = now()
    return hooks.all.map((hook) => statusOf(hook, lanes.peek(hook.id), health, worker.holds(hook.id), time))
  }

  check(): Promise<readonly HookCheck[]> {
    return checkHooks(this.#parts.hooks.all)
  }

  async enable(hookId: string): Promise<void> {
    const { health, now, reporter } = this.#parts
    const hook = this.#parts.hooks.known(hookId)
    await health.enable(hookId, now())
    this.#parts.worker.switched(hook, 'enabled')
    reporter.enabled(hook)
  }

  async disable(hookId: string): Promise<void> {
    const { health, now, reporter } = this.#parts
    const hook = this.#parts.hooks.known(hookId)
    await health.disable(hookId, 'operator', now())
    this.#parts.worker.switched(hook, 'disabled')
    reporter.disabled(hook, 'operator')
  }

  on<Name extends keyof DispatcherEvents>(event: Name, listener: Listener<Name>): () => void {
    return this.#parts.events.on(event, listener)
  }

  close(options: CloseOptions = {}): Promise<void> {
    checkFields(options, fieldsOf.close, { of: 'close()' })
    const { deadlineMs = defaultCloseMs } = options
    return this.#parts.shutdown.close(deadlineMs, this.#intake)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #tell(input: ReleaseInput, options: TellOptions): Promise<Told> {
    const { shutdown, teller } = this.#parts
    this.#dispatched += 1
    if (this.#dispatched % dispatchesInATurn === 0) await nextTurn()
    shutdown.refuse()
    return teller.tell(input, options)
  }

  /** Takes releases from the store's inbox. */
  #taker(): ReleaseTaker {
    const { reporter } = this.#parts
    return {
      take: (release, options) => this.#tell(release as ReleaseInput, options),
      refused: (job, error) =>
        reporter.fault('A release that was left in the database is refused', error, { job }),
      failed: (error) =>
        reporter.lastingFault('Releases that were left in the database could not be taken yet', error),
    }
  }

  async #settled(
    ids: readonly string[],
    waiting: { readonly signal?: AbortSignal | undefined },
    isOver?: () => Promise<boolean>,
  ): Promise<readonly Delivery[]> {
    if (waiting !== none) checkFields(waiting, fieldsOf.settled, { of: 'settled()' })
    const deliveries = await this.#parts.settled.settled(ids, waiting.signal, isOver)
    return deliveries.map((delivery) => this.#shown(delivery))
  }

  /** As of the hook of now. */
  #shown(stored: Delivery): Delivery {
    return this.#withSummaryCut(this.#parts.hooks.former.named(stored))
  }

  #withSummaryCut(delivery: Delivery): Delivery {
    return withSummaryCut(this.#parts.hooks.byId.get(delivery.hookId), delivery)
  }
}

async function* mapped<T>(values: AsyncIterable<T>, by: (value: T) => T): AsyncIterable<T> {
  for await (const value of values) yield by(value)
}

/** @throws {@link ConfigurationError} `option_invalid` */
function checkId(deliveryId: unknown): void {
  if (typeof deliveryId === 'string') return
  const message = mismatch('the id of a delivery', deliveryId, 'give the `id` that a delivery has')
  throw new ConfigurationError('option_invalid', 'deliveryId', message)
}
