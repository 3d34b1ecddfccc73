import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Claim } from '../../../src/index.ts'
import { ClaimLoopBench } from './claim-loop-bench.ts'
import { claimOf, isSettled } from './fakes.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 1000, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  return () => vi.useRealTimers()
})

const claimAll = 'claim a 300, b 300 at 1000 until 31000'
const look = [claimAll, 'due of a, b']

describe('a look for what is due', () => {
  it('claims as much as there is room for, hands it on in its term, and sleeps until more is due', async () => {
    const bench = new ClaimLoopBench()
    bench.gives = async () => [claimOf('1'), claimOf('2', { hookId: 'b' })]
    bench.dueAt = 5000
    expect(await bench.wake()).toEqual(look)
    expect(bench.added.map(({ term, until }) => [term, until])).toEqual([
      [bench.terms['a'], 31_000],
      [bench.terms['b'], 31_000],
    ])
    bench.gives = async () => []
    await vi.advanceTimersByTimeAsync(4000)
    expect(await bench.asked()).toEqual(['claim a 299, b 299 at 5000 until 35000', 'due of a, b'])
  })

  it('hands on nothing that is in hand: its lease had ended, and it goes on', async () => {
    const bench = new ClaimLoopBench()
    bench.gives = async () => [claimOf('1', {}, bench.added.length + 1)]
    await bench.wake()
    await bench.wake()
    expect(bench.added).toHaveLength(1)
    expect(bench.added[0]?.current.token).toBe(2)
  })

  it('asks nothing for a hook that is left alone, but to be woken then', async () => {
    const bench = new ClaimLoopBench()
    bench.lanes.lane('a').pause(3000)
    expect(await bench.wake()).toEqual(['claim b 300 at 1000 until 31000', 'due of b'])
    await vi.advanceTimersByTimeAsync(2000)
    expect((await bench.asked())[0]).toBe('claim a 300, b 300 at 3000 until 33000')
  })

  it('asks nothing of a hook that may be lost, nor when there is no room, or no hook', async () => {
    const bench = new ClaimLoopBench()
    bench.unsure.add('a')
    expect(await bench.wake()).toEqual(['claim b 300 at 1000 until 31000', 'due of a, b'])
    for (let count = 0; count < 300; count += 1) bench.claimed.reserve('b')
    expect(await bench.wake()).toEqual(['due of a'])
    bench.held.clear()
    expect(await bench.wake()).toEqual([])
  })

  it('follows when there is room again for a good number of those that wait in the store', async () => {
    const bench = new ClaimLoopBench()
    for (let count = 0; count < 300; count += 1) bench.claimed.reserve('b')
    await bench.wake()
    for (let count = 0; count < 149; count += 1) bench.claimed.cancel('b')
    expect(await bench.asked()).toEqual([])
    bench.claimed.cancel('b')
    expect((await bench.asked())[0]).toBe('claim a 300, b 150 at 1000 until 31000')
  })

  it('returns what waits of a hook that was lost while the store was asked', async () => {
    const bench = new ClaimLoopBench()
    bench.gives = async () => {
      bench.held.delete('b')
      return [claimOf('1', { hookId: 'b' })]
    }
    expect(await bench.wake()).toEqual([claimAll, 'clear b', 'due of a'])
    expect(bench.added).toHaveLength(1)
  })

  it('reads first what the store knows of hooks; a fault of it is told, and ends no later look', async () => {
    const bench = new ClaimLoopBench()
    bench.healthSync.isOpen = false
    expect(await bench.wake()).toEqual(['open', ...look])
    bench.gives = async () => Promise.reject(new Error('locked'))
    expect(await bench.wake()).toEqual([claimAll])
    expect(bench.log.lines).toEqual([expect.stringMatching(/Due deliveries could not be read.*locked/)])
    expect(await bench.wake()).toEqual([claimAll])
  })

  it('is one at a time, and another if it was asked for meanwhile', async () => {
    const bench = new ClaimLoopBench()
    const gate = Promise.withResolvers<readonly Claim[]>()
    bench.gives = () => gate.promise
    expect(await bench.wake()).toEqual([claimAll])
    expect([...(await bench.wake()), ...(await bench.wake())]).toEqual([])
    gate.resolve([])
    expect(await bench.asked()).toEqual(['due of a, b', ...look])
  })
})

describe('a loop that stops', () => {
  it('ends the look under way, and begins none', async () => {
    const bench = new ClaimLoopBench()
    const gate = Promise.withResolvers<readonly Claim[]>()
    bench.gives = () => gate.promise
    await bench.wake()
    bench.wakes.wake()
    const stopped = bench.loop.stop()
    expect(await isSettled(stopped)).toBe(false)
    gate.resolve([claimOf('1')])
    await stopped
    expect(bench.added).toHaveLength(1)
    bench.claimed.roomy.tell()
    expect(await bench.wake()).toEqual(['due of a, b'])
  })

  it('claims once more what would be lost with the process, whatever the store says', async () => {
    const bench = new ClaimLoopBench()
    await bench.loop.stop()
    await bench.loop.claimTheRest()
    expect(await bench.asked()).toEqual(look)
    bench.gives = async () => Promise.reject(new Error('locked'))
    await bench.loop.claimTheRest()
    expect(bench.log.lines).toHaveLength(1)
    bench.held.clear()
    bench.does.length = 0
    await bench.loop.claimTheRest()
    expect(await bench.asked()).toEqual([])
  })

  it('claims nothing when what is in flight is ended', async () => {
    const bench = new ClaimLoopBench()
    bench.stop.abort()
    expect(await bench.wake()).toEqual(['due of a, b'])
  })
})
