import pRetry from 'p-retry'
import { DispatcherClosedError } from '../../errors.ts'
import type { LaneMember, LaneWorker, SharedLanes } from '../../stores/shared-lanes.ts'
import { untilItWorks } from '../../until-it-works.ts'
import type { ClaimedDeliveries } from './claimed-deliveries.ts'
import type { Term } from './execution.ts'
import type { LaneMemory } from './lane.ts'
import type { Lanes } from './lanes.ts'
import type { Mover } from './mover.ts'
import type { Settler } from './settler.ts'
import { always, Terms } from './terms.ts'
import type { WakeTimer } from './wake-timer.ts'
import type { Reporter } from '../reporter.ts'

export interface OwnershipOptions {
  readonly hookIds: readonly string[]
  /** Absent for a store that does not say who sends to which hook: then this process sends to all. */
  readonly shared: SharedLanes | undefined
  readonly lanes: Lanes
  readonly claimed: ClaimedDeliveries
  readonly settler: Pick<Settler, 'returnClaims'>
  readonly mover: Pick<Mover, 'begin'>
  readonly wakes: WakeTimer
  readonly reporter: Reporter
  readonly now: () => number
}

/** Which hooks this process sends to: none before it starts; then all, or those that the store gives it. */
export class Ownership {
  readonly #options: OwnershipOptions
  readonly #held = new Set<string>()
  /** Nothing more of them is started, and they are yielded when nothing is in flight. */
  readonly #leaving = new Set<string>()
  readonly #yielding = new Set<Promise<void>>()
  readonly #terms = new Terms(this)
  readonly #closing = new AbortController()
  #starting: Promise<void> | undefined
  #member: LaneMember | undefined

  constructor(options: OwnershipOptions) {
    this.#options = options
    if (this.isShared) options.claimed.emptied.listen((hookId) => this.#yieldIfLeaving(hookId))
  }

  /** Whether the store shares the hooks out among its workers. */
  get isShared(): boolean {
    return this.#options.shared !== undefined
  }

  /** Whether this process sends to every hook, and need not look for what others send. */
  get sendsToAll(): boolean {
    return !this.isShared && this.#starting !== undefined
  }

  get ids(): ReadonlySet<string> {
    return this.#held
  }

  /** Whether deliveries may be claimed now. A process that slept may have lost the hook without having heard of it. */
  mayClaim(hookId: string): boolean {
    return this.#held.has(hookId) && this.#isCertain(hookId)
  }

  /** In which what is claimed from now on is sent. */
  term(hookId: string): Term {
    return this.isShared ? this.#terms.of(hookId) : always
  }

  /** Whether it is certain that the hook is this process's, until what is in hand of it is sent at least. */
  isOurs(hookId: string): boolean {
    return (this.#held.has(hookId) || this.#leaving.has(hookId)) && this.#isCertain(hookId)
  }

  /** Whether it stays this process's until that closes. */
  keeps(hookId: string): boolean {
    return this.#held.has(hookId) || this.#closing.signal.aborted
  }

  /** Resolves when this process takes part. */
  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  /** A breaker has opened or closed, or a pause has begun or ended: whoever has the lane next is to know, also when this process is killed. */
  remember(hookId: string): void {
    if (!this.#held.has(hookId)) return
    this.#member?.remember(hookId).catch((error: unknown) => {
      this.#options.reporter.fault('The state of a lane could not be remembered', error, { hookId })
    })
  }

  /** Takes no more hooks, and yields those that have nothing in hand. The others follow when they are finished. */
  retire(): void {
    if (this.#closing.signal.aborted) return
    this.#closing.abort(new DispatcherClosedError())
    this.#member?.retire().catch((error: unknown) => {
      this.#options.reporter.fault('A worker could not say that it closes, and is missed in a moment', error)
    })
    for (const hookId of this.#held) this.#leave(hookId)
  }

  /** Yields all that is left. */
  async leave(): Promise<void> {
    this.retire()
    try {
      await this.#starting?.catch(() => undefined) // told by whoever started
      await Promise.all(this.#yielding)
      await this.#member?.leave()
    } catch (error) {
      this.#options.reporter.fault(
        'Lanes could not be handed back, and are free when their lease ends',
        error,
      )
    }
  }

  /** Waits for nothing: what is not yielded yet is free when its lease ends, or when it is finished. */
  abandon(): void {
    this.retire()
    this.#member?.abandon()
  }

  async #start(): Promise<void> {
    const { hookIds, shared, lanes, wakes } = this.#options
    if (shared === undefined) {
      for (const hookId of hookIds) this.#held.add(hookId)
      wakes.wake()
      return
    }
    this.#member = await this.#join(shared)
    for (const hookId of this.#leaving) this.#yieldIfLeaving(hookId)
    // Of hooks that were given meanwhile.
    for (const hookId of this.#held)
      if (lanes.peek(hookId).closedUntil > 0 || lanes.peek(hookId).breaker?.memory !== undefined)
        this.remember(hookId)
  }

  #join(shared: SharedLanes): Promise<LaneMember> {
    const { hookIds, lanes, mover, reporter, wakes } = this.#options
    const worker: LaneWorker = {
      hooks: hookIds,
      given: (hookId, memory) => this.#given(hookId, memory as Partial<LaneMemory> | null | undefined),
      asked: (hookId) => this.#asked(hookId),
      lost: (hookId) => this.#lost(hookId),
      due: (ids) => {
        if (ids.some((id) => this.#held.has(id))) wakes.wake()
      },
      memory: (hookId, isLast) => lanes.peek(hookId).memory(isLast),
      failed: (error) => reporter.lastingFault('The store could not be asked for lanes', error),
    }
    const { signal } = this.#closing
    const join = async (): Promise<LaneMember> => {
      await mover.begin()
      const member = await shared.join(worker)
      if (!signal.aborted) return member
      await member.leave()
      throw new DispatcherClosedError()
    }
    const onFailedAttempt = ({ error }: { readonly error: Error }): void => worker.failed(error)
    return pRetry(join, { ...untilItWorks, signal, onFailedAttempt, shouldRetry: () => !signal.aborted })
  }

  #isCertain(hookId: string): boolean {
    return this.#member?.holds(hookId) ?? true
  }

  #given(hookId: string, memory: Partial<LaneMemory> | null | undefined): void {
    const { lanes, now, wakes } = this.#options
    this.#leaving.delete(hookId)
    this.#held.add(hookId) // before its breaker tells that it is open, so that it is remembered for this holder too
    if (memory !== undefined) {
      const lane = lanes.lane(hookId)
      lane.recall(memory, now())
      // A breaker that is open says so itself.
      if (lane.closedUntil > now() && lane.breaker?.memory === undefined) this.remember(hookId)
    }
    if (this.#closing.signal.aborted) this.#leave(hookId)
    else wakes.wake()
  }

  /** Another worker has too few. */
  #asked(hookId: string): void {
    if (!this.#held.has(hookId)) return
    returnWaiting(hookId, this.#options)
    this.#leave(hookId)
  }

  #lost(hookId: string): void {
    this.#terms.end(hookId)
    this.#leaving.delete(hookId)
    if (this.#held.delete(hookId)) returnWaiting(hookId, this.#options)
  }

  #leave(hookId: string): void {
    this.#held.delete(hookId)
    this.#leaving.add(hookId)
    this.#yieldIfLeaving(hookId)
  }

  /** When nothing of it is claimed any more, nor in flight. */
  #yieldIfLeaving(hookId: string): void {
    const { claimed, reporter } = this.#options
    const member = this.#member // absent while it joins, when hooks may be given and asked for already
    if (member === undefined || !this.#leaving.has(hookId) || claimed.hasAny(hookId)) return
    this.#leaving.delete(hookId)
    this.#terms.end(hookId) // of a claim that is on its way as well
    const yielded = member.release(hookId).catch((error: unknown) => {
      reporter.fault('A lane could not be handed back, and is free when its lease ends', error, { hookId })
    })
    this.#yielding.add(yielded)
    void yielded.then(() => this.#yielding.delete(yielded))
  }
}

/** What waits for a place is claimed by whoever has the hook next. */
function returnWaiting(hookId: string, { settler, lanes }: OwnershipOptions): void {
  settler.returnClaims(lanes.peek(hookId).clear())
}
