import type { Attempt, Delivery, Outcome, Release } from 'deploy-hooks'
import type { Chance } from '../../../src/testing/store/chance.ts'

/** In every text of a release and of an answer here, and so in no message of an error. */
export const privateMark = 'not-for-messages'

const users = ['gabrtv', 'Zoë', '田中']

/** A release in one of many shapes: from five short fields to half a page. */
export function releaseOf(chance: Chance, number: number): Release {
  return {
    app: chance.pick(['web', 'api', 'jobs']),
    version: `v${number}`,
    user: chance.pick(users),
    ...(chance.below(2) === 0
      ? {
          sha: chance
            .below(2 ** 32)
            .toString(16)
            .padStart(8, '0'),
        }
      : {}),
    summary: `${privateMark} ${'deployed '.repeat(1 + chance.below(chance.below(8) === 0 ? 200 : 9))}`,
    ...(chance.below(3) === 0 ? { environment: 'production', previous: `v${number - 1}` } : {}),
    ...(chance.below(4) === 0 ? { meta: { ticket: `${privateMark}-${number}` } } : {}),
  }
}

export function outcomeOf(chance: Chance, now: number): Outcome {
  const delivered: Outcome = { kind: 'delivered', reason: 'status-204' }
  const dead: Outcome = { kind: 'dead', reason: 'status-410', verdict: 'gone' }
  const retry: Outcome = { kind: 'retry', reason: 'timeout', at: now + chance.below(90_000) }
  const accepted: Outcome = { kind: 'accepted', reason: 'status-202', at: now + chance.below(90_000) }
  return chance.pick([delivered, retry, retry, accepted, dead])
}

export function attemptOf(chance: Chance, delivery: Delivery, outcome: Outcome, now: number): Attempt {
  return {
    deliveryId: delivery.id,
    number: delivery.attempts + 1,
    startedAt: now - chance.below(15_000),
    endedAt: now,
    connects: 1 + chance.below(3),
    timings: chance.pick([
      { totalMs: 0.1 },
      { dnsMs: 1.5, connectMs: 2, tlsMs: 3.25, firstByteMs: 9, totalMs: 12.75 },
    ]),
    ...(outcome.kind === 'retry' ? { code: 'ETIMEDOUT' } : { status: 204 }),
    ...(chance.below(2) === 0 ? { excerpt: `${privateMark} `.repeat(1 + chance.below(200)) } : {}),
    outcome,
    ...(outcome.kind === 'accepted' ? { step: 1, remote: { id: privateMark, status: 'queued' } } : {}),
  }
}
