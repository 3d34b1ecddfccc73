import type { Delivery } from '../stores/store.ts'

type Tell = (delivery: Delivery | undefined) => void

/** Who waits for deliveries to become final. */
export class Settlements {
  readonly #waiting = new Map<string, Tell | readonly Tell[]>()

  /** Deliveries that somebody waits for. */
  get ids(): readonly string[] {
    return [...this.#waiting.keys()]
  }

  /**
   * Resolves when all are told to be settled, in the order of `ids`; `undefined` stands for one that nobody will tell of. Ask whether they
   * are after this call, to miss nothing.
   */
  wait(ids: readonly string[]): Promise<readonly (Delivery | undefined)[]> {
    const { promise, resolve } = Promise.withResolvers<readonly (Delivery | undefined)[]>()
    const told = Array.from<Delivery | undefined>({ length: ids.length })
    let left = ids.length
    if (left === 0) resolve([])
    for (const [index, id] of ids.entries()) {
      this.#add(id, (delivery) => {
        told[index] = delivery
        left -= 1
        if (left === 0) resolve(told)
      })
    }
    return promise
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
