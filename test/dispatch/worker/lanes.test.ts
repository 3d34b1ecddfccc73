import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { deis } from '../../../src/targets/deis.ts'
import { defaultBreaker } from '../../../src/hooks/breaker-settings.ts'
import type { Hook } from '../../../src/hooks/hook.ts'
import { Execution, type Term } from '../../../src/dispatch/worker/execution.ts'
import type { LaneSign } from '../../../src/dispatch/worker/lane.ts'
import { Lanes } from '../../../src/dispatch/worker/lanes.ts'
import { defaultSchedule } from '../../../src/schedule.ts'
import type { Claim } from '../../../src/stores/store.ts'
import { byIdOf } from './fakes.ts'

interface Started {
  readonly hook: string
  readonly delivery: string
  readonly execution: Execution
}

const term: Term = { holds: true, stays: true }

/** Lanes over hooks that answer when told to, and a clock that stands still. */
class Bench {
  readonly started: Started[] = []
  readonly lanes: Lanes
  now = 0
  #next = 0

  constructor(hooks: readonly string[], overall: number, hook: Partial<Hook> = {}) {
    this.lanes = new Lanes({
      hooks: byIdOf(
        hooks.map(
          (id) => ({ id, target: deis(), concurrency: 4, schedule: defaultSchedule, ...hook }) as Hook,
        ),
      ),
      overall,
      now: () => this.now,
    })
  }

  add(hookId: string, count = 1, attempts = 0, progress?: Claim['delivery']['progress']): string[] {
    return Array.from({ length: count }, () => {
      this.#next += 1
      const id = `${hookId}${this.#next}`
      const claim = { delivery: { id, hookId, attempts, progress }, token: 1 } as Claim
      this.lanes.add(new Execution(claim, term, Infinity))
      return id
    })
  }

  answer(hookId: string, sign: LaneSign = { answered: true }, times = 1): void {
    for (let time = 0; time < times; time += 1) this.lanes.left(hookId, sign)
  }

  /** By hook: how many were started since the last time. */
  async turn(): Promise<Record<string, number>> {
    const before = this.started.length
    await nextTurn()
    await nextTurn()
    for (let placed = this.lanes.next(); placed !== undefined; placed = this.lanes.next()) {
      const { hook, execution } = placed
      this.started.push({ hook: hook.id, delivery: execution.claim.delivery.id, execution })
    }
    const counts: Record<string, number> = {}
    for (const { hook } of this.started.slice(before)) counts[hook] = (counts[hook] ?? 0) + 1
    return counts
  }

  inFlight(hookId: string): number {
    return this.lanes.lane(hookId).inFlight
  }
}

const names = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}-`)
const timedOut: LaneSign = { answered: false }

describe('lanes', () => {
  const minute = 60_000
  const idsOf = ({ lanes }: Bench): readonly string[] => [...lanes.ids]

  it('are there for hooks that are sent to, and not for all: looking at one makes none', async () => {
    const bench = new Bench(names(1000, 'hook'), 512)
    expect(bench.lanes.peek('hook7-')).toMatchObject({ waiting: 0, inFlight: 0, answering: undefined })
    expect(bench.lanes.mostHeld('hook7-')).toBe(256)
    expect(idsOf(bench)).toEqual([])
    bench.add('hook7-')
    expect(idsOf(bench)).toEqual(['hook7-'])
    expect(bench.lanes.peek('hook7-')).toBe(bench.lanes.lane('hook7-'))
  })

  it('are dropped when nothing is in flight or waits, and their breakers and paces have forgotten', async () => {
    const bench = new Bench(['a'], 512, { breaker: defaultBreaker, pace: { perSecond: 1 / 60 } })
    bench.add('a', 2)
    await bench.turn()
    const kept = (): boolean => {
      bench.lanes.dropThoseAtRest()
      return idsOf(bench).length > 0
    }
    expect(kept()).toBe(true) // in flight
    bench.answer('a')
    bench.lanes.lane('a').breaker?.record(false, bench.now)
    expect(kept()).toBe(true) // one waits for its pace
    bench.now = minute
    bench.lanes.lane('a')
    bench.lanes.dropThoseAtRest()
    expect(bench.lanes.waiting).toBe(1)
    for (const execution of bench.lanes.peek('a').clear()) expect(execution.hookId).toBe('a')
    await bench.turn()
    expect(kept()).toBe(true) // the breaker counts for five minutes
    bench.now = 5 * minute
    expect(kept()).toBe(false)
    bench.add('a')
    expect(await bench.turn()).toEqual({ a: 1 })
  })

  it.each([
    ['does not answer', (bench: Bench) => bench.answer('a', timedOut)],
    ['asked for a pause', (bench: Bench) => bench.answer('a', { answered: true, closedUntil: minute })],
    [
      'missed a connection',
      (bench: Bench) => {
        bench.answer('a')
        bench.lanes.putBack(bench.started[0]?.execution as Execution)
        bench.lanes.lane('a').clear()
      },
    ],
  ])('are kept while the receiver %s', async (_, happens) => {
    const bench = new Bench(['a'], 512)
    bench.add('a')
    await bench.turn()
    happens(bench)
    await bench.turn()
    bench.lanes.dropThoseAtRest()
    expect(idsOf(bench)).toEqual(['a'])
  })

  it('are kept while their breaker is open', async () => {
    const bench = new Bench(['a'], 512, { breaker: { ...defaultBreaker, minimum: 1 } })
    bench.add('a')
    await bench.turn()
    bench.answer('a')
    bench.lanes.lane('a').breaker?.record(true, bench.now)
    bench.now = 10 * minute
    bench.lanes.dropThoseAtRest()
    expect(idsOf(bench)).toEqual(['a'])
  })
})

describe('places', () => {
  it('are so many for a hook, and the others wait', async () => {
    const bench = new Bench(['a'], 512)
    bench.add('a', 10)
    expect(await bench.turn()).toEqual({ a: 4 })
    expect(bench.lanes.waiting).toBe(6)
    bench.answer('a')
    expect(await bench.turn()).toEqual({ a: 1 })
  })

  it('are never more than there are in all, whatever waits', async () => {
    const hooks = names(100, 'hook')
    const bench = new Bench(hooks, 10)
    for (const hook of hooks) bench.add(hook, 4)
    await bench.turn()
    expect(bench.lanes.inFlight).toBe(10)
  })

  it('are all used when there are few hooks', async () => {
    const bench = new Bench(['a', 'b'], 8)
    bench.add('a', 10)
    bench.add('b', 10)
    expect(await bench.turn()).toEqual({ a: 4, b: 4 })
  })

  it('go to hooks in turns, however much waits for one of them', async () => {
    const bench = new Bench(['a', 'b', 'c'], 3, { concurrency: 3 })
    bench.add('a', 100)
    bench.add('b')
    bench.add('c')
    expect(await bench.turn()).toEqual({ a: 1, b: 1, c: 1 })
  })

  it('are kept for hooks that have none in flight', async () => {
    const hanging = names(20, 'hangs')
    const bench = new Bench([...hanging, 'fine'], 64)
    for (const hook of hanging) bench.add(hook, 10)
    await bench.turn()
    expect(bench.lanes.inFlight).toBe(63)
    bench.add('fine')
    expect(await bench.turn()).toEqual({ fine: 1 })
  })

  it('beyond the first are half of all at least, though there are more hooks than places', async () => {
    const bench = new Bench(names(100, 'idle').concat('a'), 10, { concurrency: 10 })
    bench.add('a', 20)
    expect(await bench.turn()).toEqual({ a: 5 })
  })
})

describe('a hook that does not answer', () => {
  it('falls back to one place, and has all again once it answers', async () => {
    const bench = new Bench(['a'], 512)
    bench.add('a', 20)
    await bench.turn()
    bench.answer('a', timedOut, 4)
    expect(await bench.turn()).toEqual({ a: 1 })
    bench.answer('a')
    expect(await bench.turn()).toEqual({ a: 4 })
  })

  it('leaves a quarter of all places to those that do, together with any number of its like', async () => {
    const hanging = names(50, 'hangs')
    const bench = new Bench([...hanging, ...names(4, 'fine')], 16, { concurrency: 1 })
    for (let left = hanging; left.length > 0; left = left.slice(16)) {
      const some = left.slice(0, 16)
      for (const hook of some) bench.add(hook)
      await bench.turn()
      for (const hook of some) bench.answer(hook, timedOut)
    }
    for (const hook of hanging) bench.add(hook, 5)
    await bench.turn()
    expect(bench.lanes.inFlight).toBe(12)
    for (const hook of names(4, 'fine')) bench.add(hook)
    expect(Object.keys(await bench.turn())).toEqual(names(4, 'fine'))
  })

  it('counts with what it still has in flight among those that do not answer', async () => {
    const bench = new Bench(['a', 'b', 'c', 'd', 'fine'], 4)
    for (const hook of ['b', 'c', 'd']) {
      bench.add(hook)
      await bench.turn()
      bench.answer(hook, timedOut)
    }
    bench.add('a', 4)
    expect(await bench.turn()).toEqual({ a: 2 }) // the others are kept for hooks that have none
    bench.answer('a', timedOut)
    for (const hook of ['b', 'c', 'd']) bench.add(hook)
    const started = await bench.turn()
    expect(Object.values(started)).toEqual([1, 1]) // three of four places are with hooks that do not answer
    bench.add('fine')
    expect(await bench.turn()).toEqual({ fine: 1 })
  })

  it('learns nothing from what is not the receiver’s fault', async () => {
    const bench = new Bench(['a'], 512)
    bench.add('a', 20)
    await bench.turn()
    bench.answer('a', { answered: undefined }, 4)
    expect(await bench.turn()).toEqual({ a: 4 })
  })

  it('gets its turn beside many that answer', async () => {
    const bench = new Bench(['bad', 'a', 'b', 'c'], 1)
    bench.add('bad')
    await bench.turn()
    bench.answer('bad', timedOut)
    bench.add('bad')
    for (const hook of ['a', 'b', 'c']) bench.add(hook, 50)
    for (let turns = 0; turns < 8; turns += 1) {
      await bench.turn()
      const last = bench.started.at(-1)?.hook ?? ''
      bench.answer(last, last === 'bad' ? timedOut : undefined)
    }
    const hooks = bench.started.map(({ hook }) => hook)
    expect(hooks).toHaveLength(9)
    expect(hooks.slice(1)).toContain('bad')
  })

  it('holds less in memory', async () => {
    const bench = new Bench(['a'], 512)
    expect(bench.lanes.lane('a').mostHeld(0)).toBe(256)
    bench.add('a')
    await bench.turn()
    bench.answer('a', timedOut)
    expect(bench.lanes.lane('a').mostHeld(0)).toBe(16)
  })
})

describe('in a lane', () => {
  it('fresh deliveries go first, and after eight of them a repeated one', async () => {
    const bench = new Bench(['a'], 512, { concurrency: 1 })
    const [repeat] = bench.add('a', 1, 1)
    const fresh = bench.add('a', 10)
    for (let turns = 0; turns < 11; turns += 1) {
      await bench.turn()
      bench.answer('a')
    }
    const order = bench.started.map(({ delivery }) => delivery)
    expect(order).toEqual([...fresh.slice(0, 8), repeat, ...fresh.slice(8)])
  })

  it('a connection that did not open is tried again before all others, and counts for all that wait for it', async () => {
    const bench = new Bench(['a'], 512)
    bench.add('a', 4)
    await bench.turn()
    const executions = bench.started.map(({ execution }) => execution)
    for (const execution of executions) {
      execution.connects = 1
      bench.answer('a', timedOut)
      bench.lanes.putBack(execution)
    }
    bench.add('a')
    expect(await bench.turn()).toEqual({})
    const { minTimeout, factor } = defaultSchedule.connect
    expect(bench.lanes.lane('a').readyAt).toBe(minTimeout)
    bench.now = minTimeout
    bench.add('a')
    expect(await bench.turn()).toEqual({ a: 1 })
    expect(bench.started.at(-1)?.execution).toBe(executions[0])
    bench.answer('a', timedOut)
    bench.lanes.putBack(executions[0] as Execution)
    expect(executions.map(({ connects }) => connects)).toEqual([1, 2, 2, 2])
    expect(bench.lanes.lane('a').readyAt).toBe(minTimeout * (1 + factor))
    bench.now = minTimeout * (1 + factor)
    bench.add('a')
    await bench.turn()
    expect(bench.started.at(-1)?.execution).toBe(executions[1])
    bench.answer('a')
    expect(await bench.turn()).toEqual({ a: 4 })
  })

  it('a connection that opens ends the waiting, and a later one begins with the shortest', async () => {
    const bench = new Bench(['a'], 512, { concurrency: 1 })
    const { minTimeout, factor } = defaultSchedule.connect
    bench.add('a', 2)
    for (const wait of [minTimeout, minTimeout * factor]) {
      await bench.turn()
      bench.answer('a', timedOut)
      bench.lanes.putBack(bench.started.at(-1)?.execution as Execution)
      expect(bench.lanes.lane('a').readyAt).toBe(bench.now + wait)
      bench.now += wait
      bench.add('a')
    }
    await bench.turn()
    bench.answer('a')
    await bench.turn()
    bench.answer('a', timedOut)
    bench.lanes.putBack(bench.started.at(-1)?.execution as Execution)
    expect(bench.lanes.lane('a').readyAt).toBe(bench.now + minTimeout)
  })

  it('nothing is sent before the time that a receiver asked for', async () => {
    const bench = new Bench(['a'], 512)
    bench.add('a', 5)
    await bench.turn()
    bench.answer('a', { answered: true, closedUntil: 5000 })
    const lane = bench.lanes.lane('a')
    expect([lane.closedUntil, lane.readyAt, lane.mostHeld(4999), lane.mostHeld(5000)]).toEqual([
      5000, 5000, 0, 256,
    ])
  })

  it('one is tried while the breaker is half-open', async () => {
    const bench = new Bench(['a'], 512, { breaker: { ...defaultBreaker, minimum: 1 } })
    const lane = bench.lanes.lane('a')
    lane.breaker?.record(true, 0)
    expect([lane.closedUntil, lane.mostHeld(0)]).toEqual([30_000, 0])
    bench.now = 30_000
    expect(lane.mostHeld(bench.now)).toBe(1)
    bench.add('a', 3)
    expect(await bench.turn()).toEqual({ a: 1 })
    lane.breaker?.record(false, bench.now)
    bench.answer('a')
    expect(await bench.turn()).toEqual({ a: 2 })
  })

  it('a pace is kept', async () => {
    const bench = new Bench(['a'], 512, { pace: { perSecond: 1, burst: 2 } })
    bench.add('a', 4)
    expect(await bench.turn()).toEqual({ a: 2 })
    expect(bench.lanes.lane('a').readyAt).toBe(1000)
  })

  it('a poll waits for no pace, takes nothing of it, and takes turns with what is sent', async () => {
    const bench = new Bench(['a'], 512, { concurrency: 1, pace: { perSecond: 1, burst: 2 } })
    const polls = bench.add('a', 4, 1, { step: 1, at: 0, attempt: 1 })
    const fresh = bench.add('a', 4)
    for (let turn = 0; turn < 8; turn += 1) {
      await bench.turn()
      bench.answer('a')
    }
    const order = bench.started.map(({ delivery }) => delivery)
    expect(order).toEqual([polls[0], fresh[0], polls[1], fresh[1], polls[2], polls[3]])
    expect(bench.lanes.lane('a').readyAt).toBe(1000)
  })
})

describe('closing', () => {
  it('gives back all that waits', async () => {
    const bench = new Bench(['a', 'b'], 512)
    bench.add('a', 10)
    bench.add('b', 1)
    await bench.turn()
    bench.add('b', 2, 1, { step: 1, at: 0, attempt: 1 })
    expect(bench.lanes.close()).toHaveLength(8)
    expect(bench.lanes.waiting).toBe(0)
    expect(bench.inFlight('a')).toBe(4)
  })
})
