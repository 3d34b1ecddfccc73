import { describe, expect, it } from 'vitest'
import { Chores } from '../../../src/dispatch/worker/chores.ts'
import { Topic } from '../../../src/dispatch/worker/topic.ts'
import { isSettled } from './fakes.ts'

describe('chores', () => {
  it('begin at once, none waits for another one, and each gives what it comes to', async () => {
    const chores = new Chores()
    const began: string[] = []
    const gate = Promise.withResolvers<string>()
    const slow = chores.add(() => {
      began.push('slow')
      return gate.promise
    })
    const quick = chores.add(async () => {
      began.push('quick')
      throw new Error('the disk is full')
    })
    expect(began).toEqual(['slow', 'quick'])
    await expect(quick).rejects.toThrow('the disk is full')
    gate.resolve('done')
    expect(await slow).toBe('done')
  })

  it('are waited for until none is left, whichever way they began', async () => {
    const chores = new Chores()
    await chores.idle()
    const gate = Promise.withResolvers<void>()
    const added = chores.add(() => gate.promise)
    chores.begin()
    chores.begin()
    const idle = Promise.all([chores.idle(), chores.idle()])
    chores.end()
    gate.resolve()
    await added
    expect(await isSettled(idle)).toBe(false)
    chores.end()
    await idle
    chores.begin()
    expect(await isSettled(chores.idle())).toBe(false)
  })
})

describe('a topic', () => {
  it('tells all who listen, in the order in which they came', () => {
    const topic = new Topic<[hookId: string, count: number]>()
    const told: unknown[] = []
    topic.tell('nobody', 0)
    topic.listen((...news) => told.push(['first', ...news]))
    topic.listen((...news) => told.push(['second', ...news]))
    topic.tell('a', 1)
    expect(told).toEqual([
      ['first', 'a', 1],
      ['second', 'a', 1],
    ])
  })
})
