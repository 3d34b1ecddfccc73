import { setMaxListeners } from 'node:events'
import type { Exchange } from '../../http/transport.ts'
import type { HookToTell, Telling } from '../../stores/ledger/telling.ts'
import type { Claim, NewDelivery, Recorded, Store, ToldResult } from '../../stores/store.ts'
import { Alarm } from './wake-timer.ts'
import type { Reading } from '../../targets/answer.ts'
import type { Clearance } from './admission.ts'
import { transportRejected, type Courier, type NotSent } from './attempter.ts'
import type { Deliverer } from './settler.ts'
import type { FormerIds } from '../../hooks/former-ids.ts'
import type { HookHealth } from './health.ts'
import { HeldLanes } from './ownership.ts'
import type { Holdings } from './claimed-deliveries.ts'
import type { Hook } from '../../hooks/hook.ts'
import type { LaneMemory, Work } from './lane.ts'
import type { Lanes } from './lanes.ts'
import { Leases } from './leases.ts'
import { Mover } from './mover.ts'
import { hasAnswered, hasFailed, mayRepeatAtOnce } from './outcome.ts'
import { Recovery } from './recovery.ts'
import type { Reporter } from '../reporter.ts'
import { pauseAskedFor } from '../../schedule.ts'
import type { Settlements } from '../waiters.ts'

export interface SenderOptions {
  readonly hooks: ReadonlyMap<string, Hook>
  readonly store: Store
  readonly lanes: Lanes
  readonly clearance: Clearance
  readonly courier: Courier
  readonly deliverer: Deliverer
  readonly former: FormerIds
  readonly health: HookHealth
  readonly holdings: Holdings
  readonly reporter: Reporter
  readonly settlements: Settlements
  readonly now: () => number
}

/** A lease outlasts several renewals: one may be late without another process taking over. */
const leaseMs = 30_000
const renewMs = 5000
/** How often it is seen what other processes have changed. */
const beatMs = 5000
/** Where lanes are shared, whoever takes one over ends the leases in it: they are there for nothing else, and need few renewals. */
const sharedLeaseMs = 4 * leaseMs
const sharedRenewalMs = leaseMs
/** When something was claimed. */
interface Lease {
  /** Losses of lanes before. */
  readonly losses: number
  /** Epoch milliseconds at which the lease ends, unless it is lengthened. */
  readonly until: number
}

/** How often it is looked for what other processes send, while somebody waits for it. */
const watchMs = 250
/** The more of them, the less often. */
const watchedInAMs = 10

/** What room is reserved for. */
type ToRecord = Pick<NewDelivery, 'hookId' | 'dueAt'>

/**
 * Sends what is due: claims it from the store as far as there is room, has it wait for a place, sent and recorded. What is not due, or
 * has no room, waits in the store and takes no memory.
 */
export class Sender {
  readonly #options: SenderOptions
  readonly #alarm: Alarm
  readonly #recovery: Recovery
  readonly #held: HeldLanes
  readonly #mover: Mover
  /** Ends what is in flight. */
  readonly #stop = new AbortController()
  /** Deliveries in a lane, in flight, or being recorded; and whatever else uses the store now. */
  #underWay = 0
  #onIdle: (() => void) | undefined
  #opening: Promise<void> | undefined
  #isOpen = false
  #isWorker = false
  #claiming = false
  #claimAgain = false
  readonly #beat: NodeJS.Timeout
  #watching: NodeJS.Timeout | undefined
  readonly #leaseMs: number
  readonly #leases: Leases
  #isBeating = false
  #closing = false
  #hasGivenUp = false
  /** Hooks whose lanes something was remembered of. */
  readonly #remembered = new Set<string>()
  /** What could not be handed back while the store was away. It is when it can, not only when the leases end. */
  #owed: { readonly claims: readonly Claim[]; readonly dueAt: number | undefined }[] = []

  constructor(options: SenderOptions) {
    this.#options = options
    this.#recovery = new Recovery(options.store, options.now)
    this.#alarm = new Alarm(options.now, () => this.#look())
    const isShared = options.store.lanes !== undefined
    this.#leaseMs = isShared ? sharedLeaseMs : leaseMs
    this.#leases = new Leases({
      ...options,
      leaseMs: this.#leaseMs,
      renewMs: isShared ? sharedRenewalMs : renewMs,
      track: (renewal) => void this.track(renewal),
    })
    this.#mover = new Mover({ ...options, moves: options.former.moves, onMoved: () => this.#look() })
    this.#held = new HeldLanes({
      hookIds: [...options.hooks.keys()],
      shared: options.store.lanes,
      lanes: options.lanes,
      holdings: options.holdings,
      reporter: options.reporter,
      prepare: () => this.#mover.begin(),
      onDue: () => this.#look(),
      onGone: (hookId) => this.#handBack(options.lanes.clear(hookId)),
    })
    setMaxListeners(0, this.#stop.signal) // one for each request in flight
    this.#beat = setInterval(() => {
      if (!this.#isBeating) void this.track(this.#onBeat()) // in a slow store they would pile up
    }, beatMs)
    this.#beat.unref()
  }

  get stopped(): boolean {
    return this.#stop.signal.aborted
  }

  /** Sends from now on, also what an earlier process left waiting. Resolves when the store was reached. */
  start(): Promise<void> {
    this.#isWorker = true
    this.#isOpen = false // what was read until now may have been under former ids
    return this.#held.start()
  }

  /** Whether this process sends to the hook. */
  holds(hookId: string): boolean {
    return this.#held.has(hookId)
  }

  /** The breaker of a hook has opened or closed, a pause has begun or ended, or its pace is used: a process that follows is to know, also after a kill. */
  remember(hookId: string): void {
    const { health, lanes, now } = this.#options
    this.#remembered.add(hookId)
    if (this.#isKeptByLanes) this.#held.remember(hookId)
    else {
      health.remember(hookId, lanes.memory(hookId, false), now())
      if (!this.#hasGivenUp) void this.track(this.#reported(health.tellMemories()))
    }
  }

  /** Records deliveries, and sends those that are fresh and due. */
  async record(deliveries: readonly NewDelivery[]): Promise<readonly Recorded[]> {
    const { losses } = this.#held
    let given: readonly NewDelivery[] = []
    let recorded: readonly Recorded[] = []
    let until = 0
    this.#underWay += 1
    try {
      if (!this.#isOpen) await this.#open()
      given = this.#reserved(deliveries)
      until = this.#options.now() + this.#leaseMs
      recorded = await this.#options.store.record(given, until)
      return recorded
    } finally {
      this.#takeOver(given, recorded, { losses, until })
      this.#done()
    }
  }

  /** Tells, if it is news, and sends what is due of it. Not by {@link record}: one promise more would cost more than the ledger. */
  async tell(telling: Telling): Promise<ToldResult> {
    const { losses } = this.#held
    let hooks: readonly HookToTell[] = []
    let recorded: readonly Recorded[] = []
    let until = 0
    this.#underWay += 1
    try {
      if (!this.#isOpen) await this.#open()
      hooks = this.#reserved(telling.hooks)
      until = this.#options.now() + this.#leaseMs
      const told = await this.#options.store.tell({ ...telling, hooks }, until)
      recorded = told.recorded
      return told
    } finally {
      this.#takeOver(hooks, inOrderOf(hooks, recorded), { losses, until })
      this.#done()
    }
  }

  /** With room reserved for those that are due; what there is no room for here is due for whoever has some. */
  #reserved<Given extends ToRecord>(wanted: readonly Given[]): readonly Given[] {
    const { holdings, now } = this.#options
    return wanted.map((each) =>
      each.dueAt !== undefined || (this.#held.mayClaim(each.hookId) && holdings.reserve(each.hookId))
        ? each
        : { ...each, dueAt: now() },
    )
  }

  /** Takes what was claimed as it was recorded, and gives back the room of what was not. */
  #takeOver(given: readonly ToRecord[], recorded: readonly (Recorded | undefined)[], lease: Lease): void {
    const { holdings, lanes } = this.#options
    const gone = new Set<string>()
    for (let index = 0; index < given.length; index += 1) {
      const { dueAt, hookId } = given[index] as ToRecord
      const { delivery, token, fresh = false } = recorded[index] ?? {}
      if (delivery !== undefined && token !== undefined) {
        holdings.put({ delivery, token }, lease.until)
        this.#queue({ delivery, token }, lease.losses)
        if (!this.#held.has(hookId) && !this.#closing) gone.add(hookId)
      } else if (dueAt === undefined) {
        holdings.cancel(hookId)
        this.#held.finished(hookId) // it may have been asked for meanwhile
      } else if (fresh && this.#held.has(hookId) && !holdings.expectsMore(hookId))
        this.wakeAt(delivery?.dueAt)
    }
    // Lost, or asked for, while the store was asked: they wait for no place here.
    for (const hookId of gone) this.#handBack(lanes.clear(hookId))
  }

  /** Looks for due deliveries then, or earlier. */
  wakeAt(time: number | undefined): void {
    this.#alarm.set(time)
  }

  /** Tells of those that are final already, or gone. Those in hand will be told of. */
  async tellFinal(ids: readonly string[]): Promise<void> {
    const { holdings, store, settlements } = this.#options
    const elsewhere = ids.filter((id) => !holdings.has(id))
    const deliveries = await store.get(elsewhere)
    for (const [index, id] of elsewhere.entries()) {
      const delivery = deliveries[index]
      if (delivery?.state !== 'waiting') settlements.tell(id, delivery)
    }
  }

  /** Looks for what other processes send, as long as somebody waits for it. */
  watch(): void {
    const isAlone = this.#isWorker && this.#options.store.lanes === undefined // it looks at every beat
    if (isAlone || this.#closing) return
    const pauseMs = watchMs + this.#options.settlements.ids.length / watchedInAMs
    this.#watching ??= setTimeout(() => void this.track(this.#onWatch()), pauseMs)
  }

  async #onWatch(): Promise<void> {
    const { settlements, reporter } = this.#options
    this.#watching = undefined
    try {
      await this.tellFinal(settlements.ids)
    } catch (error) {
      reporter.lastingFault('The store could not be asked for what others send', error)
    }
    if (settlements.ids.length > 0) this.watch()
  }

  hasInHand(ids: readonly string[]): boolean {
    return ids.every((id) => this.#options.holdings.has(id))
  }

  /** {@link drain} waits for it. */
  track<Value>(work: Promise<Value>): Promise<Value> {
    this.#underWay += 1
    const done = (): void => this.#done()
    work.then(done, done)
    return work
  }

  /** Deliveries that are not to be sent any more, since newer ones were recorded: they end now, not when they are due. */
  endSuperseded(find: () => Promise<readonly string[]>): void {
    if (!this.#closing) void this.track(this.#endSuperseded(find))
  }

  async #endSuperseded(find: () => Promise<readonly string[]>): Promise<void> {
    const { now, reporter, store } = this.#options
    try {
      const dueAt = now()
      const due = (await find()).map((id) => ({ id, dueAt }))
      if (due.length === 0) return
      await store.reschedule(due)
      this.wakeAt(dueAt)
    } catch (error) {
      reporter.fault('Superseded deliveries could not be looked for, and end when they are due', error)
    }
  }

  /** A receiver answers again that had failed for a while: what waits for it waits no longer. */
  bringForward(hook: Hook): void {
    if (!this.#closing) void this.track(this.#bringForward(hook))
  }

  async #bringForward(hook: Hook): Promise<void> {
    try {
      this.wakeAt(await this.#recovery.bringForward(hook))
    } catch (error) {
      this.#options.reporter.fault('What waits could not be brought forward', error, { hookId: hook.id })
    }
  }

  /** A hook was enabled: one delivery is tried, and the others follow if its receiver answers. */
  probe(hookId: string): void {
    this.#reset(hookId)
    this.#options.lanes.lane(hookId).breaker?.probe(this.#options.now())
    this.#look()
  }

  /** A hook was disabled: what waits for it needs no places to be ended. */
  letGo(hookId: string): void {
    this.#reset(hookId)
    this.#look()
  }

  #reset(hookId: string): void {
    this.#options.lanes.reset(hookId)
    // What the holder of a lane before left of it is not known here.
    if (this.#isKeptByLanes || this.#remembered.has(hookId)) this.remember(hookId)
  }

  /** Ends what is in flight; what has no answer yet is handed back. */
  abort(): void {
    this.#stop.abort()
    this.#handBack(this.#options.lanes.close())
  }

  /** The store takes too long: nothing is asked of it any more, and no lease is kept. What it was asked goes on, and tells when it has answered. */
  giveUp(): void {
    this.#hasGivenUp = true
    clearInterval(this.#beat)
    this.#leases.stop()
    this.#held.abandon()
  }

  /** Sends what is claimed, claims no more, and resolves when the store is used no longer. What would be lost with the process is claimed to the end. */
  async drain(): Promise<void> {
    this.#closing = true
    this.#mover.close()
    this.#alarm.close()
    clearTimeout(this.#watching)
    if (this.#options.store.lanes !== undefined) this.#held.close()
    if (this.#options.store.durable) for (const id of this.#held.ids) this.#handBackPaced(id)
    do {
      await this.#idle()
      if (!this.#options.store.durable) await this.#claimOrReport()
    } while (this.#underWay > 0)
    this.#stop.abort()
    this.#options.lanes.close()
    clearInterval(this.#beat) // first: nobody would wait for a beat that begins while lanes are handed back
    this.#leases.stop()
    await this.#held.leave()
    this.#rememberLast()
    if (!this.#hasGivenUp) await this.#reported(this.#options.health.save())
  }

  /** As they stand now, when nothing more is sent. */
  #rememberLast(): void {
    const { health, lanes, now } = this.#options
    if (this.#isKeptByLanes) return
    for (const hookId of this.#remembered) health.remember(hookId, lanes.memory(hookId, true), now())
  }

  /** What only waits for its hook's pace is sent by whoever comes next: a deploy of the platform waits for no minute to be over. */
  #handBackPaced(hookId: string): void {
    if (this.#options.hooks.get(hookId)?.pace !== undefined) this.#handBack(this.#options.lanes.clear(hookId))
  }

  /** Resolves when nothing is under way. */
  async #idle(): Promise<void> {
    if (this.#underWay === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onIdle = resolve
    await promise
  }

  #done(): void {
    this.#underWay -= 1
    if (this.#underWay === 0) this.#onIdle?.()
  }

  /** Once, and again after a fault of the store: hooks that were disabled stay so. */
  #open(): Promise<void> {
    this.#opening ??= this.#loadHealth()
    return this.#opening
  }

  async #loadHealth(): Promise<void> {
    const isWorker = this.#isWorker
    try {
      if (isWorker) await this.#mover.begin()
      const { memories } = await this.#options.health.load(this.#options.now())
      this.#recall(memories)
      this.#isOpen = isWorker === this.#isWorker
      this.#move()
    } finally {
      this.#opening = undefined
    }
  }

  #move(): void {
    if (this.#isWorker && !this.#closing) void this.track(this.#mover.go())
  }

  /** What was said elsewhere of a hook counts for its lane here, as if it had been said here. */
  async #seeHealth(): Promise<void> {
    if (!this.#isOpen) return this.#open()
    const { hooks, health, lanes, now } = this.#options
    const { disabled, enabled, memories } = await health.load(now())
    for (const hookId of disabled) if (hooks.has(hookId)) this.letGo(hookId)
    for (const hookId of enabled) if (hooks.has(hookId)) this.probe(hookId)
    // What another process, which sends too, has been asked for holds here as well; its breaker and its pace are its own.
    for (const [hookId, memory] of memories) {
      if (!hooks.has(hookId) || enabled.includes(hookId) || this.#isKeptByLanes) continue
      const { closedUntil = 0, pace } = memory as Partial<LaneMemory>
      if (!health.isDisabled(hookId)) lanes.lane(hookId).pause(closedUntil)
      // It has closed, and left where it stood: this one goes on.
      if (this.#remembered.has(hookId) && typeof pace === 'number') this.remember(hookId)
    }
  }

  /** Goes on as the process before left off. */
  #recall(memories: ReadonlyMap<string, object>): void {
    const { hooks, health, lanes } = this.#options
    if (this.#isKeptByLanes) return
    for (const [hookId, memory] of memories)
      if (hooks.has(hookId) && !health.isDisabled(hookId)) {
        this.#remembered.add(hookId)
        lanes.recall(hookId, memory)
      }
  }

  get #isKeptByLanes(): boolean {
    return this.#options.store.lanes !== undefined
  }

  /** What fails is told at a later beat. */
  async #reported(saving: Promise<void>): Promise<void> {
    try {
      await saving
    } catch (error) {
      this.#options.reporter.fault('What is known of the hooks could not be saved', error)
    }
  }

  /** Makes up for what failed, and sees what other processes have changed. Leases do not wait for it. */
  async #onBeat(): Promise<void> {
    const { health, settlements, reporter } = this.#options
    this.#isBeating = true
    try {
      await this.#handBackOwed()
      await this.#seeHealth()
      this.#move()
      await health.save()
      await this.tellFinal(settlements.ids)
    } catch (error) {
      reporter.lastingFault('The store could not be read, or not be told what is known of the hooks', error)
    } finally {
      this.#isBeating = false
    }
    this.#look()
  }

  /** Claims what is due, and sets the alarm for what is not. One look at a time, and another if it was asked for meanwhile. */
  #look(): void {
    this.#claimAgain = true
    if (this.#claiming || this.#closing || this.#held.ids.size === 0) return
    void this.track(this.#claimOrReport())
  }

  async #claimOrReport(): Promise<void> {
    try {
      await this.#claimDue()
    } catch (error) {
      this.#options.reporter.lastingFault('Due deliveries could not be read', error)
    }
  }

  async #claimDue(): Promise<void> {
    const { holdings, store } = this.#options
    this.#claiming = true
    try {
      if (!this.#isOpen) await this.#open()
      do {
        this.#claimAgain = false
        await this.#claimAsMuchAsFits()
      } while (this.#claimAgain && !this.#closing)
      const idle = [...this.#held.ids].filter((id) => !holdings.expectsMore(id))
      if (idle.length > 0) this.#alarm.set(await store.nextDueAt(idle))
    } finally {
      this.#claiming = false
    }
  }

  async #claimAsMuchAsFits(): Promise<void> {
    const { holdings, lanes, store } = this.#options
    const now = this.#options.now()
    const rooms = new Map<string, number>()
    for (const id of this.#held.ids) {
      if (!this.#held.mayClaim(id)) continue
      const room = holdings.room(id)
      holdings.expect(id, room === 0)
      if (room > 0) rooms.set(id, room)
      else if (lanes.lane(id).closedUntil > now) this.#alarm.set(lanes.lane(id).closedUntil)
    }
    if (rooms.size === 0 || this.stopped) return
    const { losses } = this.#held
    const until = now + this.#leaseMs
    for (const claim of await store.claim({ hooks: rooms, now, until }))
      if (holdings.add(claim, until)) this.#queue(claim, losses)
    // Lost, or asked for, while the store was asked.
    for (const id of rooms.keys()) if (!this.#held.has(id)) this.#handBack(lanes.clear(id))
  }

  /** @param losses of lanes before it was claimed */
  #queue(claim: Claim, losses: number): void {
    this.#underWay += 1
    if (this.stopped) this.#handBack([claim])
    else this.#options.lanes.add(claim, losses)
    if (this.#closing && this.#options.store.durable) this.#handBackPaced(claim.delivery.hookId)
  }

  /** Sends one that has a place. */
  async send(hook: Hook, work: Work): Promise<void> {
    const { clearance, courier, deliverer, health, holdings, reporter } = this.#options
    const { signal } = this.#stop
    // While it waited its lease may have ended, and another process may have gone on with it before this one claimed it again.
    if (work.connects === 0) work.claim = holdings.current(work.claim)
    let exchange: Exchange | NotSent | undefined
    if (!this.#mayStart(hook, work)) {
      this.#giveUp(hook, work)
      return
    }
    try {
      const asked = clearance.ask(hook, work)
      exchange = asked instanceof Promise ? await asked : asked
    } catch (error) {
      this.#putOff(hook, work, error)
      return
    }
    if (exchange === undefined && !this.#mayStart(hook, work)) {
      if (work.marked === true) await this.#takeBack(work)
      this.#giveUp(hook, work)
      return
    }
    if (work.isPaced === true && hook.pace !== undefined && !this.#remembered.has(hook.id))
      this.remember(hook.id)
    try {
      exchange ??= await courier.send(hook, work, signal)
    } catch {
      exchange = transportRejected
    }
    if (work.marked === true && exchange.kind === 'failure' && !exchange.opened) await this.#takeBack(work)
    const reading = exchange.kind === 'dead' ? undefined : courier.understand(hook, work, exchange)
    if (this.#leave(hook, work, exchange, reading)) return
    try {
      const delivery = await deliverer.settle(hook, work, exchange, reading, signal)
      this.wakeAt(delivery?.dueAt)
      if (exchange.kind !== 'dead' && health.isDisabled(hook.id)) this.letGo(hook.id)
    } catch (error) {
      // Its lease ends, and it is sent again: what was sent is not known to the store.
      reporter.fault('A delivery could not be settled', error, { deliveryId: work.claim.delivery.id })
    }
    this.#goOn(work.claim)
  }

  async #takeBack(work: Work): Promise<void> {
    try {
      await this.#options.clearance.takeBack(work)
    } catch (error) {
      const fields = { deliveryId: work.claim.delivery.id }
      this.#options.reporter.fault(
        'A request that never left stays marked as one that may have',
        error,
        fields,
      )
    }
  }

  /** The store could not tell whether it may be sent, so it was not. */
  #putOff(hook: Hook, work: Work, error: unknown): void {
    const { lanes, now, reporter } = this.#options
    const { delivery } = work.claim
    reporter.fault('A delivery could not be sent yet', error, { deliveryId: delivery.id })
    lanes.left(hook.id, { answered: undefined, isUnsent: work.isPaced })
    const dueAt = now() + beatMs
    this.#handBack([work.claim], dueAt)
    this.wakeAt(dueAt)
  }

  /** Not when the lane, or the delivery itself, may be another process's by now: a store that stood still has kept no lease. */
  #mayStart(hook: Hook, { claim, losses }: Work): boolean {
    const { holdings, now } = this.#options
    return this.#held.mayStart(hook.id, losses) && holdings.isCertain(claim, now())
  }

  #giveUp(hook: Hook, work: Work): void {
    this.#options.lanes.left(hook.id, { answered: undefined, isUnsent: work.isPaced })
    this.#handBack([work.claim])
  }

  /** Gives the place back, with what was learnt about the receiver. @returns true when the delivery waits for another place */
  #leave(hook: Hook, work: Work, exchange: Exchange | NotSent, reading: Reading | undefined): boolean {
    const { lanes } = this.#options
    if (exchange.kind === 'dead') {
      lanes.left(hook.id, { answered: undefined, isUnsent: work.isPaced })
      return false
    }
    const now = this.#options.now()
    const pausedUntil = pauseAskedFor(exchange, hook.schedule, now, reading)
    lanes.left(hook.id, { answered: hasAnswered(exchange), closedUntil: pausedUntil })
    if (pausedUntil !== undefined) this.remember(hook.id)
    const { breaker } = lanes.lane(hook.id)
    if (mayRepeatAtOnce(exchange) && !this.stopped) {
      if (work.connects <= hook.schedule.connect.retries && (breaker?.state ?? 'closed') === 'closed') {
        if (this.#held.has(hook.id) || this.#closing) lanes.putBack(work)
        else this.#handBack([work.claim]) // the lane is another's by now, or will be
        return true
      }
      lanes.lane(hook.id).missed()
    }
    const failed = hasFailed(exchange, reading)
    if (failed !== undefined) breaker?.record(failed, now)
    const { closedUntil } = lanes.lane(hook.id)
    if (closedUntil > now) {
      this.#handBack(lanes.clear(hook.id))
      this.wakeAt(closedUntil)
    }
    return false
  }

  /** Hands claims back that were not sent: whoever can sends them. */
  #handBack(claims: readonly Claim[], dueAt?: number): void {
    if (claims.length > 0) void this.track(this.#release(claims, dueAt))
  }

  async #release(claims: readonly Claim[], dueAt: number | undefined): Promise<void> {
    const { store, holdings, reporter } = this.#options
    const current = claims.map((claim) => holdings.current(claim))
    try {
      await store.release(current, dueAt)
    } catch (error) {
      this.#owed.push({ claims: current, dueAt })
      reporter.fault('Deliveries could not be handed back yet', error)
    }
    for (const claim of current) {
      holdings.forget(claim)
      this.#goOn(claim)
    }
  }

  /** What others have claimed since is theirs: the store goes by the token. */
  async #handBackOwed(): Promise<void> {
    for (let owed = this.#owed[0]; owed !== undefined; owed = this.#owed[0]) {
      await this.#options.store.release(owed.claims, owed.dueAt)
      this.#owed.shift()
    }
  }

  /** Its room is free; or it was claimed again meanwhile, and waits for its next place. */
  #goOn(done: Claim): void {
    const { holdings } = this.#options
    const { hookId } = done.delivery
    const next = holdings.finish(done)
    if (next !== undefined) this.#queue(next, this.#held.losses)
    else if (holdings.hasRoomForMore(hookId)) this.#look()
    this.#held.finished(hookId)
    this.#done()
  }
}

/** What was recorded, for each hook; nearly always it is in their order. */
function inOrderOf(
  hooks: readonly HookToTell[],
  recorded: readonly Recorded[],
): readonly (Recorded | undefined)[] {
  const isInOrder =
    hooks.length === recorded.length &&
    recorded.every(({ delivery }, index) => delivery.hookId === hooks[index]?.hookId)
  if (isInOrder) return recorded
  const byHook = new Map(recorded.map((each) => [each.delivery.hookId, each]))
  return hooks.map(({ hookId }) => byHook.get(hookId))
}
