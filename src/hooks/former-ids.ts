import type { Delivery } from '../delivery.ts'
import type { Count, Recorded } from '../stores/store.ts'
import type { HookIds } from './ids.ts'

/**
 * Ids that the versions before gave to hooks. They were made of the whole URL, so they are shown to nobody: until the store has moved all
 * that it has under them, what it gives is read as of the ids that these hooks have now.
 */
export class FormerIds {
  /** Ids of now by former ones. */
  readonly moves: ReadonlyMap<string, string>

  constructor(hooks: Iterable<HookIds>) {
    const moves = new Map<string, string>()
    for (const { id, formerId } of hooks) if (formerId !== undefined) moves.set(formerId, id)
    this.moves = moves
  }

  idOf(hookId: string): string {
    return this.moves.get(hookId) ?? hookId
  }

  named(delivery: Delivery): Delivery {
    const hookId = this.moves.get(delivery.hookId)
    return hookId === undefined ? delivery : { ...delivery, hookId }
  }

  recorded(recorded: readonly Recorded[]): readonly Recorded[] {
    if (this.moves.size === 0) return recorded
    return recorded.map((each) => {
      const delivery = this.named(each.delivery)
      return delivery === each.delivery ? each : { ...each, delivery }
    })
  }

  /** Those of a hook under both of its ids are one. */
  counts(counts: readonly Count[]): readonly Count[] {
    const summed = new Map<string, Count>()
    for (const { hookId: given, state, count } of counts) {
      const hookId = this.idOf(given)
      const key = `${state} ${hookId}`
      summed.set(key, { hookId, state, count: count + (summed.get(key)?.count ?? 0) })
    }
    return [...summed.values()]
  }
}
