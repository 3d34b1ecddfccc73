import type { Recorded, Store } from '../stores/store.ts'
import type { Grouping } from './grouping.ts'
import type { Reporter } from './reporter.ts'
import type { Chores } from './worker/chores.ts'
import type { WakeTimer } from './worker/wake-timer.ts'

export interface SupersedingOptions {
  readonly store: Pick<Store, 'reschedule'>
  readonly grouping: Grouping
  readonly chores: Chores
  readonly wakes: WakeTimer
  readonly reporter: Pick<Reporter, 'fault'>
  readonly now: () => number
}

/** Deliveries that are not to be sent any more, since newer ones were recorded, end now, and not when they are due. */
export class Superseding {
  readonly #options: SupersedingOptions

  constructor(options: SupersedingOptions) {
    this.#options = options
  }

  /** As a chore. */
  start(recorded: readonly Recorded[]): void {
    const { chores, wakes } = this.#options
    if (!wakes.isClosed) void chores.add(() => this.#end(recorded))
  }

  async #end(recorded: readonly Recorded[]): Promise<void> {
    const { grouping, now, reporter, store, wakes } = this.#options
    try {
      const dueAt = now()
      const due = (await grouping.superseded(recorded)).map((id) => ({ id, dueAt }))
      if (due.length === 0) return
      await store.reschedule(due)
      wakes.wakeAt(dueAt)
    } catch (error) {
      reporter.fault('Superseded deliveries could not be looked for, and end when they are due', error)
    }
  }
}
