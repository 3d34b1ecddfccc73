interface Forgettable {
  /** Epoch milliseconds. */
  readonly forgetAt: number
}

/** What is forgotten in time: one look at two for each telling, round and round, so that there are never many more than there have to be. */
export class Rounds<Kept extends Forgettable> {
  readonly #all: Kept[] = []
  readonly #forget: (kept: Kept) => boolean
  #next = 0

  /** @param forget tells whether it could */
  constructor(forget: (kept: Kept) => boolean) {
    this.#forget = forget
  }

  add(kept: Kept): void {
    this.#all.push(kept)
  }

  forgetSome(now: number): void {
    this.#look(now)
    this.#look(now)
  }

  #look(now: number): void {
    const kept = this.#all[this.#next]
    if (kept === undefined) this.#next = 0
    else if (kept.forgetAt > now || !this.#forget(kept)) this.#next += 1
    else this.#takeOut()
  }

  /** The last one comes in its place. */
  #takeOut(): void {
    const last = this.#all.pop() as Kept
    if (this.#next < this.#all.length) this.#all[this.#next] = last
  }
}
