import { isDeepStrictEqual } from 'node:util'
import { outcomeOf } from './in-words.ts'
import type { Kept } from './store-file.ts'

/** What is to become of each hook's delivery: its state in the file after the kill, and all in the end. */
export type Expectations = Readonly<
  Record<string, readonly [left: string, outcome: string, reason: string, attempts: number]>
>

/** What happened: ids that dispatch() gave by hook, what the file held after the kill, and what it held in the end. */
export interface Story {
  readonly recorded: Readonly<Record<string, string>>
  readonly left: readonly Kept[]
  readonly kept: readonly Kept[]
}

/** A sentence for each thing that came otherwise. */
export function differences(expectations: Expectations, { recorded, left, kept }: Story): readonly string[] {
  const hooks = Object.entries(expectations)
  const sentences = hooks.flatMap(([hook, [leftState, outcome, reason, attempts]]) => {
    const before = left.find(({ delivery }) => delivery.hookId === hook)
    const after = kept.find(({ delivery }) => delivery.hookId === hook)
    if (before === undefined || after === undefined)
      return [`Expected a delivery for ${hook} in the file; it is lost.`]
    const { delivery } = after
    const expected = inWords(leftState, outcome, reason, attempts)
    const got = inWords(
      before.delivery.state,
      outcomeOf(delivery),
      delivery.outcome?.reason ?? 'untried',
      after.attempts.length,
    )
    const ids = new Set([recorded[hook], before.delivery.id, delivery.id])
    return [
      ...(got === expected ? [] : [`Expected ${hook} to be ${expected}; got ${got}.`]),
      ...(ids.size === 1 ? [] : [`Expected ${hook} to keep its id; got ${[...ids].join(', ')}.`]),
      ...(isDeepStrictEqual(after.attempts.slice(0, before.attempts.length), before.attempts)
        ? []
        : [`Expected the attempts for ${hook} that process 1 recorded to stay; they changed.`]),
    ]
  })
  const surplus = kept.length - hooks.length
  return surplus > 0 ? [...sentences, `Expected ${hooks.length} deliveries; got ${kept.length}.`] : sentences
}

function inWords(left: string, outcome: string, reason: string, attempts: number): string {
  return `${left} at the kill, and ${outcome} by attempt ${attempts}, ${reason}, in the end`
}
