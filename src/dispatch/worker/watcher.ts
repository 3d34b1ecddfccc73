import type { Store } from '../../stores/store.ts'
import type { Reporter } from '../reporter.ts'
import type { Waiters } from '../waiters.ts'
import type { Chores } from './chores.ts'
import type { ClaimedDeliveries } from './claimed-deliveries.ts'
import type { Ownership } from './ownership.ts'

export interface WatcherOptions {
  readonly store: Pick<Store, 'get'>
  readonly waiters: Waiters
  readonly claimed: Pick<ClaimedDeliveries, 'has'>
  readonly ownership: Pick<Ownership, 'sendsToAll'>
  readonly chores: Chores
  readonly reporter: Pick<Reporter, 'lastingFault'>
}

/** How often it is looked for what other processes send, while somebody waits for it, in milliseconds. */
const watchMs = 250
/** The more of them, the less often. */
const watchedInAMs = 10

/** Finds what other processes settle, for those here who wait for it. */
export class Watcher {
  readonly #options: WatcherOptions
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: WatcherOptions) {
    this.#options = options
  }

  /** Looks as long as somebody waits, if that is for others. Keeps the process alive, as what it sends itself would. */
  watch(): void {
    const { chores, ownership, waiters } = this.#options
    if (ownership.sendsToAll || this.#isClosed) return // then it looks at every beat
    const pauseMs = watchMs + waiters.ids.length / watchedInAMs
    this.#timer ??= setTimeout(() => void chores.add(() => this.#onTime()), pauseMs)
  }

  /** Tells of those that are final already, or gone. Those in hand will be told of. */
  async tellFinal(ids: readonly string[]): Promise<void> {
    const { claimed, store, waiters } = this.#options
    const elsewhere = ids.filter((id) => !claimed.has(id))
    const deliveries = await store.get(elsewhere)
    for (const [index, id] of elsewhere.entries()) {
      const delivery = deliveries[index]
      if (delivery?.state !== 'waiting') waiters.tell(id, delivery)
    }
  }

  /** Of all that somebody waits for. */
  tellAllFinal(): Promise<void> {
    return this.tellFinal(this.#options.waiters.ids)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  async #onTime(): Promise<void> {
    this.#timer = undefined
    try {
      await this.tellAllFinal()
    } catch (error) {
      this.#options.reporter.lastingFault('The store could not be asked for what others send', error)
    }
    if (this.#options.waiters.ids.length > 0) this.watch()
  }
}
