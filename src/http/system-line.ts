import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import PQueue from 'p-queue'
import { ask } from './look-up.ts'

/** Names that are remembered of either kind. */
const mostNames = 1000
/** Who goes first. */
const priorities = { found: 1, unknown: 0, missed: -1 }

/**
 * Has the system look names up, one at a time. Node does so in threads, of which libuv has four, for all that the process does; two look names
 * up at most, and nothing ends a look-up that hangs. So one of the two is left to the platform, and names that were found before go before
 * those that were not.
 */
export class SystemLine {
  readonly #lookup: LookupFunction
  readonly #queue = new PQueue({ concurrency: 1 })
  readonly #lookUps = new Map<string, Promise<readonly LookupAddress[]>>()
  readonly #waiting = new Set<string>()
  readonly #found = new Set<string>()
  readonly #missed = new Set<string>()

  constructor(lookup: LookupFunction) {
    this.#lookup = lookup
  }

  /** Whether the system found it when it was last asked. */
  hasFound(name: string): boolean {
    return this.#found.has(name)
  }

  /** True while others hold up its look-up, and it has done nothing for that: it was not missed when it was last asked for. */
  isHeldUp(name: string): boolean {
    return this.#waiting.has(name) && !this.#missed.has(name)
  }

  /** Whoever asks for the same name meanwhile shares the answer. */
  lookUp(name: string): Promise<readonly LookupAddress[]> {
    const shared = this.#lookUps.get(name)
    if (shared !== undefined) return shared
    this.#waiting.add(name)
    const lookUp = this.#queue.add(() => this.#begin(name), { priority: this.#priorityOf(name) })
    this.#lookUps.set(name, lookUp)
    return lookUp
  }

  async #begin(name: string): Promise<readonly LookupAddress[]> {
    this.#waiting.delete(name)
    let addresses: readonly LookupAddress[] = []
    try {
      addresses = await ask(this.#lookup, name, {})
      return addresses
    } finally {
      this.#lookUps.delete(name)
      const isFound = addresses.length > 0
      remember(this.#found, name, isFound)
      remember(this.#missed, name, !isFound)
    }
  }

  #priorityOf(name: string): number {
    if (this.#found.has(name)) return priorities.found
    return this.#missed.has(name) ? priorities.missed : priorities.unknown
  }
}

function remember(names: Set<string>, name: string, isOne: boolean): void {
  names.delete(name)
  if (!isOne) return
  names.add(name)
  const [oldest] = names
  if (names.size > mostNames && oldest !== undefined) names.delete(oldest)
}
