import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Claim } from '../../../src/index.ts'
import { ClaimLoopBench } from './claim-loop-bench.ts'
import { claimOf, isSettled } from './fakes.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 1000, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  return () => vi.useRealTimers()
})

const claimAll = 'claim a 300, b 300 at 1000 until 31000'
/** What is due is given to nobody here, since others have it. */
const look = ['due of all', claimAll, 'due of all but a but b']

describe('a look for what is due', () => {
  it('claims as much as there is room for, hands it on in its term, and sleeps until more is due', async () => {
    const bench = new ClaimLoopBench()
    bench.due = ['a', 'b']
    bench.gives = async () => {
      bench.due = []
      return [claimOf('1'), claimOf('2', { hookId: 'b' })]
    }
    bench.dueAt = 5000
    expect(await bench.wake()).toEqual(['due of all', claimAll, 'due of all'])
    expect(bench.added.map(({ term, until }) => [term, until])).toEqual([
      [bench.terms['a'], 31_000],
      [bench.terms['b'], 31_000],
    ])
    bench.gives = async () => []
    bench.due = ['b']
    await vi.advanceTimersByTimeAsync(4000)
    expect(await bench.asked()).toEqual(['due of all', 'claim b 299 at 5000 until 35000', 'due of all but b'])
  })

  it('asks for more of what has room, and no more of a hook that has none', async () => {
    const bench = new ClaimLoopBench()
    bench.due = ['a']
    bench.gives = async ({ hooks }) =>
      Array.from({ length: hooks.get('a') as number }, (_, index) => claimOf(`${index}`))
    expect(await bench.wake()).toEqual([
      'due of all',
      'claim a 300 at 1000 until 31000',
      'due of all',
      'due of all but a',
    ])
    expect(bench.claimed.expectsMore('a')).toBe(true)
  })

  it('looks again in a moment for what was due and not given: it may be locked', async () => {
    const bench = new ClaimLoopBench()
    bench.due = ['a']
    const given = 'claim a 300 at 1000 until 31000'
    expect(await bench.wake()).toEqual(['due of all', given, 'due of all but a'])
    await vi.advanceTimersByTimeAsync(249)
    expect(await bench.asked()).toEqual([])
    bench.gives = async () => {
      bench.due = []
      return [claimOf('1')]
    }
    await vi.advanceTimersByTimeAsync(1)
    expect(bench.added).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await bench.asked()).toHaveLength(3)
  })

  it('claims for some hundred hooks at once, and then for the next', async () => {
    const bench = new ClaimLoopBench()
    bench.due = Array.from({ length: 300 }, (_, index) =>
      index < 2 ? 'ab'.charAt(index) : `of others ${index}`,
    )
    bench.due.push('b')
    bench.due.splice(1, 1) // which is the last of all by now
    const claims: string[] = []
    bench.gives = async ({ hooks }) => {
      claims.push([...hooks.keys()].join())
      return []
    }
    await bench.wake()
    await vi.waitFor(async () => expect(await bench.asked()).toEqual([]))
    expect(claims).toEqual(['a', 'b'])
  })

  it('looks when a pause is over for what was left in the store meanwhile', async () => {
    const bench = new ClaimLoopBench()
    bench.lanes.lane('a').pause(3000)
    expect(await bench.wake()).toEqual(['due of all'])
    expect(bench.claimed.reserve('a')).toBe(false)
    bench.due = ['a']
    expect(await bench.asked()).toEqual(['due of all but a'])
    await vi.advanceTimersByTimeAsync(2000)
    expect(await bench.asked()).toEqual(['due of all', 'claim a 300 at 3000 until 33000', 'due of all but a'])
  })

  it('looks no more for hooks that other processes have, and something waits for', async () => {
    const bench = new ClaimLoopBench()
    bench.due = ['of another dispatcher']
    const gone = 'due of all but of another dispatcher'
    expect(await bench.wake()).toEqual(['due of all', gone])
    expect(await bench.wake()).toEqual([gone])
  })

  it('hands on nothing that is in hand: its lease had ended, and it goes on', async () => {
    const bench = new ClaimLoopBench()
    bench.gives = async () => {
      bench.due = []
      return [claimOf('1', {}, bench.added.length + 1)]
    }
    for (const _ of [1, 2]) {
      bench.due = ['a']
      await bench.wake()
    }
    expect(bench.added).toHaveLength(1)
    expect(bench.added[0]?.current.token).toBe(2)
  })

  it('asks nothing for a hook that is left alone, but to be woken then', async () => {
    const bench = new ClaimLoopBench()
    bench.lanes.lane('a').pause(3000)
    bench.due = ['a']
    expect(await bench.wake()).toEqual(['due of all', 'due of all but a'])
    await vi.advanceTimersByTimeAsync(2000)
    expect(await bench.asked()).toEqual(['due of all', 'claim a 300 at 3000 until 33000', 'due of all but a'])
  })

  it('asks nothing of a hook that may be lost, nor when there is no room, or no hook', async () => {
    const bench = new ClaimLoopBench()
    bench.ownership.isShared = true
    bench.unsure.add('a')
    bench.due = ['a', 'b']
    expect(await bench.wake()).toEqual(['due of b', 'claim b 300 at 1000 until 31000', 'due of b but b'])
    for (let count = 0; count < 300; count += 1) bench.claimed.reserve('b')
    expect(await bench.wake()).toEqual(['due of b', 'due of b but b'])
    bench.held.clear()
    expect(await bench.wake()).toEqual([])
  })

  it('follows when there is room again for a good number of those that wait in the store', async () => {
    const bench = new ClaimLoopBench()
    bench.due = ['b']
    for (let count = 0; count < 300; count += 1) bench.claimed.reserve('b')
    await bench.wake()
    for (let count = 0; count < 149; count += 1) bench.claimed.cancel('b')
    expect(await bench.asked()).toEqual([])
    bench.claimed.cancel('b')
    expect(await bench.asked()).toContain('claim b 150 at 1000 until 31000')
  })

  it('returns what waits of a hook that was lost while the store was asked', async () => {
    const bench = new ClaimLoopBench()
    bench.ownership.isShared = true
    bench.due = ['a', 'b']
    bench.gives = async () => {
      bench.held.delete('b')
      return [claimOf('1', { hookId: 'b' })]
    }
    expect(await bench.wake()).toEqual(['due of a, b', claimAll, 'clear b', 'due of a but a'])
    expect(bench.added).toHaveLength(1)
  })

  it('reads first what the store knows of hooks; a fault of it is told, and ends no later look', async () => {
    const bench = new ClaimLoopBench()
    bench.due = ['a', 'b']
    bench.healthSync.isOpen = false
    expect(await bench.wake()).toEqual(['open', ...look])
    bench.gives = async () => Promise.reject(new Error('locked'))
    const failed = ['due of all', claimAll]
    expect(await bench.wake()).toEqual(failed)
    expect(bench.log.lines).toEqual([expect.stringMatching(/Due deliveries could not be read.*locked/)])
    expect(await bench.wake()).toEqual(failed)
  })

  it('is one at a time, and another if it was asked for meanwhile', async () => {
    const bench = new ClaimLoopBench()
    bench.due = ['a', 'b']
    const gate = Promise.withResolvers<readonly Claim[]>()
    bench.gives = () => gate.promise
    expect(await bench.wake()).toEqual(['due of all', claimAll])
    expect([...(await bench.wake()), ...(await bench.wake())]).toEqual([])
    gate.resolve([])
    expect(await bench.asked()).toEqual(['due of all but a but b', ...look])
  })
})

describe('a loop that stops', () => {
  it('ends the look under way, and begins none', async () => {
    const bench = new ClaimLoopBench()
    bench.due = ['a']
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
    expect(await bench.wake()).toEqual([])
  })

  it('claims once more what would be lost with the process, whatever the store says', async () => {
    const bench = new ClaimLoopBench()
    bench.due = ['a', 'b']
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
    bench.due = ['a', 'b']
    bench.stop.abort()
    expect(await bench.wake()).toEqual([])
  })
})
