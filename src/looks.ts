import PQueue from 'p-queue'

export interface LooksOptions {
  /** Sees what is there now, and does what is to be done about it. May ask for another look. */
  readonly look: () => Promise<void>
  /** A look has failed. Others follow when they are asked for. May not throw. */
  readonly failed: (error: unknown) => void
}

/**
 * One look at a time, and another if it was asked for meanwhile: what changed while somebody looked is seen by the next look, and any
 * number of changes take one.
 */
export class Looks {
  readonly #options: LooksOptions
  readonly #queue = new PQueue({ concurrency: 1 })
  #isClosed = false

  constructor(options: LooksOptions) {
    this.#options = options
  }

  /** A look that begins now, or after the one under way. */
  ask(): void {
    const willBeSeen = this.#queue.size > 0 // by one that has not begun
    if (!this.#isClosed && !willBeSeen) void this.#queue.add(() => this.#look())
  }

  /** Resolves when nobody looks, and no look was asked for. */
  idle(): Promise<void> {
    return this.#queue.onIdle()
  }

  /** No look begins from now on. Resolves when the one under way is over. May be called again. */
  close(): Promise<void> {
    this.#isClosed = true
    this.#queue.clear()
    return this.#queue.onIdle()
  }

  async #look(): Promise<void> {
    try {
      await this.#options.look()
    } catch (error) {
      this.#options.failed(error)
    }
  }
}
