import type { Delivery } from '../delivery.ts'

type Tell = (delivery: Delivery | undefined) => void

interface Wait {
  readonly told: Promise<readonly (Delivery | undefined)[]>
  /** Waits no more: what nobody waits for is not looked for. */
  readonly giveUp: () => void
}

/** Who waits for deliveries to become final. */
export class Waiters {
  readonly #waiting = new Map<string, Tell | readonly Tell[]>()

  /** Deliveries that somebody waits for. */
  get ids(): readonly string[] {
    return [...this.#waiting.keys()]
  }

  /**
   * Resolves when all are told to be settled, in the order of `ids`; `undefined` stands for one that nobody will tell of. Ask whether they
   * are after this call, to miss nothing.
   */
  wait(ids: readonly string[]): Wait {
    const { promise, resolve } = Promise.withResolvers<readonly (Delivery | undefined)[]>()
    const told = ids.map((): Delivery | undefined => undefined)
    let left = ids.length
    if (left === 0) resolve([])
    const tells = ids.map((id, index): Tell => {
      const tell = (delivery: Delivery | undefined): void => {
        told[index] = delivery
        left -= 1
        if (left === 0) resolve(told)
      }
      this.#add(id, tell)
      return tell
    })
    return {
      told: promise,
      giveUp: () => {
        for (const [index, id] of ids.entries()) this.#remove(id, tells[index] as Tell)
      },
    }
  }

  tell(id: string, delivery: Delivery | undefined): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    this.#waiting.delete(id)
    if (typeof waiting === 'function') waiting(delivery)
    else for (const tell of waiting) tell(delivery)
  }

  /** The dispatcher has closed. */
  tellAll(): void {
    for (const id of this.ids) this.tell(id, undefined)
  }

  #remove(id: string, tell: Tell): void {
    const waiting = this.#waiting.get(id)
    const others = waiting === undefined ? [] : [waiting].flat().filter((each) => each !== tell)
    if (others.length === 0) this.#waiting.delete(id)
    else this.#waiting.set(id, others)
  }

  #add(id: string, tell: Tell): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.set(id, waiting === undefined ? tell : [waiting, tell].flat())
  }
}

/** What the promise gives, unless the signal is aborted first. The signal is let go of in either case. */
export async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason as Error)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
