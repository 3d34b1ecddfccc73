import { describe, expect, it } from 'vitest'
import { hookOf, isSettled } from './fakes.ts'
import { WorkerBench } from './worker-bench.ts'

describe('a worker', () => {
  it('begins to send when it is known what is known of the hooks', async () => {
    const { does, worker } = new WorkerBench()
    await worker.start()
    expect(does).toEqual(['health is to be read anew', 'ownership starts'])
    expect([worker.isStopped, worker.holds('a'), worker.holds('b')]).toEqual([false, true, false])
  })

  it('tries a hook that was enabled, and lets go of what waits for one that was disabled', () => {
    const { does, worker } = new WorkerBench()
    worker.switched(hookOf(), 'enabled')
    worker.switched(hookOf(), 'disabled')
    expect(does).toEqual(['a is tried', 'a is let go'])
  })
})

describe('a worker that closes', () => {
  it('stops its parts one after the other, leases last', async () => {
    const { does, worker } = new WorkerBench()
    await worker.close()
    expect(does).toEqual([
      'claim loop stops',
      'health moves nothing more',
      'executor retires',
      'executor stops',
      'upkeep stops',
      'ownership leaves',
      'health is saved',
      'leases stop',
    ])
  })

  it('gives hooks to other workers at once, where they are shared, and before it waits for anything', async () => {
    const bench = new WorkerBench({ isShared: true })
    const looked = Promise.withResolvers<void>()
    bench.gates['claim loop stops'] = looked.promise
    const closed = bench.worker.close()
    expect(bench.does.slice(2)).toEqual(['ownership retires', 'executor retires'])
    expect(await isSettled(closed)).toBe(false)
    looked.resolve()
    await closed
  })

  it('sends what is in hand, and waits for what uses the store, also for what either of them leads to', async () => {
    const bench = new WorkerBench()
    const done = bench.take()
    const chore = Promise.withResolvers<string>()
    const closed = bench.worker.close()
    const began = bench.worker.during(() => chore.promise)
    done()
    const another = bench.take('another')
    await isSettled(closed)
    expect(bench.does).not.toContain('executor stops')
    chore.resolve('done')
    expect(await began).toBe('done')
    await isSettled(closed)
    expect(bench.does).not.toContain('executor stops')
    another()
    await closed
    expect(bench.does).not.toContain('the rest is claimed')
  })

  it('claims to the end what would be lost with the process', async () => {
    const bench = new WorkerBench({ isDurable: false })
    let left = 2
    bench.also['the rest is claimed'] = () => {
      left -= 1
      if (left > 0) setImmediate(bench.take(`${left}`))
    }
    await bench.worker.close()
    expect(bench.does).not.toContain('executor retires')
    expect(bench.does.filter((what) => what === 'the rest is claimed')).toHaveLength(2)
    expect(bench.does.indexOf('executor stops')).toBe(bench.does.lastIndexOf('the rest is claimed') + 1)
  })

  it('keeps leases until its last word to the store is said', async () => {
    const bench = new WorkerBench()
    const saved = Promise.withResolvers<void>()
    bench.gates['health is saved'] = saved.promise
    const closed = bench.worker.close()
    await isSettled(closed)
    expect(bench.does.at(-1)).toBe('health is saved')
    saved.resolve()
    await closed
    expect(bench.does.at(-1)).toBe('leases stop')
  })

  it('ends what is in flight when its time is over, and asks a store for nothing that does not answer', () => {
    const { does, worker } = new WorkerBench()
    worker.abort()
    worker.giveUp()
    expect(does).toEqual([
      'executor stops',
      'upkeep stops',
      'leases stop',
      'health gives up',
      'ownership is abandoned',
    ])
  })
})
