import { longestTimerMs } from '../../longest-timer.ts'
import { Topic } from './topic.ts'

/** One timer for the earliest of many times. For one that no timer can hold it goes off early, and is set again. It keeps the process alive: what waits is not lost silently. */
export class WakeTimer {
  /** It has gone off. */
  readonly woken: Topic = new Topic()
  readonly #now: () => number
  #timer: NodeJS.Timeout | undefined
  #at = Infinity
  #closed = false

  constructor(now: () => number) {
    this.#now = now
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Goes off at this time, in epoch milliseconds, unless it is set to go off earlier. `undefined` changes nothing. */
  wakeAt(time: number | undefined): void {
    if (time === undefined || time >= this.#at || this.#closed) return
    clearTimeout(this.#timer)
    this.#at = time
    this.#timer = setTimeout(() => this.#goOff(), Math.min(Math.max(0, time - this.#now()), longestTimerMs))
  }

  /** Goes off now, whatever it is set to. */
  wake(): void {
    if (!this.#closed) this.woken.tell()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #goOff(): void {
    this.#at = Infinity
    this.woken.tell()
  }
}
