import { setImmediate as nextTurn } from 'node:timers/promises'
import PQueue from 'p-queue'
import { closedError } from './faults.ts'

/** From the first use, which prepares what all of them need, to the end, which waits for what was asked before. */
export class Session {
  readonly #prepare: () => Promise<void>
  readonly #underWay = new PQueue()
  #opened: Promise<void> | undefined
  #isClosed = false

  constructor(prepare: () => Promise<void>) {
    this.#prepare = prepare
  }

  async do<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw closedError()
    return this.track(this.#open().then(work))
  }

  /** Has {@link close} wait for it. */
  track<Result>(work: Promise<Result>): Promise<Result> {
    return this.#underWay.add(() => work)
  }

  /** Does nothing more. Resolves when what was asked is done, and what followed from that. */
  async close(): Promise<void> {
    this.#isClosed = true
    do {
      await this.#underWay.onIdle()
      await nextTurn()
    } while (this.#underWay.pending > 0)
  }

  /** Once; anew after a fault, whose cause may be gone. */
  #open(): Promise<void> {
    this.#opened ??= this.#prepare().catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }
}
