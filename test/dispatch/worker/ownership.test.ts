import { beforeEach, describe, expect, it, vi } from 'vitest'
import { isSettled } from './fakes.ts'
import { OwnershipBench } from './ownership-bench.ts'

describe('a process that shares its hooks with nobody', () => {
  it('sends to all of them from its start on, for ever', async () => {
    const { ownership, does } = new OwnershipBench({ isShared: false })
    expect([ownership.ids.has('a'), ownership.mayClaim('a'), ownership.sendsToAll]).toEqual([
      false,
      false,
      false,
    ])
    await ownership.start()
    expect(does).toEqual(['look'])
    expect([...ownership.ids]).toEqual(['a', 'b'])
    expect([ownership.isShared, ownership.sendsToAll, ownership.mayClaim('a')]).toEqual([false, true, true])
    expect(ownership.term('a')).toMatchObject({ holds: true, stays: true })
    await ownership.leave()
  })
})

describe('a process that shares hooks', () => {
  it('sends to those that it is given, once it is known what was under former ids', async () => {
    const bench = new OwnershipBench()
    const { ownership } = bench
    await ownership.start()
    await ownership.start()
    expect(bench.done()).toEqual(['move', 'join'])
    bench.tells.given('a', undefined)
    expect(bench.done()).toEqual(['look'])
    expect([...ownership.ids]).toEqual(['a'])
    expect([ownership.sendsToAll, ownership.ids.has('a'), ownership.ids.has('b')]).toEqual([
      false,
      true,
      false,
    ])
    bench.tells.due(['b'])
    expect(bench.done()).toEqual([])
    bench.tells.due(['b', 'a'])
    expect(bench.done()).toEqual(['look'])
  })

  it('goes on as the process before left off, and keeps that in mind for the next', async () => {
    const bench = await OwnershipBench.started()
    bench.tells.given('a', { closedUntil: 9000 })
    expect(bench.lanes.lane('a').closedUntil).toBe(9000)
    expect(bench.done()).toEqual(['remember a', 'look'])
    bench.tells.given('b', null) // nothing was left
    expect(bench.done()).toEqual(['look'])
    expect(bench.tells.memory('a', false)).toMatchObject({ closedUntil: 9000 })
  })

  it('claims nothing of one that it may have lost without having heard of it, nor starts what it has', async () => {
    const { missed, ownership } = await OwnershipBench.started()
    const term = ownership.term('a')
    expect(term).toMatchObject({ holds: true, stays: true })
    missed.add('a')
    expect(ownership.mayClaim('a')).toBe(false)
    expect(term).toMatchObject({ holds: false, stays: true })
    missed.delete('a')
    expect(term.holds).toBe(true)
  })

  it('returns what waits of one that another asks for, and yields it when nothing is in hand', async () => {
    const bench = await OwnershipBench.started()
    const { ownership } = bench
    const finish = bench.take('a')
    bench.wait('a')
    const term = ownership.term('a')
    bench.tells.asked('a')
    bench.tells.asked('a')
    expect(bench.done()).toEqual(['return a1'])
    expect([ownership.ids.has('a'), ownership.mayClaim('a')]).toEqual([false, false])
    expect(term).toMatchObject({ holds: true, stays: false }) // what is in hand is sent
    finish()
    expect(bench.done()).toEqual(['yield a'])
    bench.tells.asked('b')
    expect(bench.done()).toEqual(['yield b'])
  })

  it('starts nothing more of one that it lost, not under the old term when it comes back either', async () => {
    const bench = await OwnershipBench.started()
    const { ownership } = bench
    bench.wait('a')
    const term = ownership.term('a')
    bench.tells.lost('a')
    bench.tells.lost('a')
    expect(bench.done()).toEqual(['return a1'])
    expect([ownership.ids.has('a'), term.holds, term.stays]).toEqual([false, false, false])
    bench.tells.given('a', undefined)
    expect([term.holds, term.stays]).toEqual([false, false])
    expect(ownership.term('a')).toMatchObject({ holds: true, stays: true })
    expect(ownership.term('a')).toBe(ownership.term('a'))
  })

  it('yields none that was lost, or given again, before what was in hand had ended', async () => {
    const bench = await OwnershipBench.started()
    const finish = [bench.take('a'), bench.take('b')]
    bench.tells.asked('a')
    bench.tells.asked('b')
    bench.tells.lost('a')
    bench.tells.given('b', undefined)
    bench.done()
    for (const each of finish) each()
    expect(bench.done()).toEqual([])
  })

  it('remembers of its own hooks alone; a store that cannot is told of', async () => {
    const bench = await OwnershipBench.started()
    bench.ownership.remember('a')
    bench.tells.lost('b')
    bench.ownership.remember('b')
    expect(bench.done()).toEqual(['remember a'])
    bench.answers['remember a'] = () => Promise.reject(new Error('locked'))
    bench.ownership.remember('a')
    await isSettled(Promise.resolve())
    expect(bench.log.lines).toEqual([expect.stringContaining('could not be remembered')])
  })
})

describe('a process that is to take part', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    return () => vi.useRealTimers()
  })

  it('tries until the store is reached, and tells of each fault', async () => {
    const bench = new OwnershipBench()
    bench.answers = { move: () => Promise.reject(new Error('away')) }
    const start = bench.ownership.start()
    await vi.advanceTimersByTimeAsync(0)
    bench.answers = { join: () => Promise.reject(new Error('away')) }
    await vi.advanceTimersByTimeAsync(100)
    bench.answers = {}
    await vi.advanceTimersByTimeAsync(200)
    await start
    expect(bench.does).toEqual(['move', 'move', 'join', 'move', 'join'])
    expect(bench.log.lines).toHaveLength(2)
  })

  it('deals with what it is given and asked for while it does not know yet that it takes part', async () => {
    const bench = new OwnershipBench()
    bench.answers = {
      join: () => {
        bench.tells.given('a', { closedUntil: 9000 })
        bench.tells.given('b', undefined)
        bench.tells.asked('b')
      },
    }
    await bench.ownership.start()
    expect(bench.does).toEqual(['move', 'join', 'look', 'look', 'yield b', 'remember a'])
  })
})
