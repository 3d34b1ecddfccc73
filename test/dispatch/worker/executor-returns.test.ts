import { beforeEach, describe, expect, it, vi } from 'vitest'
import { answer, failure, never } from '../fake-transport.ts'
import { ExecutorBench } from './executor-bench.ts'
import { hookOf } from './fakes.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 0, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  return () => vi.useRealTimers()
})

describe('a lane that closes', () => {
  it('gives what waits back, and is looked at again when its receiver said so', async () => {
    const bench = new ExecutorBench([
      hookOf({ concurrency: 1 }),
      hookOf({ id: 'b', url: 'http://b.example/' }),
    ])
    bench.gives = (id) => (id === '1' ? answer(503, '30') : answer(200))
    for (const id of ['1', '2', '3']) bench.add(id)
    bench.add('4', { hookId: 'b' })
    expect((await bench.turn()).filter((what) => !what.includes('4'))).toEqual([
      'admit 1',
      'attempt 1',
      'remember a',
      'return 2 3',
      'settle 1: status-503, 0 in flight',
    ])
    await vi.advanceTimersByTimeAsync(30_000)
    expect(bench.woken).toEqual([30_000])
  })

  it('does so too when its breaker opens; and what has failed under way repeats no connection', async () => {
    const breaker = { minimum: 1, failureShare: 1, openMs: 7000 }
    const bench = new ExecutorBench([hookOf({ concurrency: 2, breaker })])
    const gate = Promise.withResolvers<ReturnType<typeof answer>>()
    bench.gives = (id) => (id === '1' ? answer(500) : gate.promise)
    for (const id of ['1', '2', '3']) bench.add(id)
    expect((await bench.turn()).slice(-2)).toEqual(['return 3', 'settle 1: status-500, 1 in flight'])
    gate.resolve(failure('unreachable', false))
    expect(await bench.turn()).toEqual(['take back 2', 'settle 2: unreachable, 0 in flight'])
    await vi.advanceTimersByTimeAsync(7000)
    expect(bench.woken).toEqual([7000])
  })
})

describe('an executor that ends', () => {
  const paced = { pace: { perSecond: 1 } }

  it('ends what is in flight when it stops, and returns what waits, and what comes', async () => {
    const bench = new ExecutorBench([hookOf({ concurrency: 1 })])
    bench.gives = (_, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(failure('unreachable', false)))
      })
    for (const id of ['1', '2']) bench.add(id)
    await bench.turn()
    expect(bench.executor.isStopped).toBe(false)
    bench.executor.stop()
    expect(bench.executor.isStopped).toBe(true)
    bench.add('3')
    expect(await bench.turn()).toEqual([
      'return 2',
      'return 3',
      'take back 1',
      'settle 1: unreachable, 0 in flight',
    ])
  })

  it('returns what waits for its pace alone when it retires, from then on too', async () => {
    const bench = new ExecutorBench([
      hookOf(paced),
      hookOf({ id: 'b', url: 'http://b.example/', concurrency: 1 }),
    ])
    bench.gives = () => never
    for (const id of ['1', '2']) bench.add(id)
    for (const id of ['3', '4']) bench.add(id, { hookId: 'b' })
    expect(await bench.turn()).toEqual(['admit 1', 'begin a', 'attempt 1', 'admit 3', 'attempt 3'])
    bench.executor.retire()
    bench.add('5')
    expect(await bench.turn()).toEqual(['return 2', 'return 5'])
    expect(bench.lanes.waiting).toBe(1)
  })

  it('starts what the pace allows when it retires, and returns the rest', async () => {
    const bench = new ExecutorBench([hookOf(paced)])
    bench.gives = () => never
    for (const id of ['1', '2']) bench.add(id)
    bench.executor.retire()
    expect(await bench.turn()).toEqual(['admit 1', 'begin a', 'attempt 1', 'return 2'])
  })

  it('returns what waits of one hook when another worker is to have it', async () => {
    const bench = new ExecutorBench([hookOf(paced), hookOf({ id: 'b', url: 'http://b.example/', ...paced })])
    for (const id of ['1', '2']) bench.add(id)
    for (const id of ['3', '4']) bench.add(id, { hookId: 'b' })
    await bench.turn()
    bench.executor.clear('b')
    expect(await bench.turn()).toEqual(['return 4'])
  })
})
