import type { Delivery } from '../delivery.ts'
import type { Store, ToldWithin } from '../stores/store.ts'
import { transactionOver } from './transaction-over.ts'
import { unlessAborted, type Waiters } from './waiters.ts'
import type { ClaimedDeliveries } from './worker/claimed-deliveries.ts'
import type { Watcher } from './worker/watcher.ts'
import type { Worker } from './worker/worker.ts'

export interface SettledOptions {
  readonly store: Pick<Store, 'get'>
  readonly waiters: Waiters
  readonly watcher: Pick<Watcher, 'tellFinal' | 'watch'>
  readonly claimed: Pick<ClaimedDeliveries, 'has'>
  readonly worker: Pick<Worker, 'isStopped'>
  /** Aborted when the dispatcher has closed. */
  readonly closed: AbortSignal
}

/** Waits until deliveries are final, whoever sends them. */
export class SettledDeliveries {
  readonly #options: SettledOptions

  constructor(options: SettledOptions) {
    this.#options = options
  }

  /**
   * Resolves with the deliveries as they stand when each is final, or the dispatcher has closed; without those that are not there.
   *
   * @param isOver of the caller's transaction in which they were recorded: nothing is looked for before
   */
  async settled(
    ids: readonly string[],
    signal: AbortSignal | undefined,
    isOver?: ToldWithin['isOver'],
  ): Promise<readonly Delivery[]> {
    const { closed, store } = this.#options
    if (isOver !== undefined) await transactionOver(isOver, { closed, signal })
    const told = await this.#told(ids, signal)
    const stored = told.includes(undefined) ? await store.get(ids) : told
    return told
      .map((delivery, index) => delivery ?? stored[index])
      .filter((delivery) => delivery !== undefined)
  }

  /** Listens before it looks, so that it misses nothing. */
  async #told(ids: readonly string[], signal?: AbortSignal): Promise<readonly (Delivery | undefined)[]> {
    const { claimed, waiters, watcher, worker } = this.#options
    const { told, giveUp } = waiters.wait(ids)
    try {
      if (!ids.every((id) => claimed.has(id))) {
        await watcher.tellFinal(ids)
        watcher.watch()
      }
      if (worker.isStopped) waiters.tellAll()
      return await (signal === undefined ? told : unlessAborted(told, signal))
    } catch (error) {
      giveUp()
      throw error
    }
  }
}
