import PQueue from 'p-queue'

/** What uses the store beside deliveries in hand: each goes on at once and by itself, and is waited for by who closes. */
export class Chores {
  readonly #queue = new PQueue()
  /** Those that come too often for a queue, which takes 2 us for each. */
  #others = 0
  #othersEnd: PromiseWithResolvers<void> | undefined

  get isIdle(): boolean {
    return this.#others + this.#queue.pending + this.#queue.size === 0
  }

  /** @returns what the chore returns, and rejects with what it throws: if nobody waits for it, the chore catches that itself */
  add<Value>(chore: () => Promise<Value>): Promise<Value> {
    return this.#queue.add(chore)
  }

  /** One begins that is not added; {@link end} tells of its end. */
  begin(): void {
    this.#others += 1
  }

  end(): void {
    this.#others -= 1
    if (this.#others > 0) return
    this.#othersEnd?.resolve()
    this.#othersEnd = undefined
  }

  /** Resolves when there was none of either kind. */
  async idle(): Promise<void> {
    await this.#queue.onIdle()
    if (this.#others === 0) return
    this.#othersEnd ??= Promise.withResolvers<void>()
    await this.#othersEnd.promise
  }
}
