import { describe, expect, it } from 'vitest'
import { mayRepeatAtOnce, readOutcome, type OutcomeContext } from '../../src/dispatch/outcome.ts'
import { defaultSchedule } from '../../src/dispatch/schedule.ts'
import type { Answer, Failure, FailureCause } from '../../src/http/transport.ts'

const context: OutcomeContext = { attempt: 1, schedule: defaultSchedule, now: 1_000_000, random: 0.5 }
const at = (seconds: number): number => context.now + seconds * 1000

function answer(status: number, retryAfter?: string): Answer {
  return {
    kind: 'answer',
    status,
    headers: { 'retry-after': retryAfter },
    body: new Uint8Array(),
    timings: { totalMs: 1 },
  }
}

function failure(cause: FailureCause, opened = true): Failure {
  return { kind: 'failure', cause, opened, code: 'E', timings: { totalMs: 1 } }
}

describe('an answer', () => {
  it.each([200, 201, 202, 204, 206, 299])('%i is delivered', (status) => {
    expect(readOutcome(answer(status), context)).toEqual({ kind: 'delivered', reason: `status-${status}` })
  })

  it.each([408, 425, 429, 500, 502, 503, 504, 599])('%i is tried again on the schedule', (status) => {
    expect(readOutcome(answer(status), context)).toEqual({
      kind: 'retry',
      reason: `status-${status}`,
      at: at(5),
    })
    expect(readOutcome(answer(status), { ...context, attempt: 9 })).toMatchObject({
      kind: 'retry',
      at: at(43_200),
    })
    const last = readOutcome(answer(status), { ...context, attempt: 10 })
    expect(last).toEqual({ kind: 'dead', reason: `status-${status}`, verdict: 'exhausted' })
  })

  it.each([
    199, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 409, 411, 422, 451, 499, 600, 999,
  ])('%i is refused: 3 attempts at most', (status) => {
    expect(readOutcome(answer(status), context)).toMatchObject({ kind: 'retry', at: at(5) })
    expect(readOutcome(answer(status), { ...context, attempt: 2 })).toMatchObject({
      kind: 'retry',
      at: at(30),
    })
    const third = readOutcome(answer(status), { ...context, attempt: 3 })
    expect(third).toEqual({ kind: 'dead', reason: `status-${status}`, verdict: 'refused' })
  })

  it('410 is dead at once, and says that the hook is gone', () => {
    expect(readOutcome(answer(410), context)).toEqual({ kind: 'dead', reason: 'status-410', verdict: 'gone' })
  })
})

describe('Retry-After', () => {
  it('is never undercut', () => {
    expect(readOutcome(answer(503, '60'), context)).toMatchObject({ at: at(60) })
    expect(readOutcome(answer(429, '5'), { ...context, random: 0 })).toMatchObject({ at: at(5) })
  })

  it('does not shorten the schedule', () => {
    expect(readOutcome(answer(503, '1'), context)).toMatchObject({ at: at(5) })
    expect(readOutcome(answer(503, '0'), { ...context, attempt: 3 })).toMatchObject({ at: at(120) })
  })

  it('is waited for up to 7 days; a longer one ends the delivery instead of being undercut', () => {
    const week = 7 * 24 * 3600
    expect(readOutcome(answer(503, `${week}`), context)).toMatchObject({ kind: 'retry', at: at(week) })
    expect(readOutcome(answer(503, `${week + 1}`), context)).toEqual({
      kind: 'dead',
      reason: 'status-503',
      verdict: 'retry-after',
    })
  })

  it('means nothing on a delivered answer', () => {
    expect(readOutcome(answer(200, '60'), context)).toEqual({ kind: 'delivered', reason: 'status-200' })
  })
})

describe('a failure', () => {
  it.each(['dns', 'unreachable', 'tls', 'timeout', 'reset', 'protocol'] as const)(
    '%s is tried again',
    (cause) => {
      expect(readOutcome(failure(cause), context)).toEqual({ kind: 'retry', reason: cause, at: at(5) })
    },
  )

  it('blocked by the egress guard is dead at once', () => {
    expect(readOutcome(failure('blocked'), context)).toEqual({
      kind: 'dead',
      reason: 'blocked',
      verdict: 'blocked',
    })
  })

  it('aborted counts for nothing', () => {
    expect(readOutcome(failure('aborted'), context)).toBeUndefined()
  })
})

describe('a repeat within seconds', () => {
  it.each(['dns', 'unreachable', 'tls', 'reset'] as const)(
    'follows a connection that never opened: %s',
    (cause) => {
      expect(mayRepeatAtOnce(failure(cause, false))).toBe(true)
    },
  )

  it('never follows what may have arrived, took the whole deadline, is forbidden or was aborted', () => {
    expect(mayRepeatAtOnce(failure('reset', true))).toBe(false)
    for (const cause of ['timeout', 'blocked', 'aborted', 'protocol'] as const) {
      expect(mayRepeatAtOnce(failure(cause, false))).toBe(false)
    }
    expect(mayRepeatAtOnce(answer(503))).toBe(false)
  })
})
