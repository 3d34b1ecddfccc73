import { Looks } from '../../looks.ts'
import type { Store } from '../../stores/store.ts'
import type { Reporter } from '../reporter.ts'
import type { ClaimedDeliveries } from './claimed-deliveries.ts'
import type { Term } from './execution.ts'
import type { Executor } from './executor.ts'
import type { HealthSync } from './health-sync.ts'
import type { Lanes } from './lanes.ts'
import type { Ownership } from './ownership.ts'
import type { WakeTimer } from './wake-timer.ts'

export interface ClaimLoopOptions {
  readonly store: Pick<Store, 'claim' | 'nextDueAt'>
  readonly ownership: Pick<Ownership, 'ids' | 'has' | 'mayClaim' | 'term'>
  readonly lanes: Lanes
  readonly claimed: ClaimedDeliveries
  readonly executor: Pick<Executor, 'add' | 'clear'>
  readonly healthSync: Pick<HealthSync, 'isOpen' | 'open'>
  readonly wakes: WakeTimer
  readonly reporter: Pick<Reporter, 'lastingFault'>
  /** How long a lease lasts, in milliseconds. */
  readonly leaseMs: number
  readonly now: () => number
  /** Aborted, nothing more is claimed. */
  readonly signal: AbortSignal
}

/** Claims what is due, as far as there is room, and sets the timer for what is not. What has no room waits in the store, and takes no memory. */
export class ClaimLoop {
  readonly #options: ClaimLoopOptions
  readonly #looks: Looks

  constructor(options: ClaimLoopOptions) {
    this.#options = options
    this.#looks = new Looks({ look: () => this.#look(), failed: (error) => this.#failed(error) })
    options.wakes.woken.listen(() => this.#wake())
    options.claimed.roomy.listen(() => this.#wake())
  }

  /** No look begins any more. Resolves when the one under way is over. May be called again. */
  stop(): Promise<void> {
    this.#options.wakes.close()
    return this.#looks.close()
  }

  /** Claims once more, when the loop has stopped: what is due now, and would be lost with the process. Never rejects. */
  async claimTheRest(): Promise<void> {
    try {
      if (this.#options.ownership.ids.size > 0) await this.#look()
    } catch (error) {
      this.#failed(error)
    }
  }

  #wake(): void {
    if (this.#options.ownership.ids.size > 0) this.#looks.ask()
  }

  #failed(error: unknown): void {
    this.#options.reporter.lastingFault('Due deliveries could not be read', error)
  }

  async #look(): Promise<void> {
    const { claimed, healthSync, ownership, store, wakes } = this.#options
    if (!healthSync.isOpen) await healthSync.open()
    await this.#claimAsMuchAsFits()
    const idle = [...ownership.ids].filter((id) => !claimed.expectsMore(id))
    if (idle.length > 0) wakes.wakeAt(await store.nextDueAt(idle))
  }

  async #claimAsMuchAsFits(): Promise<void> {
    const { claimed, executor, leaseMs, now, signal, store } = this.#options
    const { rooms, terms } = this.#rooms()
    if (rooms.size === 0 || signal.aborted) return
    const time = now()
    const until = time + leaseMs
    for (const claim of await store.claim({ hooks: rooms, now: time, until })) {
      const term = terms.get(claim.delivery.hookId) as Term // none but these hooks' are given
      const execution = claimed.add(claim, term, until)
      if (execution !== undefined) executor.add(execution)
    }
    this.#returnLost(terms)
  }

  /** By hook: for how many there is room, and the term in which they are claimed. */
  #rooms(): { readonly rooms: ReadonlyMap<string, number>; readonly terms: ReadonlyMap<string, Term> } {
    const { claimed, lanes, now, ownership, wakes } = this.#options
    const rooms = new Map<string, number>()
    const terms = new Map<string, Term>()
    for (const id of ownership.ids) {
      if (!ownership.mayClaim(id)) continue
      const room = claimed.room(id)
      claimed.expect(id, room === 0)
      if (room > 0) {
        rooms.set(id, room)
        terms.set(id, ownership.term(id))
      } else if (lanes.lane(id).closedUntil > now()) wakes.wakeAt(lanes.lane(id).closedUntil)
    }
    return { rooms, terms }
  }

  /** Lost, or asked for by another worker, while the store was asked: they wait for no place here. */
  #returnLost(terms: ReadonlyMap<string, Term>): void {
    const { executor, ownership } = this.#options
    for (const id of terms.keys()) if (!ownership.has(id)) executor.clear(id)
  }
}
