import pRetry from 'p-retry'
import { DispatcherClosedError } from '../../errors.ts'
import type { LaneMember, LaneWorker, SharedLanes } from '../../stores/shared-lanes.ts'
import type { Holdings } from './claimed-deliveries.ts'
import type { LaneMemory } from './lane.ts'
import type { Lanes } from './lanes.ts'
import type { Reporter } from '../reporter.ts'

export interface HeldLanesOptions {
  readonly hookIds: readonly string[]
  /** Absent for a store that does not say who sends to which hook: then this process sends to all. */
  readonly shared: SharedLanes | undefined
  readonly lanes: Lanes
  readonly holdings: Holdings
  readonly reporter: Reporter
  /** Done before this process takes part, and again when it could not. */
  readonly prepare: () => Promise<void>
  /** Something may be due for a hook that is held. */
  readonly onDue: () => void
  /** A hook is not this process's any more, and what waits for its places is handed back. */
  readonly onGone: (hookId: string) => void
}

/** How long a store that cannot be reached is tried, until the dispatcher closes: p-retry's options. */
const joining = { retries: Number.POSITIVE_INFINITY, minTimeout: 100, maxTimeout: 5000, factor: 2 }

/** Which hooks this process sends to: none before it starts; then all, or those whose lanes the store gives it. */
export class HeldLanes {
  readonly #options: HeldLanesOptions
  readonly #held = new Set<string>()
  /** Nothing more of them is started, and they are handed back when nothing is in flight. */
  readonly #leaving = new Set<string>()
  readonly #releasing = new Set<Promise<void>>()
  /** By hook: number of the loss that was its last one. */
  readonly #lostAt = new Map<string, number>()
  #losses = 0
  readonly #closing = new AbortController()
  #starting: Promise<void> | undefined
  #member: LaneMember | undefined

  constructor(options: HeldLanesOptions) {
    this.#options = options
  }

  get ids(): ReadonlySet<string> {
    return this.#held
  }

  has(hookId: string): boolean {
    return this.#held.has(hookId)
  }

  /** Whether deliveries may be claimed now. A process that slept may have lost the lane without having heard of it. */
  mayClaim(hookId: string): boolean {
    return this.#held.has(hookId) && this.#isCertain(hookId)
  }

  /** How many lanes were lost so far. */
  get losses(): number {
    return this.#losses
  }

  /** Whether a request may be started now for what was claimed after so many losses: not if its own lane was lost since, and has come back. */
  mayStart(hookId: string, losses: number): boolean {
    const isOurs = this.#held.has(hookId) || this.#leaving.has(hookId)
    return isOurs && (this.#lostAt.get(hookId) ?? 0) <= losses && this.#isCertain(hookId)
  }

  /** Resolves when this process takes part. */
  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  /** Something of a hook is no more claimed, nor in flight. */
  finished(hookId: string): void {
    const { holdings, reporter } = this.#options
    const member = this.#member // absent while it joins, when lanes may be given and asked for already
    if (member === undefined || !this.#leaving.has(hookId) || holdings.hasAny(hookId)) return
    this.#leaving.delete(hookId)
    const released = member.release(hookId).catch((error: unknown) => {
      reporter.fault('A lane could not be handed back, and is free when its lease ends', error, { hookId })
    })
    this.#releasing.add(released)
    void released.then(() => this.#releasing.delete(released))
  }

  /** A breaker has opened or closed, or a pause has begun or ended: whoever has the lane next is to know, also when this process is killed. */
  remember(hookId: string): void {
    if (!this.#held.has(hookId)) return
    this.#member?.remember(hookId).catch((error: unknown) => {
      this.#options.reporter.fault('The state of a lane could not be remembered', error, { hookId })
    })
  }

  /** Takes no more lanes, and hands those back that have nothing in hand. The others follow when they are finished. */
  close(): void {
    if (this.#closing.signal.aborted) return
    this.#closing.abort(new DispatcherClosedError())
    this.#member?.retire().catch((error: unknown) => {
      this.#options.reporter.fault('A worker could not say that it closes, and is missed in a moment', error)
    })
    for (const hookId of this.#held) {
      this.#held.delete(hookId)
      this.#leaving.add(hookId)
      this.finished(hookId)
    }
  }

  /** Hands all back that is left. */
  async leave(): Promise<void> {
    this.close()
    try {
      await this.#starting?.catch(() => undefined) // told by whoever started
      await Promise.all(this.#releasing)
      await this.#member?.leave()
    } catch (error) {
      this.#options.reporter.fault(
        'Lanes could not be handed back, and are free when their lease ends',
        error,
      )
    }
  }

  /** Waits for nothing: what is not handed back yet is free when its lease ends, or when it is finished. */
  abandon(): void {
    this.close()
    this.#member?.abandon()
  }

  async #start(): Promise<void> {
    const { hookIds, shared, lanes, onDue } = this.#options
    if (shared !== undefined) {
      this.#member = await this.#join(shared)
      for (const hookId of this.#leaving) this.finished(hookId)
      // Of lanes that were given meanwhile.
      for (const hookId of this.#held)
        if (lanes.lane(hookId).closedUntil > 0 || lanes.lane(hookId).memory.breaker !== undefined)
          this.remember(hookId)
      return
    }
    for (const hookId of hookIds) this.#held.add(hookId)
    onDue()
  }

  #join(shared: SharedLanes): Promise<LaneMember> {
    const { hookIds, lanes, reporter, prepare, onDue } = this.#options
    const worker: LaneWorker = {
      hooks: hookIds,
      given: (hookId, memory) => this.#given(hookId, memory as Partial<LaneMemory> | null | undefined),
      asked: (hookId) => this.#asked(hookId),
      lost: (hookId) => this.#lost(hookId),
      due: (ids) => {
        if (ids.some((id) => this.#held.has(id))) onDue()
      },
      memory: (hookId, isLast) => lanes.memory(hookId, isLast),
      failed: (error) => reporter.lastingFault('The store could not be asked for lanes', error),
    }
    const { signal } = this.#closing
    const join = async (): Promise<LaneMember> => {
      await prepare()
      const member = await shared.join(worker)
      if (!signal.aborted) return member
      await member.leave()
      throw new DispatcherClosedError()
    }
    const onFailedAttempt = ({ error }: { readonly error: Error }): void => worker.failed(error)
    return pRetry(join, { ...joining, signal, onFailedAttempt, shouldRetry: () => !signal.aborted })
  }

  #isCertain(hookId: string): boolean {
    return this.#member?.holds(hookId) ?? true
  }

  #given(hookId: string, memory: Partial<LaneMemory> | null | undefined): void {
    this.#leaving.delete(hookId)
    this.#held.add(hookId) // before its breaker tells that it is open, so that it is remembered for this holder too
    if (memory !== undefined) {
      const isClosed = this.#options.lanes.recall(hookId, memory)
      // A breaker that is open says so itself.
      if (isClosed && this.#options.lanes.lane(hookId).memory.breaker === undefined) this.remember(hookId)
    }
    if (!this.#closing.signal.aborted) {
      this.#options.onDue()
      return
    }
    this.#held.delete(hookId)
    this.#leaving.add(hookId)
    this.finished(hookId)
  }

  #asked(hookId: string): void {
    if (!this.#held.delete(hookId)) return
    this.#leaving.add(hookId)
    this.#options.onGone(hookId)
    this.finished(hookId)
  }

  #lost(hookId: string): void {
    this.#losses += 1
    this.#lostAt.set(hookId, this.#losses)
    this.#leaving.delete(hookId)
    if (this.#held.delete(hookId)) this.#options.onGone(hookId)
  }
}
