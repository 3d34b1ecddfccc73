import { checkFields, wholeNumber, type Fields } from '../option-fields.ts'
import type { TransportOptions } from './transport.ts'

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

const defaultSocketsPerHost = 256
const fields: Fields = { socketsPerHost: wholeNumber(1) }

/**
 * @param of what takes the options: `gotTransport()`
 * @throws {@link ConfigurationError} `option_invalid`
 */
export function checkedSocketsPerHost(options: TransportOptions, of: string): number {
  checkFields(options, fields, { of })
  return options.socketsPerHost ?? defaultSocketsPerHost
}
