import { Queue } from '../../queue.ts'
import type { Execution } from './execution.ts'
import { Breaker, type BreakerMemory, type BreakerReading } from './breaker.ts'
import type { Hook } from '../../hooks/hook.ts'
import { Pace } from '../../pace.ts'

/** What an exchange tells about a receiver, apart from the delivery. */
export interface LaneSign {
  /** Whether it answered, or took the connection at least; `undefined` when nothing was learnt. */
  readonly answered: boolean | undefined
  /** Epoch milliseconds before which it asked not to be sent to. */
  readonly closedUntil?: number | undefined
  /** Nothing was sent of what the pace has counted. */
  readonly isUnsent?: boolean | undefined
}

/** What is kept of a lane for the process that has it next. Plain JSON. */
export interface LaneMemory {
  /** Of the hook: with another one nothing of this holds. Absent in what versions before have left. */
  readonly url?: string
  readonly closedUntil: number
  /** `null` for a pace that nothing was sent at. */
  readonly pace?: number | null | undefined
  readonly breaker?: BreakerMemory | undefined
}

/** Claims that are held for a hook at most: in flight, or waiting for a place. The rest wait in the store. */
const mostHeld = 256
/** For a hook that does not answer: its share of memory is as small as its chances. */
const mostHeldInDoubt = 16
/** Fresh deliveries that go before a repeated one, if there are so many: repeats come last, but they come. */
const freshInARow = 8

/** One hook's deliveries in this process: which goes next, and when it may. Starts nothing itself. */
export class Lane {
  readonly hook: Hook
  readonly breaker: Breaker | undefined
  readonly #pace: Pace | undefined
  /** Their connection did not open: they go first. */
  readonly #unopened = new Queue<Execution>()
  readonly #fresh = new Queue<Execution>()
  readonly #retries = new Queue<Execution>()
  /** They ask how something goes that was sent: the hook's pace is not theirs. */
  readonly #polls = new Queue<Execution>()
  #freshSent = 0
  #pollNext = false
  /** Connections in a row that did not open. */
  #misses = 0
  #missedUntil = 0
  #closedUntil = 0
  /** What its last exchange showed; `undefined` when there was none lately. */
  answering: boolean | undefined
  inFlight = 0
  /** True while it stands in line for a place. */
  inLine = false

  constructor(hook: Hook, onBreaker: (reading: BreakerReading) => void) {
    this.hook = hook
    this.breaker = hook.breaker === undefined ? undefined : new Breaker(hook.breaker, onBreaker)
    this.#pace = hook.pace === undefined ? undefined : new Pace(hook.pace)
  }

  get waiting(): number {
    return this.#polls.size + this.#paced
  }

  get #paced(): number {
    return this.#unopened.size + this.#fresh.size + this.#retries.size
  }

  /** Requests in flight at most. One that does not answer has one: whatever waits on it, more would wait too. */
  get places(): number {
    return this.answering === false || this.breaker?.state === 'half-open' ? 1 : this.hook.concurrency
  }

  /** Claims to hold at most: none while nothing is sent. */
  mostHeld(now: number): number {
    if (this.closedUntil > now) return 0
    if (this.breaker !== undefined && this.breaker.state !== 'closed') return 1
    return Math.max(this.answering === false ? mostHeldInDoubt : mostHeld, this.hook.concurrency)
  }

  /** Epoch milliseconds until which nothing is sent, because the breaker is open or the receiver asked for it. */
  get closedUntil(): number {
    return Math.max(this.#closedUntil, this.breaker?.opensAt ?? 0)
  }

  /** Epoch milliseconds from which the next may be sent, or `Infinity` when something has to end or come first. */
  get readyAt(): number {
    if (this.waiting === 0 || this.inFlight >= this.places) return Infinity
    const opensAt = Math.max(this.closedUntil, this.#missedUntil)
    return this.#polls.size > 0 ? opensAt : Math.max(opensAt, this.#pace?.readyAt ?? 0)
  }

  /** Whether what waits is kept by the pace alone for a while. */
  waitsForPace(now: number): boolean {
    return this.#paced > 0 && this.#pace !== undefined && this.#pace.readyAt > now
  }

  add(execution: Execution): void {
    const { attempts, progress } = execution.claim.delivery
    const isPoll = progress !== undefined && progress.step >= this.hook.target.requests.length
    const queue = isPoll ? this.#polls : attempts === 0 ? this.#fresh : this.#retries
    queue.push(execution)
  }

  /** Takes the next one, which is sent now. */
  take(now: number): Execution {
    this.inFlight += 1
    this.breaker?.begin(now)
    const isPaced = this.#paced > 0 && (this.#pace?.readyAt ?? 0) <= now
    const poll = isPaced && !this.#isPollsTurn ? undefined : this.#polls.shift()
    if (poll !== undefined) return poll
    this.#pace?.take(now)
    const execution = this.#unopened.shift() ?? this.#next()
    execution.isPaced = true
    return execution
  }

  /** An exchange has ended. */
  left(sign: LaneSign): void {
    this.inFlight -= 1
    if (sign.answered !== undefined) this.answering = sign.answered
    if (sign.answered === true) this.#misses = this.#missedUntil = 0
    if (sign.isUnsent === true) this.#pace?.giveBack()
    this.pause(sign.closedUntil ?? 0)
  }

  /**
   * Puts back what never had a connection. It goes before all others, and nothing is sent before the delay is over: what one
   * connection showed holds for the next, so one is tried for all that wait for it.
   */
  putBack(execution: Execution, now: number): void {
    const wasUnderWay = now < this.#missedUntil // when another connection was missed
    if (!wasUnderWay) for (const other of this.#unopened) other.connects += 1
    this.#unopened.push(execution)
    if (wasUnderWay) return
    const { minTimeout, maxTimeout, factor } = this.hook.schedule.connect
    this.#missedUntil = now + Math.min(minTimeout * factor ** this.#misses, maxTimeout)
    this.#misses += 1
  }

  /** The attempt is over for want of a connection: the next one begins anew. */
  missed(): void {
    this.#misses = 0
  }

  /** Whether there is nothing to know of it that another one would not know at first, but that its receiver answers. */
  isAtRest(now: number): boolean {
    const isIdle = this.inFlight === 0 && this.waiting === 0 && !this.inLine
    const isSound = this.answering !== false && this.#misses === 0 && this.closedUntil <= now
    const mayForget = (this.breaker?.isAtRest(now) ?? true) && (this.#pace?.isAtRest(now) ?? true)
    return isIdle && isSound && mayForget
  }

  /** Takes out all that wait. */
  clear(): readonly Execution[] {
    const queues = [this.#unopened, this.#fresh, this.#retries, this.#polls]
    const waiting = queues.flatMap((queue) => [...queue])
    for (const queue of queues) queue.filter(() => false)
    return waiting
  }

  /**
   * What is kept for the process that has the hook next.
   *
   * @param isLast this process sends no more: else its pace would be outdated with the next request, and is left out
   */
  memory(isLast: boolean): LaneMemory {
    const next = this.#pace?.memory
    return {
      url: this.hook.urlMark,
      closedUntil: this.#closedUntil,
      pace: !isLast || next === undefined ? undefined : Number.isFinite(next) ? next : null,
      breaker: this.breaker?.memory,
    }
  }

  /** Goes on as another process left off. */
  recall(memory: Partial<LaneMemory> | null, now: number): void {
    const { url = this.hook.urlMark, closedUntil = 0, pace, breaker } = memory ?? {}
    if (url !== this.hook.urlMark) return
    this.pause(closedUntil)
    if (pace !== null) this.#pace?.recall(pace, now)
    if (breaker !== undefined) this.breaker?.recall(breaker, now)
  }

  /** The receiver has asked for it, here or of another process. */
  pause(until: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, until)
  }

  /** Forgets what was wrong: the hook was disabled, or enabled. */
  reset(now: number): void {
    this.#closedUntil = this.#missedUntil = this.#misses = 0
    this.answering = undefined
    this.breaker?.reset(now)
  }

  /** In turns with what is paced, so that neither holds up the other. */
  get #isPollsTurn(): boolean {
    this.#pollNext = !this.#pollNext
    return this.#pollNext
  }

  #next(): Execution {
    const isRetrysTurn = this.#fresh.size === 0 || (this.#retries.size > 0 && this.#freshSent >= freshInARow)
    this.#freshSent = isRetrysTurn ? 0 : this.#freshSent + 1
    return (isRetrysTurn ? this.#retries : this.#fresh).shift() as Execution // whoever calls has asked `readyAt`
  }
}
