import { describe, expect, it } from 'vitest'
import { SettledDeliveries } from '../../src/dispatch/settled.ts'
import { Waiters } from '../../src/dispatch/waiters.ts'
import type { Delivery } from '../../src/index.ts'
import { claimOf, isSettled } from './worker/fakes.ts'

const one = claimOf('1', { state: 'delivered' }).delivery
const two = claimOf('2', { state: 'dead' }).delivery

/** Over waiters that are told, and a store that knows of these. */
class Bench {
  readonly does: string[] = []
  readonly waiters = new Waiters()
  readonly closed = new AbortController()
  readonly inHand = new Set<string>()
  readonly worker = { isStopped: false }
  looks: () => Promise<void> = async () => undefined
  stored: readonly (Delivery | undefined)[] = []
  readonly #deliveries = new SettledDeliveries({
    store: {
      get: async (ids) => {
        this.does.push(`get ${ids.join(' ')}`)
        return this.stored
      },
    },
    waiters: this.waiters,
    watcher: {
      tellFinal: (ids) => {
        this.does.push(`look for ${ids.join(' ')}`)
        return this.looks()
      },
      watch: () => void this.does.push('watch'),
    },
    claimed: { has: (id) => this.inHand.has(id) },
    worker: this.worker,
    closed: this.closed.signal,
  })

  settled(
    ids: readonly string[],
    signal?: AbortSignal,
    isOver?: () => Promise<boolean>,
  ): Promise<readonly Delivery[]> {
    return this.#deliveries.settled(ids, signal, isOver)
  }
}

describe('waiting for deliveries', () => {
  it('that are in hand asks nobody: they are told of when each is final', async () => {
    const bench = new Bench()
    bench.inHand.add('1').add('2')
    const settled = bench.settled(['1', '2'])
    await isSettled(settled)
    bench.waiters.tell('2', two)
    expect(await isSettled(settled)).toBe(false)
    bench.waiters.tell('1', one)
    expect(await settled).toEqual([one, two])
    expect(bench.does).toEqual([])
  })

  it('that others send looks, and goes on looking: and misses none that is told while it looks', async () => {
    const bench = new Bench()
    bench.inHand.add('1')
    bench.looks = async () => bench.waiters.tell('2', two)
    const settled = bench.settled(['1', '2'])
    await isSettled(settled)
    expect(bench.does).toEqual(['look for 1 2', 'watch'])
    bench.waiters.tell('1', one)
    expect(await settled).toEqual([one, two])
  })

  it('gives them as they stand when the dispatcher closes, without those that are not there', async () => {
    const bench = new Bench()
    bench.inHand.add('1').add('2')
    bench.stored = [undefined, two]
    const settled = bench.settled(['1', '2'])
    await isSettled(settled)
    bench.waiters.tellAll()
    expect(await settled).toEqual([two])
    expect(bench.does).toEqual(['get 1 2'])
  })

  it('waits for nothing when this process sends no more', async () => {
    const bench = new Bench()
    bench.worker.isStopped = true
    bench.stored = [claimOf('1').delivery]
    expect(await bench.settled(['1'])).toMatchObject([{ id: '1', state: 'waiting' }])
  })

  it('ends with the signal, or when it cannot look; then nobody waits for them any more', async () => {
    const bench = new Bench()
    bench.inHand.add('1')
    const stop = new AbortController()
    setImmediate(() => stop.abort(new Error('enough')))
    await expect(bench.settled(['1'], stop.signal)).rejects.toThrow('enough')
    expect(bench.waiters.ids).toEqual([])
    bench.looks = () => Promise.reject(new Error('locked'))
    await expect(bench.settled(['2'])).rejects.toThrow('locked')
    expect(bench.waiters.ids).toEqual([])
  })

  it('that were recorded in a transaction looks for nothing before that is over', async () => {
    const bench = new Bench()
    let isOver = false
    bench.looks = async () => bench.waiters.tell('1', one)
    const settled = bench.settled(['1'], undefined, async () => isOver)
    await isSettled(settled)
    expect(bench.does).toEqual([])
    isOver = true
    expect(await settled).toEqual([one])
  })
})
