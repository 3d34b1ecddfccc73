import type { Database } from './database.ts'

/** Hears a hint; `undefined` when hints may have been missed. */
export type HintListener = (hint: string | undefined) => void

/** What other processes say that there may be something to do: `LISTEN`, on one connection for all who want to hear. */
export class Hints {
  readonly #database: Database
  readonly #channel: string
  readonly #listeners = new Set<HintListener>()
  #listening: { close(): Promise<void> } | undefined

  constructor(database: Database, channel: string) {
    this.#database = database
    this.#channel = channel
  }

  /** @returns what ends it */
  subscribe(listener: HintListener): () => void {
    this.#listeners.add(listener)
    const tell: HintListener = (hint) => {
      for (const each of this.#listeners) each(hint)
    }
    this.#listening ??= this.#database.listen(this.#channel, tell, () => tell(undefined))
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      void this.#listening?.close()
      this.#listening = undefined
    }
  }
}
