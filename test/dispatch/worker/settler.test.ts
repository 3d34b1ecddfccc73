import { beforeEach, describe, expect, it, vi } from 'vitest'
import { dead, delivered, retryAt } from '../../../src/testing/store/samples.ts'
import { isSettled } from './fakes.ts'
import { failing, hook, SettlerBench, well } from './settler-bench.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 0, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  return () => vi.useRealTimers()
})

describe('what came of an attempt', () => {
  it('is recorded, and told to all who listen and wait: then it is in hand no more', async () => {
    const bench = new SettlerBench()
    const execution = bench.take()
    const { told } = bench.waiters.wait(['dlv_1'])
    expect(await bench.settler.settle(hook, execution, bench.report(execution, delivered))).toEqual({
      dueAt: undefined,
      hasRecovered: false,
      isDisabled: false,
    })
    expect(bench.does).toEqual(['settle 1: attempt 1 at 0', 'attempt 1'])
    expect(await told).toMatchObject([{ id: 'dlv_1', state: 'delivered' }])
    expect(execution.isOver).toBe(true)
    expect(bench.log.lines).toEqual([])
  })

  it('is waited for while there is another attempt, whose time is given', async () => {
    const bench = new SettlerBench()
    const execution = bench.take()
    const { told } = bench.waiters.wait(['dlv_1'])
    const settled = await bench.settler.settle(
      hook,
      execution,
      bench.report(execution, retryAt(700), failing),
    )
    expect(settled).toMatchObject({ dueAt: 700 })
    expect(await isSettled(told)).toBe(false)
    expect(bench.log.lines).toEqual([expect.stringContaining('A receiver is down')])
  })

  it('is recorded later while the store fails, under the claim as it is by then', async () => {
    const bench = new SettlerBench()
    const execution = bench.take()
    const settles = bench.settles
    bench.settles = (claim, attempt) => {
      if (Date.now() < 300) throw new Error('the disk is full')
      return settles(claim, attempt)
    }
    const settled = bench.settler.settle(hook, execution, bench.report(execution, delivered))
    await vi.advanceTimersByTimeAsync(150)
    bench.takeAgain(execution, { attempts: 3 }) // others have made attempts of their own meanwhile
    await vi.advanceTimersByTimeAsync(150)
    await settled
    expect(bench.does).toEqual([
      'settle 1: attempt 1 at 0',
      'settle 1: attempt 1 at 0',
      'settle 1: attempt 1 at 100',
      'settle 2: attempt 4 at 300',
      'attempt 4',
    ])
    expect(bench.log.lines).toEqual([expect.stringMatching(/kept until it can.*the disk is full/)])
  })

  it('is given up when this process ends and the store still fails, or failed by then', async () => {
    const bench = new SettlerBench()
    bench.settles = () => {
      throw new Error('the disk is full')
    }
    const executions = [bench.take(1), bench.take(2)]
    const settle = (each = executions[0]): Promise<unknown> | undefined =>
      each && bench.settler.settle(hook, each, bench.report(each, delivered))
    const first = settle()
    await vi.advanceTimersByTimeAsync(50)
    bench.stop.abort()
    expect([await first, await settle(executions[1])]).toEqual([{}, {}])
    expect(bench.log.lines.slice(1)).toEqual([
      expect.stringContaining('A delivery could not be settled'),
      expect.stringContaining('A delivery could not be settled'),
    ])
    for (const { isOver } of executions) expect(isOver).toBe(true)
  })

  it('is recorded under the new claim when this process has claimed it again, and else said to be taken over', async () => {
    const bench = new SettlerBench()
    const { settles } = bench
    const execution = bench.take()
    bench.settles = () => {
      bench.settles = settles
      bench.takeAgain(execution)
      return undefined // the claim was lost
    }
    await bench.settler.settle(hook, execution, bench.report(execution, delivered))
    expect(bench.does).toEqual(['settle 1: attempt 1 at 0', 'settle 2: attempt 1 at 0', 'attempt 1'])
    const lost = bench.take(3)
    bench.settles = () => undefined
    expect(await bench.settler.settle(hook, lost, bench.report(lost, delivered))).toEqual({})
    expect(bench.does.slice(3)).toEqual(['settle 3: attempt 1 at 0'])
    expect(bench.log.lines).toEqual([expect.stringContaining('may have been sent twice')])
  })
})

describe('a delivery that ends without an attempt', () => {
  it('is told of, unless another process has it', async () => {
    const bench = new SettlerBench()
    const { told } = bench.waiters.wait(['dlv_1'])
    const [execution, lost] = [bench.take(1), bench.take(2)]
    const report = { lane: { answered: undefined, hasMissed: false }, delivery: dead }
    expect(await bench.settler.settle(hook, execution, report)).toEqual({})
    expect(await told).toMatchObject([{ state: 'dead' }])
    bench.ends = async () => undefined
    await bench.settler.settle(hook, lost, report)
    expect(bench.does).toEqual(['dead: gone'])
    for (const { isOver } of [execution, lost]) expect(isOver).toBe(true)
  })
})

describe('a receiver that answers again', () => {
  it.each([
    [59_999, false],
    [60_000, true],
  ])('after %i ms in which it only failed has recovered: %s', async (failedMs, hasRecovered) => {
    const bench = new SettlerBench()
    const [first, second] = [bench.take(1), bench.take(2)]
    const report = bench.report(second, delivered)
    bench.health.failed('a', bench.report(first, delivered).delivery.endedAt - failedMs)
    expect(await bench.settler.settle(hook, second, report)).toMatchObject({ hasRecovered })
  })

  it('only because it was asked how something goes, and did not say, has not', async () => {
    const bench = new SettlerBench()
    const execution = bench.take()
    bench.health.failed('a', 0)
    const report = bench.report(execution, delivered, { ...well, isWell: false })
    expect(await bench.settler.settle(hook, execution, report)).toMatchObject({ hasRecovered: false })
    expect(bench.health.read('a').failingSince).toBe(0)
  })
})
