import type { Hook } from '../../hooks/hook.ts'
import type { Store } from '../../stores/store.ts'
import type { Reporter } from '../reporter.ts'
import type { Chores } from './chores.ts'

export interface NamingOptions {
  readonly store: Pick<Store, 'nameHooks'>
  readonly hooks: ReadonlyMap<string, Hook>
  readonly now: () => number
  readonly reporter: Pick<Reporter, 'fault'>
  readonly chores: Chores
}

/** How long after a fault of the store the hooks are named again, in milliseconds: at first, and at most. Each time twice as long. */
const firstPauseMs = 5000
const longestPauseMs = 3_600_000

/** Tells the store once which hooks the ids mean that stand in its tables, for who reads those. Nothing waits for it, and nothing fails with it. */
export class Naming {
  readonly #options: NamingOptions
  #isDone = false
  #isNaming = false
  #failedAt = -Infinity
  #pauseMs = 0

  constructor(options: NamingOptions) {
    this.#options = options
  }

  /** As a chore, unless it is done or under way; after a fault at the first beat when it is time. */
  go(): void {
    if (this.#isDone || this.#isNaming || this.#options.now() - this.#failedAt < this.#pauseMs) return
    this.#isNaming = true
    void this.#options.chores.add(() => this.#name())
  }

  async #name(): Promise<void> {
    const { store, hooks, now, reporter } = this.#options
    try {
      const since = now()
      await store.nameHooks(
        Array.from(hooks.values(), ({ id, shown, target }) => ({
          hookId: id,
          shown,
          target: target.name,
          since,
        })),
      )
      this.#isDone = true
    } catch (error) {
      if (this.#pauseMs === 0)
        reporter.fault('The store could not be told yet which hooks the ids in it mean', error)
      this.#failedAt = now()
      this.#pauseMs = Math.min(Math.max(firstPauseMs, this.#pauseMs * 2), longestPauseMs)
    } finally {
      this.#isNaming = false
    }
  }
}
