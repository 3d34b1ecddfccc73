import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../../src/delivery.ts'
import {
  disabledBy,
  hasAnswered,
  hasFailed,
  mayRepeatAtOnce,
  readOutcome,
  type OutcomeContext,
} from '../../../src/dispatch/worker/outcome.ts'
import { defaultSchedule, pauseAskedFor } from '../../../src/schedule.ts'
import type { Answer, Failure, FailureCause } from '../../../src/http/transport.ts'

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
  it.each(['dns', 'unreachable', 'tls', 'timeout', 'reset'] as const)('%s is tried again', (cause) => {
    expect(readOutcome(failure(cause), context)).toEqual({ kind: 'retry', reason: cause, at: at(5) })
    expect(readOutcome(failure(cause), { ...context, attempt: 9 })).toMatchObject({ kind: 'retry' })
  })

  it.each([undefined, 'not-http', 'malformed-length'] as const)(
    'of what is no HTTP is refused: 3 attempts at most, and it is said what it is: %s',
    (malformed) => {
      const { kind, ...rest } = failure('protocol')
      const exchange: Failure = malformed === undefined ? { kind, ...rest } : { kind, ...rest, malformed }
      const reason = malformed ?? 'protocol'
      expect(readOutcome(exchange, context)).toEqual({ kind: 'retry', reason, at: at(5) })
      const third = readOutcome(exchange, { ...context, attempt: 3 })
      expect(third).toEqual({ kind: 'dead', reason, verdict: 'refused' })
      const once = readOutcome(exchange, { ...context, isOnce: true })
      expect(once).toEqual({ kind: 'dead', reason, verdict: 'ambiguous' })
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

  it('follows a look-up that failed, but not one that name servers did not answer', () => {
    expect(mayRepeatAtOnce({ ...failure('dns', false), code: 'EAI_AGAIN' })).toBe(true)
    expect(mayRepeatAtOnce({ ...failure('dns', false), code: 'ETIMEOUT' })).toBe(false)
  })

  it('follows a proxy that failed, but not one that took the whole deadline', () => {
    expect(mayRepeatAtOnce(failure('proxy', false))).toBe(true)
    expect(mayRepeatAtOnce({ ...failure('proxy', false), code: 'PROXY_TIMEOUT' })).toBe(false)
  })
})

describe('a fault of the proxy', () => {
  const fault = (code: string, opened = false): Failure => ({ ...failure('proxy', opened), code })

  it.each(['PROXY_502', 'PROXY_503', 'PROXY_504', 'PROXY_429', 'PROXY_TIMEOUT', 'ECONNREFUSED'])(
    '%s is tried again on the schedule, and no longer',
    (code) => {
      expect(readOutcome(fault(code), context)).toEqual({ kind: 'retry', reason: 'proxy', at: at(5) })
      expect(readOutcome(fault(code), { ...context, attempt: 9 })).toMatchObject({ at: at(43_200) })
      const last = readOutcome(fault(code), { ...context, attempt: 10 })
      expect(last).toEqual({ kind: 'dead', reason: 'proxy', verdict: 'exhausted' })
    },
  )

  it.each(['PROXY_403', 'PROXY_407', 'PROXY_400', 'PROXY_302', 'PROXY_410'])(
    '%s is final after three, and not repeated at once',
    (code) => {
      expect(readOutcome(fault(code), { ...context, attempt: 2 })).toMatchObject({
        kind: 'retry',
        at: at(30),
      })
      const third = readOutcome(fault(code), { ...context, attempt: 3 })
      expect(third).toEqual({ kind: 'dead', reason: 'proxy', verdict: 'refused' })
      expect(mayRepeatAtOnce(fault(code))).toBe(false)
    },
  )

  it('ends what may not be sent twice, if the proxy may have sent it on', () => {
    const once = { ...context, isOnce: true }
    expect(readOutcome(fault('PROXY_504', true), once)).toMatchObject({ verdict: 'ambiguous' })
    expect(readOutcome(fault('PROXY_503'), once)).toMatchObject({ kind: 'retry' })
  })
})

describe('a receiver', () => {
  it('has answered, has not, or nothing was learnt about it', () => {
    expect(hasAnswered(answer(500))).toBe(true)
    expect(hasAnswered(failure('timeout'))).toBe(false)
    for (const cause of ['blocked', 'proxy', 'aborted'] as const) {
      expect(hasAnswered(failure(cause))).toBeUndefined()
      expect(hasFailed(failure(cause))).toBeUndefined()
    }
  })

  it('has failed when it does not answer or says "not now", and not when it refuses a delivery', () => {
    for (const status of [408, 425, 429, 500, 503, 599]) expect(hasFailed(answer(status))).toBe(true)
    for (const status of [200, 301, 400, 401, 404, 410]) expect(hasFailed(answer(status))).toBe(false)
    for (const cause of ['dns', 'unreachable', 'tls', 'timeout', 'reset', 'protocol'] as const)
      expect(hasFailed(failure(cause))).toBe(true)
  })

  it.each([429, 503])('that answers %i may ask for time, a week at most', (status) => {
    const until = (retryAfter: string | undefined): number | undefined =>
      pauseAskedFor(answer(status, retryAfter), defaultSchedule, context.now)
    expect(until('60')).toBe(at(60))
    expect(until('3600')).toBe(at(3600))
    expect(until('604800')).toBe(at(604_800))
    expect(until('99999999')).toBeUndefined() // more than a delivery may wait for
    expect(until('soon')).toBeUndefined()
    expect(until(undefined)).toBeUndefined()
  })

  it('may ask for it in the body, as its target reads it', () => {
    const until = (header: string | undefined, retryAfter: string | undefined): number | undefined =>
      pauseAskedFor(answer(429, header), defaultSchedule, context.now, { retryAfter })
    expect(until(undefined, '64.57')).toBe(at(64.57))
    expect(until('10', '64')).toBe(at(64))
    expect(until('90', '64')).toBe(at(90))
    expect(until(undefined, undefined)).toBeUndefined()
    expect(pauseAskedFor(answer(200), defaultSchedule, context.now, { retryAfter: '64' })).toBeUndefined()
  })

  it('asks for no time by another answer', () => {
    expect(pauseAskedFor(answer(500, '60'), defaultSchedule, context.now)).toBeUndefined()
    expect(pauseAskedFor(failure('timeout'), defaultSchedule, context.now)).toBeUndefined()
  })

  it('means what its target reads in it, and waits for what its body asks', () => {
    const reading = { meaning: 'retry', isRejected: true, remote: {}, retryAfter: '64.57' } as const
    expect(readOutcome(answer(200), { ...context, reading })).toEqual({
      kind: 'retry',
      reason: 'rejected',
      at: at(64.57),
    })
    expect(readOutcome(answer(429, '90'), { ...context, reading })).toMatchObject({ at: at(90) })
    const failed = { ...reading, meaning: 'failed', isRejected: false } as const
    const dead = { kind: 'dead', reason: 'status-504', verdict: 'failed' }
    expect(readOutcome(answer(504), { ...context, reading: failed, isOnce: true })).toEqual(dead)
    const final = { ...failed, meaning: 'final' } as const
    expect(readOutcome(answer(404), { ...context, reading: final })).toMatchObject({ verdict: 'refused' })
  })

  it('may say that it wants nothing more, or not this delivery', () => {
    const says = (status: number, wish: string): Answer => ({
      ...answer(status),
      headers: { 'webhook-delivery': wish },
    })
    const disabled = (exchange: Answer | Failure): unknown =>
      disabledBy(exchange, readOutcome(exchange, context) as Outcome)
    expect(disabled(says(204, 'disable'))).toBe('unwanted')
    expect(disabled(says(500, 'abort-message'))).toBeUndefined()
    expect(disabled(answer(410))).toBe('gone')
    expect(disabled(answer(404))).toBeUndefined()
    expect(disabled(failure('reset'))).toBeUndefined()
    const dead = { kind: 'dead', reason: 'status-500', verdict: 'unwanted' }
    expect(readOutcome(says(500, 'disable'), context)).toEqual(dead)
    expect(readOutcome(says(500, 'abort-message'), context)).toEqual(dead)
    expect(readOutcome(says(500, 'Disable!'), context)).toMatchObject({ kind: 'retry' })
    expect(readOutcome(says(200, 'abort-message'), context)).toMatchObject({ kind: 'delivered' })
  })
})
