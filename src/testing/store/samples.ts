import type { Attempt, Outcome } from '../../delivery.ts'
import type { Release } from '../../release.ts'
import type { Claim, NewDelivery } from '../../stores/store.ts'

/** A time in epoch milliseconds, by its seconds after the time at which the deliveries of a test are recorded. */
export function at(seconds: number): number {
  return 1_767_225_600_000 + seconds * 1000
}

export const release: Release = { app: 'web', version: 'v4', user: 'gabrtv', summary: 'gabrtv deployed v4' }

/** Of hook `a`, recorded at 0. */
export function newDelivery(id: string, facts: Partial<NewDelivery> = {}): NewDelivery {
  return { id, hookId: 'a', release, recordedAt: at(0), ...facts }
}

/** So many, with an id each. */
export function newDeliveries(count: number, facts: Partial<NewDelivery> = {}): readonly NewDelivery[] {
  return Array.from({ length: count }, (_, index) => newDelivery(`dlv_${index}`, facts))
}

export const delivered: Outcome = { kind: 'delivered', reason: 'status-200' }
export const dead: Outcome & { kind: 'dead' } = { kind: 'dead', reason: 'status-410', verdict: 'gone' }
export const disabled: Outcome & { kind: 'dead' } = {
  kind: 'dead',
  reason: 'hook-disabled',
  verdict: 'hook-disabled',
}

export function retryAt(time: number): Outcome {
  return { kind: 'retry', reason: 'status-503', at: time }
}

export function acceptedAt(time: number): Outcome {
  return { kind: 'accepted', reason: 'status-202', at: time }
}

/** The next attempt of a claimed delivery. It ends at 20. */
export function attemptOf({ delivery }: Claim, outcome: Outcome, facts: Partial<Attempt> = {}): Attempt {
  return {
    deliveryId: delivery.id,
    number: delivery.attempts + 1,
    startedAt: at(20) - 250,
    endedAt: at(20),
    connects: 1,
    timings: { totalMs: 250 },
    outcome,
    ...facts,
  }
}
