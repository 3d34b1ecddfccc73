/** Who waits for a delivery to become final. */
export class Settlements {
  readonly #waiting = new Map<string, Set<() => void>>()

  /** Deliveries that somebody waits for. */
  get ids(): readonly string[] {
    return [...this.#waiting.keys()]
  }

  /** Resolves when the delivery is told to be settled. Ask whether it is after this call, to miss nothing. */
  wait(id: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const resolvers = this.#waiting.get(id) ?? new Set()
    this.#waiting.set(id, resolvers.add(resolve))
    return promise
  }

  tell(id: string): void {
    for (const resolve of this.#waiting.get(id) ?? []) resolve()
    this.#waiting.delete(id)
  }

  tellAll(): void {
    for (const id of this.ids) this.tell(id)
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
