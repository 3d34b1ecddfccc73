import { longestTimerMs } from '../../longest-timer.ts'

/** One timer for the earliest of many times. For one that no timer can hold it goes off early, and is set again. It keeps the process alive: what waits is not lost silently. */
export class Alarm {
  readonly #now: () => number
  readonly #ring: () => void
  #timer: NodeJS.Timeout | undefined
  #at = Infinity
  #closed = false

  constructor(now: () => number, ring: () => void) {
    this.#now = now
    this.#ring = ring
  }

  /** Goes off at this time, in epoch milliseconds, unless it is set to go off earlier. `undefined` changes nothing. */
  set(at: number | undefined): void {
    if (at === undefined || at >= this.#at || this.#closed) return
    clearTimeout(this.#timer)
    this.#at = at
    this.#timer = setTimeout(() => this.#goOff(), Math.min(Math.max(0, at - this.#now()), longestTimerMs))
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #goOff(): void {
    this.#at = Infinity
    this.#ring()
  }
}
