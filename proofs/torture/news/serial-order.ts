import type { NewsModel } from '../../../test/dispatch/news-model.ts'
import { copyOf, hearers, saidOf, type Said } from '../../../test/dispatch/news-walk.ts'
import type { Unit } from './heats.ts'

/** What became of a unit that took effect. */
export interface Outcome {
  readonly unit: Unit
  /** Hooks that its process had. */
  readonly there: ReadonlySet<number>
  readonly told: readonly (Said & { readonly to: readonly string[] })[]
  /** On one clock of all processes. */
  readonly startedAt: number
  readonly endedAt: number
}

/**
 * The models that any order of the units leads to, in which the model, one after another, says what they said. What had ended before
 * another one began comes before it.
 */
export function explained(model: NewsModel, outcomes: readonly Outcome[], now: number): readonly NewsModel[] {
  if (outcomes.length === 0) return [model]
  const firstEnd = Math.min(...outcomes.map(({ endedAt }) => endedAt))
  const mayBeFirst = outcomes.filter(({ startedAt }) => startedAt <= firstEnd)
  return mayBeFirst.flatMap((outcome) => {
    const next = afterwards(model, outcome, now)
    const others = outcomes.filter((each) => each !== outcome)
    return next === undefined ? [] : explained(next, others, now)
  })
}

/** @returns the model behind it; `undefined` when it says something else */
function afterwards(model: NewsModel, { unit, there, told }: Outcome, now: number): NewsModel | undefined {
  const { tellings, isCommitted } = unit
  const next = copyOf(model)
  const expected = tellings.map((facts) => {
    const verdict = next.tell(facts, hearers(facts, there), now, true)
    return { ...saidOf(verdict), to: isCommitted ? verdict.to.toSorted() : [] }
  })
  if (JSON.stringify(expected) !== JSON.stringify(told)) return undefined
  return isCommitted ? next : model
}

/** Those that remember the same are one. */
export function distinct(models: readonly NewsModel[]): readonly NewsModel[] {
  return [...new Map(models.map((model) => [shown(model), model])).values()]
}

/** Events are shared by what remembers them: which of them are is shown, too. */
function shown(model: NewsModel): string {
  const events = new Map<unknown, number>()
  return JSON.stringify(model, (_, value: unknown) => {
    if (value instanceof Map) return [...(value as Map<string, unknown>)].toSorted(byName)
    if (!(value instanceof Set)) return value
    if (!events.has(value)) events.set(value, events.size)
    return { event: events.get(value), hooks: [...(value as Set<string>)].toSorted(compared) }
  })
}

function byName([one]: [string, unknown], [other]: [string, unknown]): number {
  return compared(one, other)
}

function compared(one: string, other: string): number {
  return one < other ? -1 : 1
}
