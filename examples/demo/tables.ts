import { inSeconds, outcomeOf, reasonOf, shortId } from './in-words.ts'
import type { Kept } from './store-file.ts'

/** What a process left in the file when it was killed. */
export function leftRows(left: readonly Kept[], killedAt: number): readonly (readonly string[])[] {
  const rows = left.map((kept) => {
    const { hookId, id, state, attempts, dueAt } = kept.delivery
    const next = dueAt === undefined ? '' : `in ${inSeconds(dueAt - killedAt)}`
    return [
      hookId,
      shortId(id),
      state,
      String(attempts),
      wasCutOff(kept, killedAt) ? 'at once: was cut off' : next,
    ]
  })
  return [['hook', 'delivery', 'state', 'attempts', 'next attempt'], ...rows]
}

/** What became of each delivery, and which process made which attempts: those that the first one left are its own. */
export function finalRows(
  kept: readonly Kept[],
  left: readonly Kept[],
  killedAt: number,
): readonly (readonly string[])[] {
  const rows = kept.map(({ delivery, attempts }) => {
    const before = left.find(({ delivery: { id } }) => id === delivery.id)
    const made = before?.attempts.length ?? 0
    const numbers = attempts.map(({ number }) => `#${number}`)
    const cutOff = before !== undefined && wasCutOff(before, killedAt) ? ['cut off'] : []
    const last = attempts.at(-1)
    return [
      delivery.hookId,
      [...numbers.slice(0, made), ...cutOff].join(' '),
      numbers.slice(made).join(' '),
      outcomeOf(delivery),
      last === undefined ? '' : reasonOf(last),
      inSeconds((delivery.settledAt ?? Date.now()) - delivery.recordedAt),
    ]
  })
  return [['hook', 'process 1', 'process 2', 'outcome', 'reason', 'time'], ...rows]
}

/** It was due, and no attempt is in the file: it was being made. */
function wasCutOff({ delivery: { dueAt = Infinity } }: Kept, killedAt: number): boolean {
  return dueAt <= killedAt
}
