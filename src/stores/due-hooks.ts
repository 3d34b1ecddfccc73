import type { DueHooks, DueOptions } from './store.ts'

/** When the first delivery of a hook that waits there can be claimed, in epoch milliseconds. */
export interface FirstOfHook {
  readonly hookId: string
  readonly at: number
}

/** @param firsts of hooks that something waits for, in whatever order; of several of one hook the earliest counts */
export function dueHooksOf(
  firsts: Iterable<FirstOfHook>,
  { now, limit, except, among }: DueOptions,
): DueHooks {
  const earliest = new Map<string, number>()
  for (const { hookId, at } of firsts) {
    if (except.has(hookId) || among?.has(hookId) === false) continue
    earliest.set(hookId, Math.min(at, earliest.get(hookId) ?? Infinity))
  }
  const due = [...earliest].filter(([, at]) => at <= now).toSorted(([, one], [, other]) => one - other)
  const hooks = due.slice(0, limit).map(([hookId]) => hookId)
  for (const hookId of hooks) earliest.delete(hookId)
  let nextAt = Infinity
  for (const at of earliest.values()) nextAt = Math.min(nextAt, at)
  return nextAt === Infinity ? { hooks } : { hooks, nextAt }
}
