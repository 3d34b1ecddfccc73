import { ReplayError } from '../errors.ts'
import type { Release } from '../release.ts'
import { FormerIds } from './former-ids.ts'
import type { Hook } from './hook.ts'
import { Wanting } from './wanting.ts'

/** The hooks of a dispatcher, by id. */
export class Hooks {
  readonly byId: ReadonlyMap<string, Hook>
  readonly former: FormerIds
  readonly #wanting: Wanting

  constructor(hooks: readonly Hook[]) {
    this.byId = new Map(hooks.map((hook) => [hook.id, hook]))
    this.former = new FormerIds(hooks)
    this.#wanting = new Wanting(hooks)
  }

  get size(): number {
    return this.byId.size
  }

  get all(): readonly Hook[] {
    return [...this.byId.values()]
  }

  /** @throws {@link ReplayError} `hook_unknown` */
  known(hookId: string): Hook {
    const hook = this.byId.get(hookId)
    if (hook === undefined) throw new ReplayError('hook_unknown', hookId)
    return hook
  }

  /** Those that want a release, in their order. */
  wanting(release: Release): readonly Hook[] {
    return this.#wanting.of(release)
  }
}
