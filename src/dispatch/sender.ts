import { setMaxListeners } from 'node:events'
import type { Claim, NewDelivery, Recorded, Store } from '../stores/store.ts'
import { Alarm } from './alarm.ts'
import type { Deliverer } from './deliverer.ts'
import type { Holdings } from './holdings.ts'
import type { Hook } from './hook.ts'
import type { Reporter } from './reporter.ts'
import type { Settlements } from './settlements.ts'

export interface SenderOptions {
  readonly hooks: ReadonlyMap<string, Hook>
  readonly store: Store
  readonly deliverer: Deliverer
  readonly holdings: Holdings
  readonly reporter: Reporter
  readonly settlements: Settlements
  readonly now: () => number
}

/** A lease outlasts three beats: one may be late without another process taking over. */
const leaseMs = 30_000
const beatMs = 5000
/** Deliveries started in one turn of the event loop: sending to 1,000 hooks in one would stall the controller for 250 ms. */
const startsInATurn = 64

/**
 * Sends what is due: claims it from the store as far as there is room, has it delivered, and keeps its leases. What is not
 * due, or has no room, waits in the store and takes no memory.
 */
export class Sender {
  readonly #hooks: ReadonlyMap<string, Hook>
  readonly #store: Store
  readonly #deliverer: Deliverer
  readonly #reporter: Reporter
  readonly #settlements: Settlements
  readonly #now: () => number
  readonly #alarm: Alarm
  readonly #holdings: Holdings
  /** Ends what is in flight. */
  readonly #stop = new AbortController()
  /** What uses the store or the transport now. */
  readonly #busy = new Set<Promise<unknown>>()
  /** Claimed, and to be started. */
  readonly #unstarted: Claim[] = []
  #opened: Promise<void> | undefined
  #claiming = false
  #claimAgain = false
  #beat: NodeJS.Timeout | undefined
  #closing = false

  constructor({ hooks, store, deliverer, holdings, reporter, settlements, now }: SenderOptions) {
    this.#hooks = hooks
    this.#store = store
    this.#deliverer = deliverer
    this.#holdings = holdings
    this.#reporter = reporter
    this.#settlements = settlements
    this.#now = now
    this.#alarm = new Alarm(now, () => this.#look())
    setMaxListeners(0, this.#stop.signal) // one for each request in flight
  }

  get unstarted(): number {
    return this.#unstarted.length
  }

  get stopped(): boolean {
    return this.#stop.signal.aborted
  }

  /** Goes on with what an earlier process left waiting. */
  start(): void {
    this.#beat = setInterval(() => void this.track(this.#onBeat()), beatMs)
    this.#beat.unref()
    this.#look()
  }

  /** Records deliveries, and sends those that are fresh and due. */
  async record(deliveries: readonly NewDelivery[]): Promise<readonly Recorded[]> {
    await this.#open()
    const reserved = deliveries.map(
      (given) => given.dueAt === undefined && this.#holdings.reserve(given.hookId),
    )
    const given = deliveries.map((delivery, index) =>
      reserved[index] === true ? delivery : { ...delivery, dueAt: delivery.dueAt ?? delivery.recordedAt },
    )
    let recorded: readonly Recorded[] = []
    try {
      recorded = await this.#store.record(given, this.#now() + leaseMs)
    } finally {
      for (const [index, { hookId }] of deliveries.entries())
        if (reserved[index] === true && recorded[index]?.token === undefined) this.#holdings.cancel(hookId)
    }
    for (const { delivery, fresh, token } of recorded) {
      if (token !== undefined) this.#take({ delivery, token })
      else if (fresh && !this.#holdings.expectsMore(delivery.hookId)) this.wakeAt(delivery.dueAt)
    }
    return recorded
  }

  /** Looks for due deliveries then, or earlier. */
  wakeAt(time: number | undefined): void {
    this.#alarm.set(time)
  }

  /** Tells of those that are final already, or gone. Those in hand will be told of. */
  async tellFinal(ids: readonly string[]): Promise<void> {
    const elsewhere = ids.filter((id) => !this.#holdings.has(id))
    if (elsewhere.length === 0) return
    const deliveries = await this.#store.get(elsewhere)
    for (const [index, id] of elsewhere.entries()) {
      const delivery = deliveries[index]
      if (delivery?.state !== 'waiting') this.#settlements.tell(id, delivery)
    }
  }

  /** {@link drain} waits for it. */
  track<Value>(work: Promise<Value>): Promise<Value> {
    this.#busy.add(work)
    const done = (): void => void this.#busy.delete(work)
    work.then(done, done)
    return work
  }

  /** Ends what is in flight; what has no answer yet is handed back. */
  abort(): void {
    this.#stop.abort()
  }

  /** Sends what is claimed, claims no more, and resolves when the store is used no longer. What would be lost with the process is claimed to the end. */
  async drain(): Promise<void> {
    this.#closing = true
    this.#alarm.close()
    do {
      this.#startSome(this.#unstarted.length)
      await Promise.allSettled(this.#busy)
      if (!this.#store.durable) await this.#claimOrReport()
    } while (this.#busy.size + this.#unstarted.length > 0)
    this.#stop.abort()
    clearInterval(this.#beat)
  }

  /** Once, and again after a fault of the store: hooks that were disabled stay so. */
  #open(): Promise<void> {
    this.#opened ??= this.#readHookStates().catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  async #readHookStates(): Promise<void> {
    this.#deliverer.setHookStates(await this.#store.hookStates())
  }

  /** Keeps the leases, and sees what other processes have changed. */
  async #onBeat(): Promise<void> {
    try {
      await this.#store.renew(this.#holdings.claims, this.#now() + leaseMs)
      await this.#readHookStates()
      await this.tellFinal(this.#settlements.ids)
    } catch (error) {
      this.#reporter.fault('The store could not be read, or leases not be kept', error)
    }
    this.#look()
  }

  /** Claims what is due, and sets the alarm for what is not. One look at a time, and another if it was asked for meanwhile. */
  #look(): void {
    this.#claimAgain = true
    if (this.#claiming || this.#closing) return
    void this.track(this.#claimOrReport())
  }

  async #claimOrReport(): Promise<void> {
    try {
      await this.#claimDue()
    } catch (error) {
      this.#reporter.fault('Due deliveries could not be read', error)
    }
  }

  async #claimDue(): Promise<void> {
    this.#claiming = true
    try {
      await this.#open()
      do {
        this.#claimAgain = false
        await this.#claimAsMuchAsFits()
      } while (this.#claimAgain && !this.#closing)
      const idle = [...this.#hooks.keys()].filter((id) => !this.#holdings.expectsMore(id))
      this.#alarm.set(await this.#store.nextDueAt(idle))
    } finally {
      this.#claiming = false
    }
  }

  async #claimAsMuchAsFits(): Promise<void> {
    const hooks = new Map<string, number>()
    for (const id of this.#hooks.keys()) {
      const room = this.#holdings.room(id)
      this.#holdings.expect(id, room === 0)
      if (room > 0) hooks.set(id, room)
    }
    if (hooks.size === 0 || this.stopped) return
    const now = this.#now()
    for (const claim of await this.#store.claim({ hooks, now, until: now + leaseMs }))
      if (this.#holdings.add(claim)) this.#queue(claim)
  }

  #take(claim: Claim): void {
    this.#holdings.put(claim)
    this.#queue(claim)
  }

  /** Starts after the caller has gone on: a request costs a third of a millisecond, which is not the deploy's. */
  #queue(claim: Claim): void {
    if (this.#unstarted.push(claim) === 1) setImmediate(() => this.#startSome(startsInATurn))
  }

  #startSome(most: number): void {
    for (const claim of this.#unstarted.splice(0, most)) this.#start(claim)
    if (this.#unstarted.length > 0) setImmediate(() => this.#startSome(startsInATurn))
  }

  #goOn(done: Claim): void {
    const next = this.#holdings.finish(done)
    if (next !== undefined) this.#queue(next)
    else if (this.#holdings.hasRoomForMore(done.delivery.hookId)) this.#look()
  }

  #start(claim: Claim): void {
    // A microtask later, so that a `close()` from inside the transport finds the delivery among the busy ones.
    const done = Promise.resolve()
      .then(() => this.#deliverer.deliver(claim, this.#stop.signal))
      .then((delivery) => this.wakeAt(delivery?.dueAt))
      .catch((error: unknown) => {
        // Its lease ends, and it is sent again: what was sent is not known to the store.
        this.#reporter.fault('A delivery could not be settled', error, { deliveryId: claim.delivery.id })
      })
      .finally(() => this.#goOn(claim))
    void this.track(done)
  }
}
