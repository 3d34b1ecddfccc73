import { Queue } from '../../queue.ts'
import type { Claim } from '../../stores/store.ts'
import { Alarm } from './wake-timer.ts'
import type { BreakerReading } from './breaker.ts'
import type { Hook } from '../../hooks/hook.ts'
import { Lane, type LaneMemory, type Sign, type Work } from './lane.ts'

export interface LanesOptions {
  readonly hooks: Iterable<Hook>
  /** Requests in flight in all. */
  readonly overall: number
  readonly now: () => number
  /** A place was taken for this delivery: it is to be sent, and {@link Lanes.left} to be called. */
  readonly start: (hook: Hook, work: Work) => void
  readonly onBreaker: (hook: Hook, reading: BreakerReading) => void
}

/** Deliveries started in one turn of the event loop: sending to 1,000 hooks in one would stall the controller for 250 ms. */
const startsInATurn = 64
/** Share of all places that is kept at most for the first requests of lanes that have none in flight. */
const mostKept = 1 / 2
/** Share of all places that hooks which do not answer may take together. */
const mostInDoubt = 3 / 4

/**
 * Places for requests. Every hook has a lane with so many places of its own, and all lanes share a number of places, in turns:
 *
 * - a hook that has a place gets another one only while there is one for each hook that has none, or half of all are left,
 * - hooks that do not answer have one place each, and three quarters of all together at most.
 *
 * So a hook that has nothing in flight finds a place, unless more hooks than there are places begin to hang at once.
 */
export class Lanes {
  readonly #lanes = new Map<string, Lane>()
  readonly #overall: number
  readonly #now: () => number
  readonly #start: LanesOptions['start']
  readonly #alarm: Alarm
  /** Lanes that may have something to send: those that answer, or were not tried yet, and those that do not answer. */
  readonly #lines = { sound: new Queue<Lane>(), doubtful: new Queue<Lane>() }
  #inFlight = 0
  #lanesInFlight = 0
  /** In flight to hooks that do not answer. */
  #inDoubt = 0
  #pumping = false
  #doubtfulNext = false

  constructor({ hooks, overall, now, start, onBreaker }: LanesOptions) {
    for (const hook of hooks) this.#lanes.set(hook.id, new Lane(hook, (reading) => onBreaker(hook, reading)))
    this.#overall = overall
    this.#now = now
    this.#start = start
    this.#alarm = new Alarm(now, () => this.#lineUpAll())
  }

  lane(hookId: string): Lane {
    return this.#lanes.get(hookId) as Lane // asked for configured hooks only
  }

  /** Deliveries that have no place. */
  get waiting(): number {
    return [...this.#lanes.values()].reduce((sum, { waiting }) => sum + waiting, 0)
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Lets a delivery wait for a place. It starts after the caller has gone on: a request costs a third of a millisecond, which is not the deploy's. */
  add(claim: Claim, losses = 0): void {
    const lane = this.lane(claim.delivery.hookId)
    lane.add(claim, losses)
    this.#lineUp(lane)
  }

  /** The exchange is over, and with it the place is free. */
  left(hookId: string, sign: Sign): void {
    const lane = this.lane(hookId)
    this.#inFlight -= 1
    if (lane.answering === false) this.#inDoubt -= lane.inFlight
    lane.left(sign)
    if (lane.inFlight === 0) this.#lanesInFlight -= 1
    if (lane.answering === false) this.#inDoubt += lane.inFlight
    this.#lineUp(lane)
    this.#pumpSoon()
  }

  /** Lets it wait once more, since its connection never opened. */
  putBack(work: Work): void {
    const lane = this.lane(work.claim.delivery.hookId)
    lane.putBack(work, this.#now())
    this.#lineUp(lane)
  }

  /** Takes out what waits in a lane. */
  clear(hookId: string): readonly Claim[] {
    return this.lane(hookId).clear()
  }

  /**
   * What is kept of a lane for the process that has it next.
   *
   * @param isLast this process sends no more: else its pace would be outdated with the next request, and is left out
   */
  memory(hookId: string, isLast: boolean): LaneMemory {
    const { memory } = this.lane(hookId)
    return isLast ? memory : { ...memory, pace: undefined }
  }

  /** Goes on as the process left off that had the lane before. @returns whether it is paused, or its breaker open, by that */
  recall(hookId: string, memory: Partial<LaneMemory> | null): boolean {
    const lane = this.lane(hookId)
    const now = this.#now()
    lane.recall(memory, now)
    return lane.closedUntil > now
  }

  /** Forgets what was wrong with a hook. */
  reset(hookId: string): void {
    const lane = this.lane(hookId)
    if (lane.answering === false) this.#inDoubt -= lane.inFlight
    lane.reset(this.#now())
    this.#lineUp(lane)
  }

  /** Starts no more. @returns all that waits */
  close(): readonly Claim[] {
    this.#alarm.close()
    return [...this.#lanes.keys()].flatMap((hookId) => this.clear(hookId))
  }

  #lineUp(lane: Lane): void {
    if (lane.inLine || lane.waiting === 0) return
    lane.inLine = true
    this.#lines[lane.answering === false ? 'doubtful' : 'sound'].push(lane)
    this.#pumpSoon()
  }

  #pumpSoon(): void {
    if (this.#pumping) return
    this.#pumping = true
    setImmediate(() => this.#pump())
  }

  /** Starts what may start, a lane at a time in turns. */
  #pump(): void {
    this.#pumping = true // what is lined up now is seen by this very loop
    const now = this.#now()
    let starts = 0
    let passed = 0
    while (starts < startsInATurn && this.#inFlight < this.#overall && passed <= this.#lanes.size) {
      const lane = this.#nextInLine()
      if (lane === undefined) break
      lane.inLine = false
      const { readyAt } = lane
      if (readyAt > now) {
        this.#alarm.set(readyAt)
      } else if (this.#mayStart(lane)) {
        this.#startOne(lane, now)
        starts += 1
        passed = 0
        this.#lineUp(lane)
      } else {
        passed += 1
        this.#lineUp(lane)
      }
    }
    this.#pumping = false
    if (starts === startsInATurn) this.#pumpSoon()
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
    const kept = Math.min(this.#lanes.size - this.#lanesInFlight, this.#overall * mostKept)
    return this.#overall - this.#inFlight > kept
  }

  #startOne(lane: Lane, now: number): void {
    this.#inFlight += 1
    if (lane.inFlight === 0) this.#lanesInFlight += 1
    if (lane.answering === false) this.#inDoubt += 1
    this.#start(lane.hook, lane.take(now))
  }

  #lineUpAll(): void {
    for (const lane of this.#lanes.values()) this.#lineUp(lane)
    this.#pumpSoon()
  }
}
