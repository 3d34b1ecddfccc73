import { setImmediate as nextTurn } from 'node:timers/promises'

interface Timer {
  at: number
  readonly ring: () => void
  /** Of an interval. */
  readonly everyMs?: number
}

/** The process's own functions, put back by {@link VirtualTime[Symbol.dispose]}. */
const replaced = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
] as const

/**
 * Takes the place of the process's timers, and goes from one timer to the next at once: days take seconds. Mocked timers as
 * those of `node:test` do not do here: `tick()` shows every timer the time at which it ends, and lets no promise settle in between.
 */
export class VirtualTime implements Disposable {
  readonly #own = replaced.map((name) => [name, globalThis[name]] as const)
  /** Earliest first; of one time in the order they were set. */
  readonly #timers: Timer[] = []
  #immediates: Timer[] = []
  #now: number
  #rings = 0

  constructor(startsAt: number) {
    this.#now = startsAt
    const clear = (handle: unknown): void => this.#clear(handle)
    const fakes: Record<(typeof replaced)[number], unknown> = {
      setTimeout: (ring: () => void, ms = 0) => this.#set({ at: this.#now + Math.max(1, ms), ring }),
      clearTimeout: clear,
      setInterval: (ring: () => void, ms: number) => this.#set({ at: this.#now + ms, ring, everyMs: ms }),
      clearInterval: clear,
      setImmediate: (ring: () => void) => this.#setImmediate(ring),
      clearImmediate: clear,
    }
    Object.assign(globalThis, fakes)
  }

  get now(): number {
    return this.#now
  }

  /** Timers that have gone off. */
  get rings(): number {
    return this.#rings
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, Object.fromEntries(this.#own))
  }

  /** Resolves when so much of this time has passed, or the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = this.#set({ at: this.#now + ms, ring: resolve })
    const abort = (): void => {
      this.#clear(timer)
      resolve()
    }
    signal?.addEventListener('abort', abort, { once: true })
    return promise.finally(() => signal?.removeEventListener('abort', abort))
  }

  /** Lets all happen that is to happen until then, or until this is so. */
  async advanceTo(at: number, isSo: () => boolean = () => false): Promise<void> {
    await this.#settle()
    for (let next = this.#timers[0]; next !== undefined && next.at <= at; next = this.#timers[0]) {
      if (isSo()) return
      this.#timers.shift()
      this.#now = next.at
      if (next.everyMs !== undefined) this.#set(next, next.at + next.everyMs)
      this.#rings += 1
      next.ring()
      await this.#settle()
    }
    if (!isSo()) this.#now = at
  }

  /** A turn of the real event loop ends when no promise can go on, so what is left are timers. */
  async #settle(): Promise<void> {
    await nextTurn()
    while (this.#immediates.length > 0) {
      const immediates = this.#immediates
      this.#immediates = []
      for (const { ring } of immediates) ring()
      await nextTurn()
    }
  }

  #set(timer: Timer, at: number = timer.at): Timer & { unref(): void } {
    timer.at = at
    const index = this.#timers.findLastIndex((other) => other.at <= at) + 1
    this.#timers.splice(index, 0, timer)
    return Object.assign(timer, { unref() {} })
  }

  #setImmediate(ring: () => void): Timer {
    const immediate = { at: this.#now, ring }
    this.#immediates.push(immediate)
    return immediate
  }

  #clear(handle: unknown): void {
    const index = this.#timers.indexOf(handle as Timer)
    if (index !== -1) this.#timers.splice(index, 1)
    this.#immediates = this.#immediates.filter((immediate) => immediate !== handle)
  }
}
