import PQueue from 'p-queue'

/** Tokens of one claimer's number. Numbers are below 2^31, so that all tokens are safe integers. */
export const tokensOfAClaimer: number = 2 ** 22

/** Gives out tokens that nobody else ever gives: numbers of a sequence that all who share the database take from, and a count. */
export class Tokens {
  readonly #newClaimer: () => Promise<number>
  readonly #claimers: number[] = []
  #next = 0
  #end = 0
  readonly #refills = new PQueue({ concurrency: 1 })

  constructor(newClaimer: () => Promise<number>) {
    this.#newClaimer = newClaimer
  }

  /** Every claimer's number that tokens were given of. */
  get claimers(): readonly number[] {
    return this.#claimers
  }

  /** @returns the first of so many, which follow each other */
  async take(count: number): Promise<number> {
    while (this.#end - this.#next < count) await this.#refills.add(() => this.#refill(count))
    const first = this.#next
    this.#next += count
    return first
  }

  /** Gives back the last of those that were taken last, unused. */
  giveBack(count: number): void {
    this.#next -= count
  }

  async #refill(count: number): Promise<void> {
    if (this.#end - this.#next >= count) return
    const claimer = await this.#newClaimer()
    this.#claimers.push(claimer)
    this.#next = claimer * tokensOfAClaimer
    this.#end = this.#next + tokensOfAClaimer
  }
}
