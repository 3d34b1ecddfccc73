import { textOfError } from '../shown-text.ts'
import { DispatcherClosedError } from '../errors.ts'
import type { Hooks } from '../hooks/registry.ts'
import type { Transport } from '../http/transport.ts'
import type { Logger } from '../logger.ts'
import { longestTimerMs } from '../longest-timer.ts'
import { onRejection } from '../rejection.ts'
import type { Intake } from '../stores/inbox.ts'
import type { Store } from '../stores/store.ts'
import type { Waiters } from './waiters.ts'
import type { Worker } from './worker/worker.ts'

export interface ShutdownOptions {
  readonly worker: Pick<Worker, 'close' | 'abort' | 'giveUp'>
  readonly store: Pick<Store, 'durable' | 'get' | 'counts'>
  readonly transport: Pick<Transport, 'close'>
  readonly waiters: Waiters
  readonly hooks: Hooks
  readonly logger: Logger
  /** Aborted when all is closed, or given up. */
  readonly closed: AbortController
}

/** What a store takes that answers. One that does not holds nobody up for longer. */
const handBackMs = 500
/** Hooks in a log line. */
const mostNamed = 10

/** Closes a dispatcher within its deadline. */
export class Shutdown {
  readonly #options: ShutdownOptions
  readonly #givenUp = Promise.withResolvers<void>()
  #closing: Promise<void> | undefined

  constructor(options: ShutdownOptions) {
    this.#options = options
  }

  /** @throws {@link DispatcherClosedError} `dispatcher_closed` */
  refuse(): void {
    if (this.#closing !== undefined) throw new DispatcherClosedError()
  }

  /**
   * Waits so long, in milliseconds, for what is claimed or in flight; what is left then is returned. May be called again.
   *
   * @param intake of the store's inbox, if it was opened
   */
  close(deadlineMs: number, intake: Intake | undefined): Promise<void> {
    this.#closing ??= this.#close(intake)
    let timer = setTimeout(
      () => {
        this.#options.worker.abort()
        timer = setTimeout(() => this.#giveUp(), handBackMs)
      },
      Math.min(deadlineMs, longestTimerMs),
    )
    return this.#closing.finally(() => clearTimeout(timer))
  }

  async #close(intake: Intake | undefined): Promise<void> {
    const { closed, store, waiters, worker } = this.#options
    await this.#unlessGivenUp(Promise.all([intake?.close(), worker.close()]))
    this.#closeTransport()
    await this.#unlessGivenUp(this.#tellUnfinished())
    if (!store.durable) await this.#unlessGivenUp(this.#warnOfLost())
    waiters.tellAll() // whoever waits asks the store itself
    closed.abort()
  }

  /** Nothing is waited for that a store does not answer. */
  async #unlessGivenUp(work: Promise<unknown>): Promise<void> {
    await Promise.race([work, this.#givenUp.promise])
  }

  #closeTransport(): void {
    const { logger, transport } = this.#options
    const failed = (error: unknown): void =>
      logger.error('The transport could not be closed', { error: textOfError(error) })
    try {
      onRejection(transport.close(), failed)
    } catch (error) {
      failed(error)
    }
  }

  /** What a memory store still has goes with the process, unless another dispatcher of it sends that. */
  async #warnOfLost(): Promise<void> {
    const { hooks, logger, store } = this.#options
    try {
      const left = (await store.counts()).filter(
        ({ hookId, state }) => state === 'waiting' && hooks.byId.has(hookId),
      )
      const deliveries = left.reduce((sum, { count }) => sum + count, 0)
      if (deliveries === 0) return
      const named = left.map(({ hookId }) => hookId).slice(0, mostNamed)
      logger.warn(
        'The dispatcher is closed, and its store keeps nothing past the process: what still waits for another attempt is lost with it. `sqliteStore` and `postgresStore` keep it',
        { deliveries, hooks: named },
      )
    } catch (error) {
      logger.error('What is lost with the process could not be counted', { error: textOfError(error) })
    }
  }

  /** The store does not answer. Nothing waits for it any more, and nothing of this process keeps what it claimed. */
  #giveUp(): void {
    const { closed, logger, worker } = this.#options
    if (closed.signal.aborted) return
    closed.abort()
    logger.error('The store took too long to close: what it did not take back is free when its lease ends')
    worker.giveUp()
    this.#givenUp.resolve()
  }

  /** Now, since the store may be closed next. */
  async #tellUnfinished(): Promise<void> {
    const { closed, logger, store, waiters } = this.#options
    if (closed.signal.aborted) return
    const { ids } = waiters
    try {
      const deliveries = ids.length === 0 ? [] : await store.get(ids)
      for (const [index, id] of ids.entries()) waiters.tell(id, deliveries[index])
    } catch (error) {
      logger.error('The unfinished deliveries could not be read', { error: textOfError(error) })
    } finally {
      waiters.tellAll()
    }
  }
}
