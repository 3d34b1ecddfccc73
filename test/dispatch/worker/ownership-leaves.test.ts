import { describe, expect, it } from 'vitest'
import { DispatcherClosedError } from '../../../src/errors.ts'
import { isSettled } from './fakes.ts'
import { OwnershipBench } from './ownership-bench.ts'

const fault = (): Promise<void> => Promise.reject(new Error('away'))

describe('a process that takes no more hooks', () => {
  it('yields those that have nothing in hand at once, and the others when they have not', async () => {
    const bench = await OwnershipBench.started()
    const { ownership } = bench
    const finish = bench.take('a')
    const term = ownership.term('a')
    ownership.retire()
    ownership.retire()
    expect(bench.done()).toEqual(['retire', 'yield b'])
    expect([ownership.ids.size, ownership.mayClaim('a')]).toEqual([0, false])
    expect(term).toMatchObject({ holds: true, stays: true }) // nobody has it before it is yielded
    finish()
    expect(bench.done()).toEqual(['yield a'])
  })

  it('yields what it is given all the same, unless that is lost first', async () => {
    const bench = await OwnershipBench.started()
    bench.ownership.retire()
    bench.done()
    bench.tells.given('a', undefined)
    expect(bench.done()).toEqual(['yield a'])
    const finish = bench.take('b')
    bench.tells.given('b', undefined)
    bench.tells.lost('b')
    finish()
    expect(bench.done()).toEqual([])
  })
})

describe('a process that leaves', () => {
  it('does so when all is yielded', async () => {
    const bench = await OwnershipBench.started()
    const yielded = Promise.withResolvers<void>()
    bench.answers['yield a'] = () => yielded.promise
    const left = bench.ownership.leave()
    expect(await isSettled(left)).toBe(false)
    expect(bench.does).toEqual(['retire', 'yield a', 'yield b'])
    yielded.resolve()
    await left
    expect(bench.does.at(-1)).toBe('leave')
    expect(bench.log.lines).toEqual([])
  })

  it('tells of what a store does not take back, and goes on', async () => {
    const bench = await OwnershipBench.started()
    bench.answers = { retire: fault, 'yield a': fault, leave: fault }
    await bench.ownership.leave()
    expect(bench.log.lines.map((line) => line.replace(/ \{.*/u, '')).toSorted()).toEqual([
      'A lane could not be handed back, and is free when its lease ends',
      'A worker could not say that it closes, and is missed in a moment',
      'Lanes could not be handed back, and are free when their lease ends',
    ])
  })

  it('while it begins to take part does so as soon as it takes part', async () => {
    const bench = new OwnershipBench()
    const joined = Promise.withResolvers<void>()
    bench.answers['join'] = () => joined.promise
    const start = bench.ownership.start()
    await isSettled(start)
    const left = bench.ownership.leave()
    joined.resolve()
    await expect(start).rejects.toThrow(DispatcherClosedError)
    await left
    expect(bench.does).toEqual(['move', 'join', 'leave'])
  })

  it('before it began has nothing to leave', async () => {
    const bench = new OwnershipBench()
    await bench.ownership.leave()
    expect(bench.does).toEqual([])
  })

  it('waits for nothing when it gives up', async () => {
    const bench = await OwnershipBench.started()
    bench.take('a')
    bench.ownership.abandon()
    expect(bench.does).toEqual(['retire', 'yield b', 'abandon'])
  })
})
