import type { HookToTell } from '../stores/ledger/telling.ts'
import type { Delivery } from '../delivery.ts'
import type { Recorded, Store } from '../stores/store.ts'
import type { Release } from '../release.ts'
import type { Hook } from '../hooks/hook.ts'

/** Releases that follow each other: those of one tenant's app in one environment. Absent at the end as it was when there was no tenant. */
export function groupOf({ tenant, app, environment }: Release): string {
  if (tenant !== undefined) return JSON.stringify([app, environment ?? null, tenant])
  return JSON.stringify(environment === undefined ? [app] : [app, environment])
}

/** What was accepted is under way there already; and an operator who sends again means this very one. */
export function canBeSuperseded({ progress, replayOf }: Delivery): boolean {
  return (progress?.step ?? 0) === 0 && replayOf === undefined
}

/** Waiting deliveries of one app that a newer one ends at once; older ones end when they are due. */
const mostEndedAtOnce = 100

/** What deliveries of one app have to do with each other, for hooks that want less than all of them. */
export class Grouping {
  /** False when no hook wants less than all. */
  readonly isNeeded: boolean
  readonly #hooks: ReadonlyMap<string, Hook>
  readonly #store: Store

  constructor(hooks: ReadonlyMap<string, Hook>, store: Store) {
    this.#hooks = hooks
    this.#store = store
    this.isNeeded = [...hooks.values()].some(isGrouped)
  }

  /** A hook, with what the store needs to know of one that wants less than all. */
  toTell(hook: Hook, release: Release): HookToTell {
    const { id: hookId, formerId, onlyChanges } = hook
    if (!isGrouped(hook)) return { hookId, formerId }
    return { hookId, formerId, group: groupOf(release), ...(onlyChanges ? { onlyChanges } : undefined) }
  }

  /** Ids of waiting deliveries that the recorded ones supersede. */
  async superseded(recorded: readonly Recorded[]): Promise<readonly string[]> {
    const newer = recorded.filter(({ fresh, delivery }) => fresh && this.#hook(delivery).supersede)
    const older = newer.map(({ delivery: { id, hookId, release } }) =>
      this.#store
        .latest(hookId, groupOf(release), mostEndedAtOnce)
        .then((deliveries) => deliveries.slice(deliveries.findIndex((each) => each.id === id) + 1)),
    )
    const waiting = (await Promise.all(older))
      .flat()
      .filter((each) => each.state === 'waiting' && canBeSuperseded(each))
    return [...new Set(waiting.map(({ id }) => id))]
  }

  #hook({ hookId }: { readonly hookId: string }): Hook {
    return this.#hooks.get(hookId) as Hook // deliveries are made for configured hooks only
  }
}

function isGrouped({ onlyChanges, supersede }: Hook): boolean {
  return onlyChanges || supersede
}
