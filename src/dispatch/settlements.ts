import type { Delivery } from '../stores/store.ts'

/** Who waits for a delivery to become final. */
export class Settlements {
  readonly #waiting = new Map<string, Set<(delivery: Delivery | undefined) => void>>()

  /** Deliveries that somebody waits for. */
  get ids(): readonly string[] {
    return [...this.#waiting.keys()]
  }

  /**
   * Resolves when the delivery is told to be settled, or with `undefined` when nobody will tell. Ask whether it is after this
   * call, to miss nothing.
   */
  wait(id: string): Promise<Delivery | undefined> {
    const { promise, resolve } = Promise.withResolvers<Delivery | undefined>()
    const resolvers = this.#waiting.get(id) ?? new Set()
    this.#waiting.set(id, resolvers.add(resolve))
    return promise
  }

  tell(id: string, delivery: Delivery | undefined): void {
    for (const resolve of this.#waiting.get(id) ?? []) resolve(delivery)
    this.#waiting.delete(id)
  }

  /** The dispatcher has closed. */
  tellAll(): void {
    for (const id of this.ids) this.tell(id, undefined)
  }
}

/** What the promise gives, unless the signal is aborted first. The signal is let go of in either case. */
export async function unlessAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (signal === undefined) return promise
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
