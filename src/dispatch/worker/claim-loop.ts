import { setImmediate as nextTurn } from 'node:timers/promises'
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
  readonly store: Pick<Store, 'claim' | 'due'>
  readonly ownership: Pick<Ownership, 'ids' | 'isShared' | 'mayClaim' | 'term'>
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

/** Hooks that are claimed for at once, at most: the next ones follow in another turn of the event loop. */
const hooksAtOnce = 256
/** Hooks that the store is asked for at once. */
const hooksInALook = 10_000
/** Hooks of others that are remembered. One that is forgotten is seen again. */
const mostForeign = 4096
/** What was due and not given may be locked for a moment: after so many milliseconds it is looked for again. */
const lookAgainMs = 250

/** Claims what is due, as far as there is room, and sets the timer for what is not. What has no room waits in the store, and takes no memory. */
export class ClaimLoop {
  readonly #options: ClaimLoopOptions
  readonly #looks: Looks
  /** Hooks that something waits for in the store, and that this process does not have. */
  readonly #foreign = new Set<string>()

  constructor(options: ClaimLoopOptions) {
    this.#options = options
    this.#looks = new Looks({
      look: () => this.#look({ isLast: false }),
      failed: (error) => this.#failed(error),
    })
    options.wakes.woken.listen(() => this.#wake())
    options.claimed.roomy.listen(() => this.#wake())
    options.claimed.postponed.listen(() => this.#wake())
  }

  /** No look begins any more. Resolves when the one under way is over. May be called again. */
  stop(): Promise<void> {
    this.#options.wakes.close()
    return this.#looks.close()
  }

  /** Claims once more, when the loop has stopped: what is due now, and would be lost with the process. Never rejects. */
  async claimTheRest(): Promise<void> {
    try {
      if (this.#options.ownership.ids.size > 0) await this.#look({ isLast: true })
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

  /** Claims until nothing is due, or the loop is stopped. @param isLast what is due is claimed all the same */
  async #look({ isLast }: { readonly isLast: boolean }): Promise<void> {
    const { healthSync, ownership, signal, store, now, wakes } = this.#options
    if (!healthSync.isOpen) await healthSync.open()
    /** Of which nothing was given though something was due: somebody has it in hand. */
    const passed = new Set<string>()
    const mayGoOn = (): boolean => !signal.aborted && (isLast || !wakes.isClosed)
    if (this.#foreign.size > mostForeign) this.#foreign.clear()
    while (mayGoOn()) {
      const except = new Set([...this.#full(), ...this.#foreign, ...passed])
      const among = ownership.isShared ? this.#certain() : undefined
      const { hooks, nextAt } = await store.due({ now: now(), limit: hooksInALook, except, among })
      if (hooks.length === 0) {
        wakes.wakeAt(nextAt)
        if (passed.size > 0) wakes.wakeAt(now() + lookAgainMs)
        return
      }
      for (let from = 0; from < hooks.length && mayGoOn(); from += hooksAtOnce) {
        if (from > 0) await nextTurn()
        for (const hookId of await this.#claim(hooks.slice(from, from + hooksAtOnce))) passed.add(hookId)
      }
    }
  }

  /** Hooks of which more may be due than there is room for; those that are left alone for a while are looked at then. */
  #full(): ReadonlySet<string> {
    const { claimed, lanes, now, wakes } = this.#options
    const full = claimed.full()
    for (const hookId of full) {
      const { closedUntil } = lanes.peek(hookId)
      if (closedUntil > now()) wakes.wakeAt(closedUntil)
    }
    return full
  }

  #certain(): ReadonlySet<string> {
    const { ownership } = this.#options
    return new Set([...ownership.ids].filter((hookId) => ownership.mayClaim(hookId)))
  }

  /** Claims of these hooks what there is room for. @returns those of which nothing was given that is not in hand */
  async #claim(hooks: readonly string[]): Promise<readonly string[]> {
    const { claimed, executor, leaseMs, now, store } = this.#options
    const { rooms, terms } = this.#rooms(hooks)
    if (rooms.size === 0) return []
    const time = now()
    const until = time + leaseMs
    const ungiven = new Set(rooms.keys())
    for (const claim of await store.claim({ hooks: rooms, now: time, until })) {
      const { hookId } = claim.delivery
      const term = terms.get(hookId) as Term // none but these hooks' are given
      const execution = claimed.add(claim, term, until)
      if (execution === undefined) continue
      ungiven.delete(hookId)
      executor.add(execution)
    }
    this.#returnLost(terms)
    return [...ungiven]
  }

  /** By hook: for how many there is room, and the term in which they are claimed. */
  #rooms(hooks: readonly string[]): {
    readonly rooms: ReadonlyMap<string, number>
    readonly terms: ReadonlyMap<string, Term>
  } {
    const { claimed, ownership } = this.#options
    const rooms = new Map<string, number>()
    const terms = new Map<string, Term>()
    for (const id of hooks) {
      if (!ownership.mayClaim(id)) {
        if (!ownership.isShared) this.#foreign.add(id)
        continue
      }
      const room = claimed.room(id)
      claimed.expect(id, room === 0)
      if (room === 0) continue
      rooms.set(id, room)
      terms.set(id, ownership.term(id))
    }
    return { rooms, terms }
  }

  /** Lost, or asked for by another worker, while the store was asked: they wait for no place here. */
  #returnLost(terms: ReadonlyMap<string, Term>): void {
    const { executor, ownership } = this.#options
    for (const id of terms.keys()) if (!ownership.ids.has(id)) executor.clear(id)
  }
}
