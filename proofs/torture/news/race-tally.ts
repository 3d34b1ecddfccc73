import type { Unit } from './heats.ts'
import type { Answer } from './tellers.ts'

/** What happened in races: so that one sees that it does. */
export class RaceTally {
  readonly figures = {
    calls: 0,
    transactions: 0,
    'rolled back': 0,
    'refused by the server': 0,
    'overlaps of two processes': 0,
    /** Races that came to nothing, since a transaction was waited for too long. */
    'waited for too long': 0,
  }

  /** @param answers in the order of the units */
  count(units: readonly Unit[], answers: readonly Answer[]): void {
    const { figures } = this
    for (const [index, { tellings, within, isCommitted }] of units.entries()) {
      const answer = answers[index] as Answer
      figures.calls += tellings.length
      if (within !== undefined) figures.transactions += 1
      if (!isCommitted) figures['rolled back'] += 1
      if ('startedAt' in answer && answer.said === undefined) figures['refused by the server'] += 1
    }
    const each = units.map((unit, index) => ({ by: unit.by, answer: answers[index] as Answer }))
    if (each.some((one) => each.some((other) => one.by < other.by && overlap(one.answer, other.answer))))
      figures['overlaps of two processes'] += 1
    if (answers.some((answer) => 'isUnsure' in answer && answer.isUnsure)) figures['waited for too long'] += 1
  }
}

function overlap(one: Answer, other: Answer): boolean {
  return (
    'startedAt' in one &&
    'startedAt' in other &&
    one.startedAt < other.endedAt &&
    other.startedAt < one.endedAt
  )
}
