import PQueue from 'p-queue'
import { Tally } from './tally.ts'

/** What uses the store beside deliveries in hand: each goes on at once and by itself, and is waited for by who closes. */
export class Chores {
  readonly #queue = new PQueue()
  /** Those that come too often for a queue, which takes 2 us for each. */
  readonly #others = new Tally()

  get count(): number {
    return this.#queue.pending + this.#queue.size + this.#others.count
  }

  /** @returns what the chore returns, and rejects with what it throws: if nobody waits for it, the chore catches that itself */
  add<Value>(chore: () => Promise<Value>): Promise<Value> {
    return this.#queue.add(chore)
  }

  /** One begins that is not added; {@link end} tells of its end. */
  begin(): void {
    this.#others.change(1)
  }

  end(): void {
    this.#others.change(-1)
  }

  /** Resolves when there was none of either kind. */
  async idle(): Promise<void> {
    await Promise.all([this.#queue.onIdle(), this.#others.zero()])
  }
}
