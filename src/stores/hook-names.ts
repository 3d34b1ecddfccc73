import type { Row } from './rows.ts'
import type { HookName } from './store.ts'

/** Of each hook the last name, by its id. */
export function lastNames(names: readonly HookName[]): ReadonlyMap<string, HookName> {
  return new Map(names.map((name) => [name.hookId, name]))
}

export function hookNameOf({ id, shown, target, since }: Row): HookName {
  return { hookId: String(id), shown: String(shown), target: String(target), since: Number(since) }
}

/** Names of hooks in this process. */
export class MemoryHookNames {
  readonly #names = new Map<string, HookName>()

  add(names: readonly HookName[]): void {
    for (const [hookId, { shown, target, since }] of lastNames(names)) {
      const known = this.#names.get(hookId)
      if (known?.shown !== shown || known.target !== target)
        this.#names.set(hookId, { hookId, shown, target, since })
    }
  }

  of(ids: Iterable<string> = this.#names.keys()): readonly HookName[] {
    return [...new Set(ids)].flatMap((id) => this.#names.get(id) ?? [])
  }
}
