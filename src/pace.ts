/** How often a hook is sent to: a token bucket. */
export interface PaceOptions {
  /** Requests a second in the long run; below 1 for less than one a second. */
  readonly perSecond: number
  /** Requests that may follow each other at once after a rest. @default 1 */
  readonly burst?: number | undefined
}

export class Pace {
  readonly #intervalMs: number
  readonly #burst: number
  /** When the bucket was, or will be, full but for one token. Each request moves it on by an interval. */
  #next = -Infinity

  constructor({ perSecond, burst = 1 }: PaceOptions) {
    this.#intervalMs = 1000 / perSecond
    this.#burst = burst
  }

  /** Epoch milliseconds from which a request may be sent. */
  get readyAt(): number {
    return this.#next - (this.#burst - 1) * this.#intervalMs
  }

  /** Whether all that was sent is forgotten: as many may follow each other as at first. */
  isAtRest(now: number): boolean {
    return this.#next <= now
  }

  /** What is kept for the process that has the hook next. */
  get memory(): number {
    return this.#next
  }

  /** @param memory of another process; `undefined` when that left none: then its last request may have been just now */
  recall(memory: number | undefined, now: number): void {
    this.#next = memory ?? now + this.#burst * this.#intervalMs
  }

  /** A request is sent. */
  take(now: number): void {
    this.#next = Math.max(this.#next, now) + this.#intervalMs
  }

  /** It was not sent after all. */
  giveBack(): void {
    this.#next -= this.#intervalMs
  }
}
