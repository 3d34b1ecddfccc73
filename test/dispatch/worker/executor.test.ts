import { setImmediate as nextTurn } from 'node:timers/promises'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Hook } from '../../../src/hooks/hook.ts'
import type { Answer } from '../../../src/http/transport.ts'
import { answer, failure, never } from '../fake-transport.ts'
import { ExecutorBench } from './executor-bench.ts'
import { claimOf, held, hookOf, hooksOf } from './fakes.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 0, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  return () => vi.useRealTimers()
})

const returned = { kind: 'returned' } as const

describe('the executor', () => {
  it('admits, attempts, gives the place back and settles: once the caller has gone on', async () => {
    const bench = new ExecutorBench()
    bench.settles = { dueAt: 700 }
    bench.add('1')
    expect(bench.does).toEqual([])
    expect(await bench.turn()).toEqual(['admit 1', 'attempt 1', 'settle 1: status-200, 0 in flight'])
    expect(bench.claimed.hasAny('a')).toBe(false)
    await vi.advanceTimersByTimeAsync(700)
    expect(bench.woken).toEqual([700])
  })

  it('attempts nothing that is refused, now or by a store, and its pace counts none', async () => {
    const bench = new ExecutorBench([hookOf({ pace: { perSecond: 1 } })])
    bench.refuses = (id) => (id === '1' ? returned : Promise.resolve(returned))
    bench.add('1')
    bench.add('2')
    expect(await bench.turn()).toEqual([
      'admit 1',
      'settle 1: returned, 0 in flight',
      'admit 2',
      'settle 2: returned, 0 in flight',
    ])
  })

  it('attempts what a store has admitted', async () => {
    const bench = new ExecutorBench()
    bench.refuses = () => Promise.resolve(undefined)
    bench.add('1')
    expect(await bench.turn()).toEqual(['admit 1', 'attempt 1', 'settle 1: status-200, 0 in flight'])
  })

  it('counts what is no exchange as a failed attempt, and has its place free', async () => {
    const bench = new ExecutorBench()
    const { body: _none, ...bodiless } = answer(200) as Answer
    bench.gives = (id) => (id === '1' ? (undefined as never) : (bodiless as Answer))
    bench.add('1')
    bench.add('2')
    const does = await bench.turn()
    expect(does.filter((what) => what.startsWith('settle'))).toEqual([
      'settle 1: reset, 1 in flight',
      'settle 2: reset, 0 in flight',
    ])
    expect(does.filter((what) => what.startsWith('fault'))).toEqual([
      expect.stringContaining('What a transport gave could not be read: TypeError'),
      expect.stringContaining('What a transport gave could not be read: TypeError'),
    ])
    expect(bench.lanes.inFlight).toBe(0)
    expect(bench.claimed.hasAny('a')).toBe(false)
  })

  it('starts 64 in a turn, and then lets others have theirs', async () => {
    const bench = new ExecutorBench([hookOf({ concurrency: 200 })])
    bench.gives = () => never
    for (let index = 0; index < 100; index += 1) bench.add(`${index}`)
    await nextTurn()
    expect(bench.lanes.inFlight).toBe(64)
    await nextTurn()
    expect(bench.lanes.inFlight).toBe(100)
  })

  it('goes on with one that was claimed again while it was settled', async () => {
    const bench = new ExecutorBench()
    const execution = bench.add('1')
    bench.gives = () => {
      bench.gives = () => answer(200)
      execution.claimedAgain(claimOf('1', {}, 2), held, Infinity)
      return answer(500)
    }
    vi.spyOn(bench.claimed, 'finish').mockImplementationOnce(() => undefined) // of the claim before
    const once = ['admit 1', 'attempt 1', expect.stringContaining('settle 1')]
    expect(await bench.turn()).toEqual([...once, ...once])
    expect(execution.claim.token).toBe(2)
  })

  it('brings forward what waits for a hook that has recovered, and lets go of what waits for a disabled one', async () => {
    const bench = new ExecutorBench()
    bench.settles = { hasRecovered: true, isDisabled: true }
    bench.add('1')
    expect((await bench.turn()).slice(-2)).toEqual(['recover a', 'reset a'])
    expect(bench.woken).toEqual([0])
  })
})

describe('a connection that never opened', () => {
  const [hook] = hooksOf([{ id: 'a', url: 'http://a.example/' }], { retry: { connect: { retries: 2 } } })
  const unopened = failure('unreachable', false)

  it('is tried again in the same attempt, after ever longer pauses, and then settled', async () => {
    const bench = new ExecutorBench([hook as Hook])
    bench.gives = () => unopened
    bench.add('1')
    const tried = ['admit 1', 'attempt 1', 'take back 1']
    expect(await bench.turn()).toEqual(tried)
    await vi.advanceTimersByTimeAsync(99)
    expect(await bench.turn()).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(await bench.turn()).toEqual(tried)
    await vi.advanceTimersByTimeAsync(200)
    expect(await bench.turn()).toEqual([...tried, 'settle 1: unreachable, 0 in flight'])
    bench.add('2')
    await bench.turn()
    await vi.advanceTimersByTimeAsync(100)
    expect(await bench.turn()).toEqual(['admit 2', 'attempt 2', 'take back 2'])
  })

  it('is not when another process is to have the hook: the claim is returned', async () => {
    const bench = new ExecutorBench([hook as Hook])
    bench.gives = () => unopened
    bench.add('1', {}, { holds: true, stays: false })
    expect(await bench.turn()).toEqual(['admit 1', 'attempt 1', 'take back 1', 'return 1'])
  })
})
