import type { Outcome } from '../dispatch/outcome.ts'
import type { Delivery, NewDelivery } from './store.ts'

/** How a delivery changes, for every store the same: values in, values out. */

/** A delivery as it is first recorded. */
export function recorded({ dueAt, replayOf, ...facts }: NewDelivery): Delivery {
  return {
    ...facts,
    state: 'waiting',
    attempts: 0,
    dueAt: dueAt ?? facts.recordedAt,
    ...(replayOf === undefined ? undefined : { replayOf }),
  }
}

/** A delivery after what became of an attempt, or of no attempt: then `attempts` is what it was. */
export function settled(delivery: Delivery, outcome: Outcome, attempts: number, now: number): Delivery {
  const { dueAt: _past, ...facts } = delivery
  return outcome.kind === 'retry'
    ? { ...facts, attempts, outcome, dueAt: outcome.at }
    : { ...facts, attempts, outcome, state: outcome.kind, settledAt: now }
}
