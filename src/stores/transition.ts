import type { Attempt, Delivery, Outcome, Progress } from '../delivery.ts'
import type { Remote } from '../targets/remote.ts'
import type { NewDelivery } from './store.ts'

/** How a delivery changes, for every store the same: values in, values out. Written out, since this is done for every delivery. */

/** A delivery as it is first recorded. */
export function recorded({ id, hookId, release, recordedAt, dueAt, replayOf, again }: NewDelivery): Delivery {
  return {
    id,
    hookId,
    release,
    recordedAt,
    state: 'waiting',
    attempts: 0,
    dueAt: dueAt ?? recordedAt,
    ...(replayOf === undefined ? undefined : { replayOf }),
    ...(again === true ? { again } : undefined),
  }
}

/** A delivery after an attempt. */
export function settled(delivery: Delivery, attempt: Attempt): Delivery {
  const next = changed(delivery, attempt.outcome, attempt.number, attempt.endedAt)
  const remote = remoteAfter(delivery.remote, attempt.remote)
  const progress = progressAfter(delivery.progress, attempt)
  if (remote === undefined && progress === undefined) return next // nearly all
  return {
    ...next,
    ...(remote === undefined ? undefined : { remote }),
    ...(progress === undefined ? undefined : { progress }),
  }
}

/** A delivery that was ended without an attempt. */
export function ended(delivery: Delivery, outcome: Outcome & { kind: 'dead' }, now: number): Delivery {
  const next = changed(delivery, outcome, delivery.attempts, now)
  return delivery.remote === undefined ? next : { ...next, remote: delivery.remote }
}

/** What every outcome changes. How far the delivery was is not in it, nor what its receiver told. */
function changed(delivery: Delivery, outcome: Outcome, attempts: number, now: number): Delivery {
  const { id, hookId, release, recordedAt, replayOf, again } = delivery
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
    ...(again === undefined ? undefined : { again }),
  }
}

/** An error was of the answer that told it, and so was a redirect. All else stays until another answer tells otherwise. */
function remoteAfter(previous: Remote | undefined, told: Remote | undefined): Remote | undefined {
  if (previous === undefined && told === undefined) return undefined
  const { error: _past, location: _left, ...kept } = previous ?? {}
  const remote = { ...kept, ...told }
  return Object.keys(remote).length === 0 ? undefined : remote
}

function progressAfter(
  previous: Progress | undefined,
  { outcome, number, step = 1, endedAt }: Attempt,
): Progress | undefined {
  if (outcome.kind === 'accepted') {
    if (step !== 'poll') return { step, at: endedAt, attempt: number }
    return { step: previous?.step ?? 1, at: previous?.at ?? endedAt, attempt: number } // asking accepts nothing new
  }
  if (outcome.kind !== 'retry' || previous === undefined || previous.step === 0) return undefined
  const { step: accepted, at, attempt } = previous
  return { step: accepted, at, attempt }
}
