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

/** A hook with its ids, and what it has in common with others. */
export interface Named extends HookIds {
  /** It was given no id, and has the URL and target of one before it. */
  readonly isRepeated: boolean
  /** The same for hooks without an id that nothing but their order tells apart; absent for one that was given an id. */
  readonly looks: string | undefined
}

/**
 * Ids of hooks, in their order. One that was not given any has one that is made of what is shown of it, and its target, with a number
 * when hooks before it look the same: docs/decisions/0029. Hooks that were given an id are counted too, so that giving one does
 * not make others change places.
 */
export function idsOf(hooks: readonly Nameable[]): readonly Named[] {
  const counts = new Map<string, number>()
  const own = new Set(hooks.map(({ ownId }) => ownId))
  const seen = new Set<string>()
  return hooks.map((hook) => {
    const looks = idOfLooks(hook)
    const count = (counts.get(looks) ?? 0) + 1
    counts.set(looks, count)
    if (hook.ownId !== undefined)
      return { id: hook.ownId, formerId: undefined, isRepeated: false, looks: undefined }
    const former = formerIdOf(hook)
    const isRepeated = seen.has(former)
    seen.add(former)
    const formerId = own.has(former) ? undefined : former // what is there is another hook's, which was given it
    return { id: count === 1 ? looks : `${looks}-${count}`, formerId, isRepeated, looks }
  })
}

/** Positions of hooks without an id that nothing but their order tells apart, by what they look like. */
export function lookalikesIn(hooks: readonly Named[]): readonly (readonly number[])[] {
  const alike = new Map<string, number[]>()
  for (const [index, { looks }] of hooks.entries()) {
    if (looks === undefined) continue
    const positions = alike.get(looks)
    if (positions === undefined) alike.set(looks, [index])
    else positions.push(index)
  }
  return [...alike.values()].filter(({ length }) => length > 1)
}

function idOfLooks({ shown, target }: Nameable): string {
  return idOf(JSON.stringify(['what is shown', shown, target]))
}

/** A short token in the URL could be found by trying: this goes nowhere but into a question to the store. */
function formerIdOf({ url, target }: Nameable): string {
  const key = target === deis().name ? url : `${url}\n${target}`
  return idOf(key)
}

function idOf(text: string): string {
  return `hook_${hash('sha256', text, 'buffer').toString('hex', 0, 8)}`
}
