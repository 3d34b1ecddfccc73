import { Queue } from '../../queue.ts'
import type { BreakerReading } from './breaker.ts'
import type { Hook } from '../../hooks/hook.ts'
import type { Execution } from './execution.ts'
import { Lane, type LaneSign } from './lane.ts'
import { Topic } from './topic.ts'
import { WakeTimer } from './wake-timer.ts'

export interface LanesOptions {
  readonly hooks: ReadonlyMap<string, Hook>
  /** Requests in flight in all. */
  readonly overall: number
  readonly now: () => number
}

/** Share of all places that is kept at most for the first requests of lanes that have none in flight. */
const mostKept = 1 / 2
/** Share of all places that hooks which do not answer may take together. */
const mostInDoubt = 3 / 4

/** A delivery whose place was taken: it is to be sent, and {@link Lanes.left} to be called. */
export interface Placed {
  readonly hook: Hook
  readonly execution: Execution
}

/**
 * Places for requests. It starts nothing: it tells what may start. Every hook has a lane with so many places of its own, and all lanes share a number of places, in turns:
 *
 * - a hook that has a place gets another one only while there is one for each hook that has none, or half of all are left,
 * - hooks that do not answer have one place each, and three quarters of all together at most.
 *
 * So a hook that has nothing in flight finds a place, unless more hooks than there are places begin to hang at once.
 */
export class Lanes {
  /** Something that waits may have a place by now, though nothing was added, put back or has left. */
  readonly ready: Topic = new Topic()
  /** A breaker has opened, half-opened or closed. */
  readonly breakers: Topic<[hook: Hook, reading: BreakerReading]> = new Topic()
  readonly #hooks: ReadonlyMap<string, Hook>
  /** Of hooks that were sent to lately, or are to be. */
  readonly #lanes = new Map<string, Lane>()
  readonly #overall: number
  readonly #now: () => number
  readonly #timer: WakeTimer
  /** Lanes that may have something to send: those that answer, or were not tried yet, and those that do not answer. */
  readonly #lines = { sound: new Queue<Lane>(), doubtful: new Queue<Lane>() }
  #inFlight = 0
  #lanesInFlight = 0
  /** In flight to hooks that do not answer. */
  #inDoubt = 0
  #doubtfulNext = false

  constructor({ hooks, overall, now }: LanesOptions) {
    this.#hooks = hooks
    this.#overall = overall
    this.#now = now
    this.#timer = new WakeTimer(now)
    this.#timer.woken.listen(() => this.#lineUpAll())
  }

  /** Of hooks that were sent to lately, or are to be. */
  get ids(): Iterable<string> {
    return this.#lanes.keys()
  }

  /** Made when it is first asked for, and kept until it is at rest. */
  lane(hookId: string): Lane {
    let lane = this.#lanes.get(hookId)
    if (lane === undefined) {
      lane = this.#newLane(hookId)
      this.#lanes.set(hookId, lane)
    }
    return lane
  }

  /** To look at alone: one that was not there is not kept. */
  peek(hookId: string): Lane {
    return this.#lanes.get(hookId) ?? this.#newLane(hookId)
  }

  /** Forgets lanes of which there is nothing to know: most hooks are sent to now and then. */
  dropThoseAtRest(): void {
    const now = this.#now()
    for (const [hookId, lane] of this.#lanes) if (lane.isAtRest(now)) this.#lanes.delete(hookId)
  }

  /** Deliveries that have no place. */
  get waiting(): number {
    return [...this.#lanes.values()].reduce((sum, { waiting }) => sum + waiting, 0)
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Claims of a hook to hold at most just now. */
  mostHeld(hookId: string): number {
    return this.peek(hookId).mostHeld(this.#now())
  }

  /** Lets a delivery wait for a place. */
  add(execution: Execution): void {
    const lane = this.lane(execution.hookId)
    lane.add(execution)
    this.#lineUp(lane)
  }

  /** Takes a place for what may start now, of one lane after the other; `undefined` for nothing. */
  next(): Placed | undefined {
    const now = this.#now()
    for (let passed = 0; this.#inFlight < this.#overall && passed <= this.#lanes.size; passed += 1) {
      const lane = this.#nextInLine()
      if (lane === undefined) return undefined
      lane.inLine = false
      const { readyAt } = lane
      if (readyAt > now) {
        this.#timer.wakeAt(readyAt)
        continue
      }
      const placed = this.#mayStart(lane) ? { hook: lane.hook, execution: this.#take(lane, now) } : undefined
      this.#lineUp(lane)
      if (placed !== undefined) return placed
    }
    return undefined
  }

  /** The exchange is over, and with it the place is free. */
  left(hookId: string, sign: LaneSign): void {
    const lane = this.lane(hookId)
    this.#inFlight -= 1
    if (lane.answering === false) this.#inDoubt -= lane.inFlight
    lane.left(sign)
    if (lane.inFlight === 0) this.#lanesInFlight -= 1
    if (lane.answering === false) this.#inDoubt += lane.inFlight
    this.#lineUp(lane)
  }

  /** Lets it wait once more, since its connection never opened. */
  putBack(execution: Execution): void {
    const lane = this.lane(execution.hookId)
    lane.putBack(execution, this.#now())
    this.#lineUp(lane)
  }

  /** Forgets what was wrong with a hook. */
  reset(hookId: string): void {
    const lane = this.lane(hookId)
    if (lane.answering === false) this.#inDoubt -= lane.inFlight
    lane.reset(this.#now())
    this.#lineUp(lane)
    this.ready.tell()
  }

  /** Sets no timer any more. @returns all that waits, which is taken out */
  close(): readonly Execution[] {
    this.#timer.close()
    return [...this.#lanes.values()].flatMap((lane) => lane.clear())
  }

  #newLane(hookId: string): Lane {
    const hook = this.#hooks.get(hookId) as Hook // asked for configured hooks only
    return new Lane(hook, (reading) => this.breakers.tell(hook, reading))
  }

  #lineUp(lane: Lane): void {
    if (lane.inLine || lane.waiting === 0) return
    lane.inLine = true
    this.#lines[lane.answering === false ? 'doubtful' : 'sound'].push(lane)
  }

  #nextInLine(): Lane | undefined {
    const { sound, doubtful } = this.#lines
    const mayDoubt = this.#mayDoubt
    this.#doubtfulNext = !this.#doubtfulNext
    return (
      (mayDoubt && this.#doubtfulNext ? doubtful.shift() : undefined) ??
      sound.shift() ??
      (mayDoubt ? doubtful.shift() : undefined)
    )
  }

  get #mayDoubt(): boolean {
    return this.#inDoubt < this.#overall * mostInDoubt
  }

  #mayStart(lane: Lane): boolean {
    if (lane.answering === false && !this.#mayDoubt) return false
    if (lane.inFlight === 0) return true
    const kept = Math.min(this.#hooks.size - this.#lanesInFlight, this.#overall * mostKept)
    return this.#overall - this.#inFlight > kept
  }

  #take(lane: Lane, now: number): Execution {
    this.#inFlight += 1
    if (lane.inFlight === 0) this.#lanesInFlight += 1
    if (lane.answering === false) this.#inDoubt += 1
    return lane.take(now)
  }

  #lineUpAll(): void {
    for (const lane of this.#lanes.values()) this.#lineUp(lane)
    this.ready.tell()
  }
}
