import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as outcomes from '../../../src/dispatch/worker/outcome.ts'
import { reportOf, type Report } from '../../../src/dispatch/worker/report.ts'
import type { Hook } from '../../../src/hooks/hook.ts'
import type { Exchange, FailureCause } from '../../../src/http/transport.ts'
import type { Delivery } from '../../../src/index.ts'
import { pauseAskedFor } from '../../../src/schedule.ts'
import { answerMeanings } from '../../../src/targets/shape.ts'
import type { Reading } from '../../../src/targets/answer.ts'
import { answer, failure } from '../fake-transport.ts'
import { build, hookOf, placedOf, targetOf } from './fakes.ts'

const moment = { now: 1_000_000, random: () => 0.5 }
const hooks = [hookOf(), hookOf({ target: build })]

const timings = { totalMs: 1 }
const body = Buffer.from('ok')
const answers: fc.Arbitrary<Exchange> = fc.record({
  kind: fc.constant('answer'),
  status: fc.constantFrom(200, 204, 302, 404, 410, 429, 500, 502, 503),
  headers: fc.record({
    'retry-after': fc.constantFrom(undefined, '30', '9999999'),
    'webhook-delivery': fc.constantFrom(undefined, undefined, 'disable', 'abort-message'),
  }),
  body: fc.constant(body),
  timings: fc.constant(timings),
})
const causes: readonly FailureCause[] = [
  'dns',
  'unreachable',
  'tls',
  'timeout',
  'reset',
  'protocol',
  'blocked',
  'proxy',
  'aborted',
]
const failures: fc.Arbitrary<Exchange> = fc.record({
  kind: fc.constant('failure'),
  cause: fc.constantFrom(...causes),
  opened: fc.boolean(),
  code: fc.constantFrom('ECODE', 'ETIMEOUT', 'PROXY_407', 'PROXY_503'),
  timings: fc.constant(timings),
})
const readings: fc.Arbitrary<Reading | undefined> = fc.option(
  fc.record({
    meaning: fc.constantFrom(...answerMeanings),
    isRejected: fc.boolean(),
    isUnclear: fc.boolean(),
    remote: fc.constant({}),
    retryAfter: fc.constantFrom(undefined, '60'),
  }),
  { nil: undefined },
)

describe('a report', () => {
  it('says of the lane, the receiver and the delivery what the outcome says, whatever came', () => {
    const property = fc.property(
      fc.oneof(answers, failures),
      readings,
      fc.constantFrom(...hooks),
      fc.nat(12),
      fc.boolean(),
      (exchange, read, hook, attempts, tryAgain) => {
        const reading = exchange.kind === 'failure' ? undefined : read
        const execution = placedOf(hook, 'dlv', { attempts })
        const came = { kind: 'exchanged', exchange, reading } as const
        if (outcomes.mayRepeatAtOnce(exchange)) {
          const lane = { answered: outcomes.hasAnswered(exchange), hasMissed: false }
          expect(reportOf(hook, execution, came, moment, true)).toEqual({ lane })
        }
        const mayTryAgain = tryAgain && !outcomes.mayRepeatAtOnce(exchange)
        const report = reportOf(hook, execution, came, moment, mayTryAgain) as Report
        const context = {
          now: moment.now,
          random: moment.random(),
          attempt: attempts + 1,
          schedule: hook.schedule,
          reading,
          isOnce: hook.isOnce,
        }
        const outcome = outcomes.readOutcome(exchange, context)
        expect(report.lane).toEqual({
          answered: outcomes.hasAnswered(exchange),
          closedUntil: pauseAskedFor(exchange, hook.schedule, moment.now, reading),
          failed: outcomes.hasFailed(exchange, reading),
          hasMissed: outcomes.mayRepeatAtOnce(exchange),
        })
        if (outcome === undefined) {
          expect(report).toMatchObject({ delivery: { kind: 'returned' } })
          expect(report.receiver).toBeUndefined()
          return
        }
        const hasTaken =
          outcome.kind === 'delivered' || (outcome.kind === 'dead' && outcome.verdict === 'failed')
        const isOfReceiver = outcome.reason !== 'proxy' && outcome.reason !== 'blocked'
        expect(report.delivery).toMatchObject({ deliveryId: 'dlv', number: attempts + 1, outcome })
        expect(report.receiver).toEqual({
          disabled: outcomes.disabledBy(exchange, outcome),
          hasFailed: !hasTaken && isOfReceiver,
          hasTaken,
          isWell: outcomes.hasFailed(exchange, reading) === false,
        })
      },
    )
    fc.assert(property)
  })

  it('of what was not sent has nothing of the receiver, and gives back what its pace had counted', () => {
    for (const isPaced of [true, false]) {
      const execution = placedOf(hookOf(), 'dlv')
      execution.isPaced = isPaced
      const came = { kind: 'returned', dueAt: 7 } as const
      expect(reportOf(hookOf(), execution, came, moment, false)).toEqual({
        lane: { answered: undefined, isUnsent: isPaced, hasMissed: false },
        delivery: came,
      })
    }
  })
})

describe('a report of a question', () => {
  const poll = { status: '/status', statuses: { bad: 'failed' }, everyMs: 1000, untilMs: 60_000 } as const
  const hook = hookOf({ target: targetOf({}, { poll }) })
  const ask = (exchange: Exchange, facts: Partial<Delivery> = {}, at: Hook = hook): Report => {
    const progress = { step: 1, at: moment.now, attempt: 1 }
    const execution = placedOf(at, 'dlv', { attempts: 1, progress, ...facts })
    const came = { kind: 'exchanged', exchange, reading: undefined } as const
    return reportOf(at, execution, came, moment, false) as Report
  }

  it('says that the receiver took what failed there, or did not end in time', () => {
    const failed = ask(answer(200, undefined, '{"status":"bad"}'))
    expect(failed.delivery).toMatchObject({ step: 'poll', outcome: { verdict: 'failed' } })
    const late = ask(failure('reset'), { progress: { step: 1, at: 0, attempt: 1 } })
    expect(late.delivery).toMatchObject({ outcome: { verdict: 'unfinished' } })
    for (const { receiver } of [failed, late])
      expect(receiver).toMatchObject({ hasTaken: true, hasFailed: false })
    expect([failed.receiver?.isWell, late.receiver?.isWell]).toEqual([true, false])
  })

  it('that told nothing new is returned, to be asked again', () => {
    const before = { outcome: { kind: 'accepted', reason: 'remote-unknown', at: 0 } } as const
    const { delivery, receiver } = ask(answer(200, undefined, '{}'), before)
    expect(delivery).toEqual({ kind: 'returned', dueAt: moment.now + 1000 })
    expect(receiver).toBeUndefined()
  })
})
