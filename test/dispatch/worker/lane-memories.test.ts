import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Chores } from '../../../src/dispatch/worker/chores.ts'
import { HookHealth } from '../../../src/dispatch/worker/health.ts'
import { LaneMemories } from '../../../src/dispatch/worker/lane-memories.ts'
import { Lanes } from '../../../src/dispatch/worker/lanes.ts'
import { memoryStore, type Store } from '../../../src/index.ts'
import { altered } from '../../testing/altered-store.ts'
import { newLog } from '../log.ts'
import { byIdOf, executionOf, hooksOf, reporterTo } from './fakes.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 1000, toFake: ['Date'] })
  return () => vi.useRealTimers()
})

const breaker = { minimum: 1, failureShare: 1, openMs: 5000 }
const pace = { perSecond: 1 }
const hooks = hooksOf([
  { id: 'a', url: 'http://a.example/', breaker, pace },
  { id: 'b', url: 'http://b.example/', breaker: false },
])
const byId = byIdOf(hooks)

/** Over real lanes and health, and a store that keeps states. */
class Bench {
  readonly log = newLog()
  readonly asked: string[] = []
  saves: () => Promise<void> = async () => undefined
  readonly lanes = new Lanes({ hooks: byId, overall: 512, now: Date.now })
  readonly chores = new Chores()
  readonly memories: LaneMemories
  readonly health: HookHealth
  readonly #store = memoryStore()

  constructor({ isShared = false } = {}) {
    const setHookStates: Store['setHookStates'] = (states) =>
      this.saves().then(() => this.#store.setHookStates(states))
    this.health = new HookHealth(altered(this.#store, { setHookStates }), (id) => byId.get(id))
    this.memories = new LaneMemories({
      hooks: byId,
      lanes: this.lanes,
      health: this.health,
      ownership: { isShared, remember: (hookId) => void this.asked.push(hookId) },
      chores: this.chores,
      reporter: reporterTo(this.log),
      now: Date.now,
    })
  }

  /** By hook: what the store knows of its lane. */
  async stored(): Promise<unknown> {
    await this.chores.idle()
    const states = await this.#store.hookStates()
    const memories = Object.fromEntries(states.map(({ hookId, memory }) => [hookId, memory]))
    return JSON.parse(JSON.stringify(memories))
  }
}

describe('what the next process is to know of a lane', () => {
  it('is in the store as soon as a breaker opens, and when it closes', async () => {
    const bench = new Bench()
    bench.lanes.lane('a').breaker?.record(true, 1000)
    expect(await bench.stored()).toMatchObject({ a: { breaker: { until: 6000, openMs: 5000 } } })
    bench.lanes.lane('a').breaker?.reset(1000)
    expect(await bench.stored()).not.toHaveProperty('a.breaker')
  })

  it('is that its pace is used, told once', async () => {
    const bench = new Bench()
    const saves = vi.spyOn(bench, 'saves')
    bench.memories.begin('a')
    bench.memories.begin('a')
    expect(await bench.stored()).toMatchObject({ a: { closedUntil: 0 } })
    expect(saves).toHaveBeenCalledTimes(1)
  })

  it('is left to who shares the hooks out, where they are shared', async () => {
    const bench = new Bench({ isShared: true })
    bench.lanes.lane('a').breaker?.record(true, 1000)
    bench.memories.begin('b')
    bench.memories.reset('b')
    bench.memories.rememberLast()
    bench.memories.recall(new Map([['a', { closedUntil: 9000 }]]))
    bench.memories.hear('b', { closedUntil: 9000 })
    await bench.health.save()
    expect(bench.asked).toEqual(['a', 'b', 'b'])
    expect(await bench.stored()).toEqual({})
    expect(['a', 'b'].map((id) => bench.lanes.lane(id).closedUntil)).toEqual([6000, 0])
  })

  it('has a pace at the end alone: before, it is outdated with the next request', async () => {
    const bench = new Bench()
    bench.memories.begin('a')
    bench.lanes.add(executionOf('dlv'))
    bench.lanes.next()
    expect(await bench.stored()).not.toHaveProperty('a.pace')
    bench.memories.rememberLast()
    await bench.health.save()
    expect(await bench.stored()).toEqual({
      a: { url: expect.any(String) as string, closedUntil: 0, pace: 2000 },
    })
  })

  it('is told at a later beat when it cannot be saved now, and not at all once the store is given up', async () => {
    const bench = new Bench()
    bench.saves = () => Promise.reject(new Error('locked'))
    bench.memories.remember('b')
    expect(await bench.stored()).toEqual({})
    expect(bench.log.lines).toEqual([expect.stringMatching(/could not be saved.*locked/)])
    bench.saves = async () => undefined
    bench.memories.close()
    bench.memories.remember('b')
    expect(await bench.stored()).toEqual({})
  })
})

describe('a process that goes on', () => {
  const memory = { closedUntil: 9000 }

  it('leaves alone what was left alone, and remembers it in its turn', async () => {
    const bench = new Bench()
    await bench.health.disable('b', 'operator', 0)
    bench.memories.recall(new Map(['a', 'b', 'gone'].map((id) => [id, memory])))
    expect(['a', 'b'].map((id) => bench.lanes.lane(id).closedUntil)).toEqual([9000, 0])
    bench.memories.reset('a')
    bench.memories.reset('b')
    expect(bench.lanes.lane('a').closedUntil).toBe(0)
    expect(await bench.stored()).toMatchObject({ a: { closedUntil: 0 } })
    expect(await bench.stored()).not.toHaveProperty('b.closedUntil')
  })

  it('hears of a pause that another one was asked for, and of no breaker', async () => {
    const bench = new Bench()
    bench.memories.hear('a', { ...memory, breaker: { until: 99_000, openMs: 1 } })
    expect(bench.lanes.lane('a').closedUntil).toBe(9000)
    await bench.health.disable('b', 'operator', 0)
    bench.memories.hear('b', memory)
    expect(bench.lanes.lane('b').closedUntil).toBe(0)
    expect(await bench.stored()).not.toHaveProperty('a')
  })

  it('says that it goes on where another one has said at which pace it left off', async () => {
    const bench = new Bench()
    bench.memories.hear('a', { pace: 5000 })
    expect(await bench.stored()).toEqual({})
    bench.memories.begin('a')
    const saves = vi.spyOn(bench.health, 'remember')
    bench.memories.hear('a', {})
    expect(saves).not.toHaveBeenCalled()
    bench.memories.hear('a', { pace: 5000 })
    expect(saves).toHaveBeenCalledTimes(1)
  })
})
