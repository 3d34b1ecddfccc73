import type { Outcome } from '../dispatch/outcome.ts'
import type { Delivery, NewDelivery } from './store.ts'

/** How a delivery changes, for every store the same: values in, values out. Written out, since this is done for every delivery. */

/** A delivery as it is first recorded. */
export function recorded({ id, hookId, release, recordedAt, dueAt, replayOf }: NewDelivery): Delivery {
  return {
    id,
    hookId,
    release,
    recordedAt,
    state: 'waiting',
    attempts: 0,
    dueAt: dueAt ?? recordedAt,
    ...(replayOf === undefined ? undefined : { replayOf }),
  }
}

/** A delivery after what became of an attempt, or of no attempt: then `attempts` is what it was. */
export function settled(delivery: Delivery, outcome: Outcome, attempts: number, now: number): Delivery {
  const { id, hookId, release, recordedAt, replayOf } = delivery
  const isWaiting = outcome.kind === 'retry' || outcome.kind === 'accepted'
  return {
    id,
    hookId,
    release,
    recordedAt,
    state: isWaiting ? 'waiting' : outcome.kind,
    attempts,
    outcome,
    ...(isWaiting ? { dueAt: outcome.at } : { settledAt: now }),
    ...(replayOf === undefined ? undefined : { replayOf }),
  }
}
