import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Grouping } from '../../src/dispatch/grouping.ts'
import { Superseding } from '../../src/dispatch/superseding.ts'
import { Chores } from '../../src/dispatch/worker/chores.ts'
import { WakeTimer } from '../../src/dispatch/worker/wake-timer.ts'
import { memoryStore, type Recorded, type Store } from '../../src/index.ts'
import { newDelivery } from '../../src/testing/store/samples.ts'
import { altered } from '../testing/altered-store.ts'
import { newLog } from './log.ts'
import { hookOf, reporterTo } from './worker/fakes.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 1000, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  return () => vi.useRealTimers()
})

/** Over a store with two deliveries of one app, the first of which waits. */
async function bench(changes: Partial<Store> = {}) {
  const memory = memoryStore()
  const store = altered(memory, changes)
  const group = '["web"]'
  await memory.record([newDelivery('old', { group, dueAt: 60_000, recordedAt: 0 })], 0)
  const recorded = await memory.record([newDelivery('new', { group, dueAt: 60_000, recordedAt: 1 })], 0)
  const [chores, wakes, log, woken] = [new Chores(), new WakeTimer(Date.now), newLog(), [] as number[]]
  wakes.woken.listen(() => woken.push(Date.now()))
  const grouping = new Grouping(new Map([['a', hookOf({ supersede: true })]]), store)
  const superseding = new Superseding({
    store,
    grouping,
    chores,
    wakes,
    reporter: reporterTo(log),
    now: Date.now,
  })
  const start = async (given: readonly Recorded[] = recorded): Promise<void> => {
    superseding.start(given)
    await chores.idle()
    await vi.advanceTimersByTimeAsync(0)
  }
  const dueAt = async (): Promise<unknown> => (await memory.get(['old', 'new'])).map((each) => each?.dueAt)
  return { start, wakes, log, woken, dueAt }
}

describe('what a newer release supersedes', () => {
  it('is due now, so that it ends, and the newer one is left as it is', async () => {
    const { start, dueAt, woken } = await bench()
    await start()
    expect(await dueAt()).toEqual([1000, 60_000])
    expect(woken).toEqual([1000])
  })

  it('is looked for of what is fresh alone, and wakes nobody where there is none', async () => {
    const { start, dueAt, woken } = await bench()
    await start([])
    expect(await dueAt()).toEqual([60_000, 60_000])
    expect(woken).toEqual([])
  })

  it('ends when it is due where the store cannot be asked, which is told of, or when all is closed', async () => {
    const failing = await bench({ reschedule: () => Promise.reject(new Error('locked')) })
    await failing.start()
    expect(failing.log.lines).toEqual([expect.stringMatching(/could not be looked for.*locked/)])
    expect(failing.woken).toEqual([])
    const closing = await bench()
    closing.wakes.close()
    await closing.start()
    expect(await closing.dueAt()).toEqual([60_000, 60_000])
  })
})
