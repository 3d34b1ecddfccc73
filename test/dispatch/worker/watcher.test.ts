import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Waiters } from '../../../src/dispatch/waiters.ts'
import { Chores } from '../../../src/dispatch/worker/chores.ts'
import { Watcher } from '../../../src/dispatch/worker/watcher.ts'
import type { Delivery } from '../../../src/index.ts'
import { newLog } from '../log.ts'
import { claimOf, reporterTo } from './fakes.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 0, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  return () => vi.useRealTimers()
})

const waiting = claimOf('1').delivery
const final = claimOf('1', { state: 'delivered' }).delivery

/** A watcher over a store that knows of this delivery, and what it asked for when. */
class Bench {
  readonly asked: string[] = []
  readonly log = newLog()
  readonly waiters = new Waiters()
  readonly inHand = new Set<string>()
  readonly ownership = { sendsToAll: false }
  stored: () => Promise<Delivery | undefined> = async () => waiting
  readonly watcher = new Watcher({
    store: {
      get: async (ids) => {
        this.asked.push(`${ids.length} at ${Date.now()}`)
        const delivery = await this.stored()
        return ids.map(() => delivery)
      },
    },
    waiters: this.waiters,
    claimed: { has: (id) => this.inHand.has(id) },
    ownership: this.ownership,
    chores: new Chores(),
    reporter: reporterTo(this.log),
  })
}

describe('the watcher', () => {
  it('looks four times a second for what others send, as long as somebody waits', async () => {
    const bench = new Bench()
    const { told } = bench.waiters.wait(['1'])
    bench.watcher.watch()
    bench.watcher.watch()
    await vi.advanceTimersByTimeAsync(600)
    expect(bench.asked).toEqual(['1 at 250', '1 at 500'])
    bench.stored = async () => final
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await told).toEqual([final])
    expect(bench.asked).toEqual(['1 at 250', '1 at 500', '1 at 750'])
  })

  it('looks the less often the more is waited for', async () => {
    const bench = new Bench()
    bench.waiters.wait(Array.from({ length: 5000 }, (_, index) => `${index}`))
    bench.watcher.watch()
    await vi.advanceTimersByTimeAsync(1600)
    expect(bench.asked).toEqual(['5000 at 750', '5000 at 1500'])
    bench.watcher.close()
  })

  it('tells of a fault of the store, and looks again', async () => {
    const bench = new Bench()
    bench.waiters.wait(['1'])
    bench.stored = () => Promise.reject(new Error('locked'))
    bench.watcher.watch()
    await vi.advanceTimersByTimeAsync(500)
    expect(bench.asked).toHaveLength(2)
    expect(bench.log.lines.at(-1)).toContain('locked')
    bench.watcher.close()
  })

  it('looks for nothing where this process sends to all, nor when it is closed', async () => {
    const bench = new Bench()
    bench.waiters.wait(['1'])
    bench.ownership.sendsToAll = true
    bench.watcher.watch()
    bench.ownership.sendsToAll = false
    await vi.advanceTimersByTimeAsync(1000)
    expect(bench.asked).toEqual([])
    bench.watcher.watch()
    bench.watcher.close()
    bench.watcher.watch()
    await vi.advanceTimersByTimeAsync(1000)
    expect(bench.asked).toEqual([])
  })

  it('asks for nothing that is in hand: it will be told of', async () => {
    const bench = new Bench()
    const { told } = bench.waiters.wait(['1', '2'])
    bench.inHand.add('1')
    bench.stored = async () => undefined // pruned
    await bench.watcher.tellAllFinal()
    expect(bench.asked).toEqual(['1 at 0'])
    expect(bench.waiters.ids).toEqual(['1'])
    bench.waiters.tell('1', final)
    expect(await told).toEqual([final, undefined])
  })
})
