import PQueue from 'p-queue'
import { isOfSome } from './faults.ts'

interface Call<Item, Result> {
  readonly items: readonly Item[]
  readonly resolve: (results: readonly Result[]) => void
  readonly reject: (error: unknown) => void
}

/** Sends items together. @returns a result for each, in their order */
export type Send<Item, Result> = (items: readonly Item[]) => Promise<readonly Result[]>

/**
 * Group commit: the calls of one turn of the event loop, and those that come while a statement is on its way, are one statement. The
 * items of a call stay together, and in order.
 */
export class Batch<Item, Result> {
  readonly #send: Send<Item, Result>
  readonly #turns: PQueue
  readonly #most: number
  #waiting: Call<Item, Result>[] = []
  #isBusy = false

  /**
   * @param options.turns one at a time: batches that share them are sent one after another
   * @param options.most items of several calls that are sent together; those of one call always are
   */
  constructor(
    send: Send<Item, Result>,
    { turns = new PQueue({ concurrency: 1 }), most = 1000 }: { turns?: PQueue; most?: number } = {},
  ) {
    this.#send = send
    this.#turns = turns
    this.#most = most
  }

  add(items: readonly Item[]): Promise<readonly Result[]> {
    if (items.length === 0) return Promise.resolve([])
    const { promise, resolve, reject } = Promise.withResolvers<readonly Result[]>()
    this.#waiting.push({ items, resolve, reject })
    if (!this.#isBusy) {
      this.#isBusy = true
      setImmediate(() => void this.#work())
    }
    return promise
  }

  /** Never rejects: its callers are told. */
  async #work(): Promise<void> {
    while (this.#waiting.length > 0) await this.#turns.add(() => this.#answer(this.#next()))
    this.#isBusy = false
  }

  #next(): readonly Call<Item, Result>[] {
    let size = 0
    const end = this.#waiting.findIndex(
      ({ items }, index) => (size += items.length) > this.#most && index > 0,
    )
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end)
  }

  /** @returns what was wrong with all of them; `undefined` when nothing was, or only with some */
  async #answer(calls: readonly Call<Item, Result>[]): Promise<unknown> {
    try {
      const results = await this.#send(calls.flatMap(({ items }) => items))
      let from = 0
      for (const { items, resolve } of calls) resolve(results.slice(from, (from += items.length)))
      return undefined
    } catch (error) {
      if (isOfSome(error) && calls.length > 1) return this.#answerEach(calls)
      for (const { reject } of calls) reject(error)
      return error
    }
  }

  /** What is wrong with one call is not the others' fault; a server that has gone away meanwhile is away for all of them. */
  async #answerEach(calls: readonly Call<Item, Result>[]): Promise<void> {
    for (const [index, call] of calls.entries()) {
      const error = await this.#answer([call])
      if (error === undefined || isOfSome(error)) continue
      for (const { reject } of calls.slice(index + 1)) reject(error)
      return
    }
  }
}
