/** Counts what goes on, and tells when nothing does. */
export class Tally {
  #count = 0
  #zero: PromiseWithResolvers<void> | undefined

  get count(): number {
    return this.#count
  }

  change(by: number): void {
    this.#count += by
    if (this.#count > 0) return
    this.#zero?.resolve()
    this.#zero = undefined
  }

  /** Resolves when the count is 0, or was in between. */
  async zero(): Promise<void> {
    if (this.#count === 0) return
    this.#zero ??= Promise.withResolvers<void>()
    await this.#zero.promise
  }
}
