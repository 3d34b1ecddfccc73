import type { Release, Stage } from '../release.ts'
import { matchesPattern } from './apps.ts'
import type { Hook } from './hook.ts'
import { PatternIndex } from './pattern-index.ts'

const everyName = ['*']

/** Which hooks want a release, by its stage, app and environment. Costs what those cost that want its stage of its app, however many others there are. */
export class Wanting {
  readonly #byStage = new Map<Stage, PatternIndex<Hook>>()

  constructor(hooks: Iterable<Hook>) {
    for (const hook of hooks)
      for (const stage of hook.after) {
        const index = this.#byStage.get(stage) ?? new PatternIndex<Hook>()
        this.#byStage.set(stage, index)
        index.add(hook.apps ?? everyName, hook)
      }
  }

  /** In the order of the hooks. */
  of({ app, environment, stage }: Release): readonly Hook[] {
    const hooks = this.#byStage.get(stage ?? 'released')?.find(app) ?? []
    return hooks.filter(({ environments }) => isIn(environments, environment))
  }
}

/** A release without an environment is in none that has a name. */
function isIn(environments: readonly string[] | undefined, environment: string | undefined): boolean {
  if (environments === undefined) return true
  if (environment === undefined) return false
  return environments.some((pattern) => matchesPattern(environment, pattern))
}
