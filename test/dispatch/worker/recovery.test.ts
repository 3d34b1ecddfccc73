import { describe, expect, it, vi } from 'vitest'
import { Chores } from '../../../src/dispatch/worker/chores.ts'
import { Recovery } from '../../../src/dispatch/worker/recovery.ts'
import { WakeTimer } from '../../../src/dispatch/worker/wake-timer.ts'
import { memoryStore, type Store } from '../../../src/index.ts'
import { at, attemptOf, newDelivery, retryAt } from '../../../src/testing/store/samples.ts'
import { altered } from '../../testing/altered-store.ts'
import { newLog, type Log } from '../log.ts'
import { hookOf, reporterTo } from './fakes.ts'

const hook = hookOf()
/** A second after the attempts have failed: the schedule has the next ones 5 s after them. */
const now = at(21)
const rooms = new Map([['a', 9]])

/** A recovery over a store in which some have failed. */
class Bench {
  readonly log: Log = newLog()
  readonly chores = new Chores()
  readonly wakes = new WakeTimer(() => now)
  readonly woken = vi.spyOn(this.wakes, 'wakeAt').mockReturnValue(undefined)
  readonly memory = memoryStore()
  readonly #recovery: Recovery

  constructor(changes: Partial<Store> = {}) {
    this.#recovery = new Recovery({
      store: altered(this.memory, changes),
      chores: this.chores,
      wakes: this.wakes,
      reporter: reporterTo(this.log),
      now: () => now,
    })
  }

  /** Deliveries that fail, and are tried again so many seconds after 0. */
  async fail(again: Readonly<Record<string, number>>): Promise<void> {
    await this.memory.record(
      Object.keys(again).map((id) => newDelivery(id, { dueAt: at(1) })),
      0,
    )
    for (const claim of await this.memory.claim({ hooks: rooms, now: at(19), until: at(90) }))
      await this.memory.settle(claim, attemptOf(claim, retryAt(at(again[claim.delivery.id] as number))))
  }

  async recover(): Promise<void> {
    this.#recovery.start(hook)
    await this.chores.idle()
  }

  /** In milliseconds after now. */
  async dueIn(...ids: readonly string[]): Promise<readonly number[]> {
    return (await this.memory.get(ids)).map((delivery) => (delivery?.dueAt ?? 0) - now)
  }
}

describe('a receiver that has recovered', () => {
  it('is sent now, ten a second, what waits for the rest of its delay', async () => {
    const bench = new Bench()
    await bench.fail({ a1: 25, a2: 25, a3: 25 })
    await bench.recover()
    expect(await bench.dueIn('a1', 'a2', 'a3')).toEqual([0, 100, 200])
    expect(bench.woken).toHaveBeenLastCalledWith(now)
  })

  it('is not sent earlier what has had no attempt, is due already, or what it has asked time for', async () => {
    const bench = new Bench()
    await bench.fail({ due: 21, asked: 26 })
    await bench.memory.record([newDelivery('fresh', { dueAt: at(60) })], 0)
    await bench.recover()
    expect(await bench.dueIn('due', 'asked', 'fresh')).toEqual([0, 5000, 39_000])
    expect(bench.woken).toHaveBeenLastCalledWith(undefined)
  })

  it('is sent each of them earlier once: what it fails on always would use up its attempts', async () => {
    const bench = new Bench()
    await bench.fail({ a1: 25 })
    await bench.recover()
    await bench.memory.reschedule([{ id: 'a1', dueAt: at(24) }])
    await bench.fail({ a2: 25 })
    await bench.recover()
    expect(await bench.dueIn('a1', 'a2')).toEqual([3000, 0])
  })

  it('waits no less where the store fails, which is told of, or where nothing more is claimed', async () => {
    const bench = new Bench({ reschedule: () => Promise.reject(new Error('locked')) })
    await bench.fail({ a1: 25 })
    await bench.recover()
    expect(bench.log.lines).toEqual([
      expect.stringMatching(/could not be brought forward.*"hookId":"a".*locked/),
    ])
    const closing = new Bench()
    await closing.fail({ a1: 25 })
    closing.wakes.close()
    await closing.recover()
    expect(await closing.dueIn('a1')).toEqual([4000])
  })
})
