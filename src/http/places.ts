import { shownValue } from '../shown-value.ts'

/** Somebody who takes a place. */
export interface Guest {
  /** Called when it has its place: at once, or when it was its turn. */
  start(): void
}

/** So many places at a time; whoever finds none waits in line. */
export class Places {
  readonly #count: number
  readonly #waiting = new Set<Guest>()
  #taken = 0

  constructor(count: number) {
    this.#count = count
  }

  enter(guest: Guest): void {
    if (this.#taken === this.#count) {
      this.#waiting.add(guest)
      return
    }
    this.#taken += 1
    guest.start()
  }

  /** Gives back the place, or leaves the line. */
  leave(guest: Guest): void {
    if (this.#waiting.delete(guest)) return
    const [next] = this.#waiting
    if (next === undefined) {
      this.#taken -= 1
      return
    }
    this.#waiting.delete(next)
    // In a turn of its own: a long line of guests that leave as they come would be as deep a recursion.
    queueMicrotask(() => next.start())
  }
}

/** @throws {RangeError} when it is not a positive integer */
export function checkedSocketsPerHost(count = 256): number {
  if (Number.isInteger(count) && count > 0) return count
  throw new RangeError(`Expected \`socketsPerHost\` to be a positive integer, got ${shownValue(count)}`)
}
