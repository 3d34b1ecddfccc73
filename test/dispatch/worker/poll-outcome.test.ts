import { describe, expect, it } from 'vitest'
import { readPollOutcome } from '../../../src/dispatch/worker/poll-outcome.ts'
import type { Outcome } from '../../../src/delivery.ts'
import type { TargetPoll } from '../../../src/targets/shape.ts'
import { answer, failure } from '../fake-transport.ts'

const poll: TargetPoll = {
  status: '/state',
  statuses: { a: 'queued', b: 'running', c: 'succeeded', d: 'skipped', e: 'failed', f: 'canceled' },
  everyMs: 5000,
  untilMs: 60_000,
}
const context = { poll, acceptedAt: 1_000_000, now: 1_010_000 }
const said = (state: string, status = 200, retryAfter?: string): ReturnType<typeof answer> =>
  answer(status, retryAfter, JSON.stringify({ state }))
const outcomeOf = (exchange: ReturnType<typeof answer>, now = context.now): Outcome | undefined =>
  readPollOutcome(exchange, { ...context, now })?.outcome

describe('a question how something went', () => {
  it.each([
    ['c', { kind: 'delivered', reason: 'remote-succeeded' }],
    ['d', { kind: 'delivered', reason: 'remote-skipped' }],
    ['e', { kind: 'dead', reason: 'remote-failed', verdict: 'failed' }],
    ['f', { kind: 'dead', reason: 'remote-canceled', verdict: 'failed' }],
    ['a', { kind: 'accepted', reason: 'remote-queued', at: 1_015_000 }],
    ['b', { kind: 'accepted', reason: 'remote-running', at: 1_015_000 }],
    ['z', { kind: 'accepted', reason: 'remote-unknown', at: 1_015_000 }],
  ] as const)('that is answered %s comes to %o', (state, outcome) => {
    expect(outcomeOf(said(state))).toEqual(outcome)
  })

  it.each([404, 410, 429, 500])('that is answered %i is asked again, and disables nothing', (status) => {
    expect(outcomeOf(said('c', status))).toEqual({
      kind: 'accepted',
      reason: `status-${status}`,
      at: 1_015_000,
    })
  })

  it('waits for as long as the receiver asks', () => {
    expect(outcomeOf(said('b', 200, '20'))).toMatchObject({ at: 1_030_000 })
    expect(outcomeOf(said('b', 429, '20'))).toMatchObject({ at: 1_030_000 })
    expect(outcomeOf(said('b', 429, '1.5'))).toMatchObject({ at: 1_015_000 })
  })

  it('has an end, with the last that was seen', () => {
    const unfinished = { kind: 'dead', verdict: 'unfinished' }
    expect(outcomeOf(said('b'), 1_055_000)).toMatchObject({ kind: 'accepted', at: 1_060_000 })
    expect(outcomeOf(said('b'), 1_055_001)).toEqual({ ...unfinished, reason: 'remote-running' })
    expect(outcomeOf(said('b', 503), 1_055_001)).toEqual({ ...unfinished, reason: 'status-503' })
    expect(outcomeOf(failure('timeout'), 1_055_001)).toEqual({ ...unfinished, reason: 'timeout' })
    expect(outcomeOf(said('c'), 1_055_001)).toMatchObject({ kind: 'delivered' })
  })

  it('that has no answer is asked again, unless it may not go there', () => {
    expect(outcomeOf(failure('reset'))).toEqual({ kind: 'accepted', reason: 'reset', at: 1_015_000 })
    expect(outcomeOf(failure('blocked'))).toEqual({ kind: 'dead', reason: 'blocked', verdict: 'blocked' })
    expect(outcomeOf(failure('aborted'))).toBeUndefined()
  })
})
