/** How long another transaction that tells of the same scope is waited for, in milliseconds. */
export const patienceMs = 2000
/** What is told together with others waits for so long, and is told by itself when that is too short; and so does what has waited for long. */
export const leastPatienceMs = 50

/** Begins to run out when it is made: what waits for one transaction after another waits no longer than for one. */
export class Patience {
  readonly #endsAt = performance.now() + patienceMs

  /** Milliseconds; never 0, which would be for ever. */
  get leftMs(): number {
    return Math.max(leastPatienceMs, Math.ceil(this.#endsAt - performance.now()))
  }
}
