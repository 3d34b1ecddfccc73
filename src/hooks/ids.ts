import { hash } from 'node:crypto'
import { deis } from '../targets/deis.ts'

/** What the id of a hook is made of. */
export interface Nameable {
  /** The one it was given. */
  readonly ownId: string | undefined
  readonly shown: string
  readonly target: string
  /** As it was typed, with whatever secret it holds. */
  readonly url: string
}

export interface HookIds {
  readonly id: string
  /** The id that versions before gave it. It is made of the whole URL, so nobody is told it. Absent: the same as now. */
  readonly formerId: string | undefined
}

/**
 * Ids of hooks, in their order. One that was not given any has one that is made of what is shown of it, and its target, with a number
 * when hooks before it look the same: docs/decisions/0029. Hooks that were given an id are counted too, so that giving one does
 * not make others change places.
 */
export function idsOf(hooks: readonly Nameable[]): readonly HookIds[] {
  const counts = new Map<string, number>()
  const own = new Set(hooks.map(({ ownId }) => ownId))
  return hooks.map((hook) => {
    const looks = idOfLooks(hook)
    const count = (counts.get(looks) ?? 0) + 1
    counts.set(looks, count)
    if (hook.ownId !== undefined) return { id: hook.ownId, formerId: undefined }
    const formerId = formerIdOf(hook)
    return {
      id: count === 1 ? looks : `${looks}-${count}`,
      formerId: own.has(formerId) ? undefined : formerId, // what is there is another hook's, which was given it
    }
  })
}

/** Positions of hooks without an id that nothing but their order tells apart, by what they look like. */
export function lookalikesIn(hooks: readonly Nameable[]): readonly (readonly number[])[] {
  const alike = new Map<string, number[]>()
  for (const [index, hook] of hooks.entries()) {
    if (hook.ownId !== undefined) continue
    const looks = idOfLooks(hook)
    alike.set(looks, [...(alike.get(looks) ?? []), index])
  }
  return [...alike.values()].filter(({ length }) => length > 1)
}

/** Positions of hooks without an id that have the URL and target of one before them. */
export function repeatedIn(hooks: readonly Nameable[]): ReadonlySet<number> {
  const seen = new Set<string>()
  const repeated = new Set<number>()
  for (const [index, hook] of hooks.entries()) {
    if (hook.ownId !== undefined) continue
    if (seen.has(formerIdOf(hook))) repeated.add(index)
    seen.add(formerIdOf(hook))
  }
  return repeated
}

function idOfLooks({ shown, target }: Nameable): string {
  return `hook_${hash('sha256', JSON.stringify(['what is shown', shown, target]), 'hex').slice(0, 16)}`
}

/** A short token in the URL could be found by trying: this goes nowhere but into a question to the store. */
function formerIdOf({ url, target }: Nameable): string {
  const key = target === deis().name ? url : `${url}\n${target}`
  return `hook_${hash('sha256', key, 'hex').slice(0, 16)}`
}
