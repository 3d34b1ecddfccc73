import type { Hook } from '../../hooks/hook.ts'
import type { Reporter } from '../reporter.ts'
import type { Admission, Refused } from './admission.ts'
import { transportRejected, type Attempter, type Exchanged } from './attempter.ts'
import type { ClaimedDeliveries } from './claimed-deliveries.ts'
import type { Execution } from './execution.ts'
import type { LaneMemories } from './lane-memories.ts'
import type { Lanes } from './lanes.ts'
import type { Recovery } from './recovery.ts'
import { reportOf, type LaneReport, type RepeatReport, type Report } from './report.ts'
import type { Settler } from './settler.ts'
import type { WakeTimer } from './wake-timer.ts'

export interface ExecutorOptions {
  readonly lanes: Lanes
  readonly admission: Pick<Admission, 'ask' | 'takeBack'>
  readonly attempter: Pick<Attempter, 'attempt'>
  readonly settler: Pick<Settler, 'settle' | 'returnClaims'>
  readonly claimed: ClaimedDeliveries
  readonly memories: Pick<LaneMemories, 'begin' | 'remember' | 'reset'>
  readonly recovery: Pick<Recovery, 'start'>
  readonly wakes: WakeTimer
  readonly reporter: Pick<Reporter, 'fault'>
  readonly now: () => number
  readonly random: () => number
  /** Aborted, it ends what is in flight, and nothing more is started. */
  readonly stop: AbortController
}

/** Deliveries started in one turn of the event loop: sending to 1,000 hooks in one would stall the controller for 250 ms. */
const startsInATurn = 64

/** Sends what has a place: admitted, attempted, its answer read once, the lane told, and settled. */
export class Executor {
  readonly #options: ExecutorOptions
  #isStarting = false
  #isRetiring = false

  constructor(options: ExecutorOptions) {
    this.#options = options
    options.lanes.ready.listen(() => this.#startSoon())
    options.claimed.reclaimed.listen((execution) => this.add(execution))
  }

  get isStopped(): boolean {
    return this.#options.stop.signal.aborted
  }

  /** Lets a claimed delivery wait for its place. It starts after the caller has gone on: a request costs a third of a millisecond, which is not the deploy's. */
  add(execution: Execution): void {
    const { lanes, settler } = this.#options
    if (this.isStopped) settler.returnClaims([execution])
    else {
      lanes.add(execution)
      this.#startSoon()
    }
    if (this.#isRetiring) this.#returnPaced(execution.hookId)
  }

  /** Returns what waits for a place of this hook. */
  clear(hookId: string): void {
    const { lanes, settler } = this.#options
    settler.returnClaims(lanes.peek(hookId).clear())
  }

  /** What only waits for its hook's pace, from now on too, is sent by whoever comes next: a deploy of the platform waits for no minute to be over. */
  retire(): void {
    this.#isRetiring = true
    for (const hookId of this.#options.lanes.ids) this.#returnPaced(hookId)
  }

  /** Ends what is in flight, and returns what waits. May be called again. */
  stop(): void {
    const { lanes, settler, stop } = this.#options
    stop.abort()
    settler.returnClaims(lanes.close())
  }

  #returnPaced(hookId: string): void {
    const { lanes, now } = this.#options
    if (lanes.peek(hookId).waitsForPace(now())) this.clear(hookId)
  }

  #startSoon(): void {
    if (this.#isStarting) return
    this.#isStarting = true
    setImmediate(() => this.#start())
  }

  /** Starts what may start, a lane at a time in turns. */
  #start(): void {
    const { lanes } = this.#options
    let starts = 0
    for (; starts < startsInATurn; starts += 1) {
      const placed = lanes.next() // what is ready by now is seen by this very loop
      if (placed === undefined) break
      void this.#run(placed.hook, placed.execution)
      if (this.#isRetiring) this.#returnPaced(placed.hook.id)
    }
    this.#isStarting = false
    if (starts === startsInATurn) this.#startSoon()
  }

  async #run(hook: Hook, execution: Execution): Promise<void> {
    const { claimed, memories, recovery, settler, wakes } = this.#options
    execution.begin(hook.steps)
    const report = await this.#report(hook, execution)
    this.#tellLane(hook, report.lane)
    if (report.delivery === undefined) return this.#tryAgain(execution)
    const { dueAt, hasRecovered, isDisabled } = await settler.settle(hook, execution, report)
    wakes.wakeAt(dueAt)
    if (hasRecovered) recovery.start(hook)
    if (isDisabled) {
      memories.reset(hook.id) // what waits for it needs no places to be ended
      wakes.wake()
    }
    claimed.leave(execution)
  }

  /** What came of it. Of what cannot be read nobody knows what was sent: an attempt has failed, and the place is free. Never rejects. */
  async #report(hook: Hook, execution: Execution): Promise<Report | RepeatReport> {
    const { now, random, reporter } = this.#options
    try {
      const came = await this.#attempt(hook, execution)
      return reportOf(hook, execution, came, { now: now(), random }, this.#mayTryAgain(hook, execution))
    } catch (error) {
      const fields = { hookId: hook.id, deliveryId: execution.claim.delivery.id }
      reporter.fault('What a transport gave could not be read', error, fields)
      return reportOf(hook, execution, transportRejected, { now: now(), random }, false)
    }
  }

  /** Whether a connection that never opened is tried again, within the same attempt. */
  #mayTryAgain({ id, schedule }: Hook, { connects }: Execution): boolean {
    const { breaker } = this.#options.lanes.lane(id)
    const isClosed = (breaker?.state ?? 'closed') === 'closed'
    return !this.isStopped && isClosed && connects <= schedule.connect.retries
  }

  /** Makes the request, unless it may not be made now, or ever. */
  async #attempt(hook: Hook, execution: Execution): Promise<Exchanged | Refused> {
    const { admission, attempter, memories, stop } = this.#options
    const asked = admission.ask(hook, execution)
    const refused = asked instanceof Promise ? await asked : asked
    if (refused !== undefined) return refused
    if (execution.isPaced && hook.pace !== undefined) memories.begin(hook.id)
    const came = await attempter.attempt(hook, execution, stop.signal)
    const isUnsent = came.kind === 'exchanged' && came.exchange.kind === 'failure' && !came.exchange.opened
    if (isUnsent) await admission.takeBack(execution)
    return came
  }

  /** Lets it wait for another place, of this process or of the next one that has its hook. */
  #tryAgain(execution: Execution): void {
    const { lanes, settler } = this.#options
    if (execution.term.stays && !this.isStopped) lanes.putBack(execution)
    else settler.returnClaims([execution])
  }

  /** Gives the place back, with what was learnt about the receiver. */
  #tellLane(hook: Hook, report: LaneReport): void {
    const { lanes, memories, now, settler, wakes } = this.#options
    const lane = lanes.lane(hook.id)
    lanes.left(hook.id, report)
    this.#startSoon()
    if (report.closedUntil !== undefined) memories.remember(hook.id)
    if (report.hasMissed) lane.missed()
    if (report.failed !== undefined) lane.breaker?.record(report.failed, now())
    if (lane.closedUntil > now()) {
      settler.returnClaims(lane.clear())
      wakes.wakeAt(lane.closedUntil)
    }
  }
}
