import type { PgBoss } from 'pg-boss'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { LaneMember, LaneWorker } from '../../src/stores/shared-lanes.ts'
import type { LaneTerm } from '../../src/stores/postgres/lanes/lane-table.ts'
import type { HintListener } from '../../src/stores/postgres/hints.ts'
import { joinLanes, type LanesOptions } from '../../src/stores/postgres/lanes/member.ts'

/** A database of lanes and jobs in memory, whose clock and time are the test's. */
class Lanes {
  readonly holders = new Map<string, LaneTerm & { readonly worker: number }>()
  readonly live = new Map<number, readonly string[]>()
  readonly terms = new Map<string, number>()
  /** Every time that a lane was handed back. */
  readonly handed: string[] = []
  readonly #listeners = new Set<HintListener>()
  isAway = false
  /** What it is asked fails when it should be answered. */
  failsLater = false
  /** How long the answer to a heartbeat takes. */
  slowMs = 0
  beats = 0

  async join(hooks: readonly string[]): Promise<Joined> {
    const self = this.live.size + 1
    const told: string[] = []
    const state: Joined = {
      self,
      told,
      asked: [],
      faults: [],
      busy: new Set(),
      bossFailed: () => undefined,
      member: undefined as never,
    }
    const worker: LaneWorker = {
      hooks,
      given: (id) => void told.push(id),
      asked: (id) => {
        told.splice(told.indexOf(id), 1)
        state.asked.push(id)
        if (!state.busy.has(id)) void state.member.release(id)
      },
      lost: (id) => void told.splice(told.indexOf(id), 1),
      due: () => undefined,
      memory: () => null,
      failed: (error) => void state.faults.push(error),
    }
    const member = await joinLanes(worker, {
      table: this.#table(self, hooks),
      hints: {
        subscribe: (listener) => {
          this.#listeners.add(listener)
          return () => this.#listeners.delete(listener)
        },
      },
      track: (work) => work,
      startBoss: async (onError) => {
        Object.assign(state, { bossFailed: onError })
        return this.#boss()
      },
    })
    onTestFinished(() => member.leave())
    return Object.assign(state, { member })
  }

  #table(self: number, hooks: readonly string[]): LanesOptions['table'] {
    const mine = (id: string): boolean => this.holders.get(id)?.worker === self
    return {
      join: async () => void this.live.set(self, hooks),
      beat: async (_, held, onSend) => {
        onSend?.()
        if (this.isAway) throw new Error('away')
        this.beats += 1
        const lanes = new Map([...this.holders].map(([id, each]) => [id, { ...each, isMine: mine(id) }]))
        const count = (worker: number): number =>
          [...this.holders.values()].filter((each) => each.worker === worker).length
        const live = new Map([...this.live.keys()].map((worker) => [worker, count(worker)]))
        const beat = { self, lanes, live, touched: new Set(held.map(({ job }) => job)) }
        if (this.slowMs > 0) await new Promise((resolve) => setTimeout(resolve, this.slowMs))
        if (this.failsLater) throw new Error('closed')
        return beat
      },
      hooksOf: async (workers) => new Set(workers.flatMap((worker) => this.live.get(worker) ?? [])),
      take: async (given) => {
        for (const { hookId, ...term } of given) this.holders.set(hookId, { ...term, worker: self })
        return given.map((each) => ({ ...each, memory: null }))
      },
      remember: async () => undefined,
      release: async (id) => {
        this.handed.push(id)
        return this.holders.delete(id)
      },
      leave: async () => void this.live.delete(self),
      hint: async (hint) => {
        for (const listener of this.#listeners) listener(hint)
      },
    }
  }

  #boss(): PgBoss {
    return {
      insert: async (_: string, jobs: readonly { readonly singletonKey: string }[]) => {
        for (const { singletonKey } of jobs)
          if (!this.terms.has(singletonKey)) this.terms.set(singletonKey, 0)
      },
      fetch: async (_: string, { batchSize, ignoreGroups }: { batchSize: number; ignoreGroups: string[] }) =>
        [...this.terms]
          .filter(([id]) => !this.holders.has(id) && !ignoreGroups.includes(id))
          .slice(0, batchSize)
          .map(([id, retryCount]) => ({ id, singletonKey: id, retryCount })),
      fail: async () => undefined,
      stop: async () => undefined,
    } as unknown as PgBoss
  }
}

interface Joined {
  readonly self: number
  /** What the worker has been given, and not lost. */
  readonly told: string[]
  readonly asked: string[]
  /** What it was told of the database. */
  readonly faults: unknown[]
  /** Something in its pg-boss fails. */
  readonly bossFailed: (error: unknown) => void
  /** Hooks with something in flight, which are not handed back when they are asked for. */
  readonly busy: Set<string>
  readonly member: LaneMember
}

function useClock(): void {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `h${index}`)

describe('a worker of lanes', () => {
  it('gets a lane again that was asked for, and whose handing back it forgot as the database was away', async () => {
    useClock()
    const lanes = new Lanes()
    const one = await lanes.join(names(2))
    expect(one.told).toHaveLength(2)
    for (const id of names(2)) one.busy.add(id)
    const another = await lanes.join(names(2))
    await vi.advanceTimersByTimeAsync(4000)
    expect(one.asked).toHaveLength(1)
    lanes.isAway = true
    await vi.advanceTimersByTimeAsync(12_000)
    expect(one.told).toEqual([])
    one.busy.clear() // what was in flight ended, and nobody knows that the lane was asked for
    lanes.isAway = false
    await vi.advanceTimersByTimeAsync(12_000)
    expect([one.told.length, another.told.length]).toEqual([1, 1])
  })

  it('goes on when its clock is set back', async () => {
    useClock()
    const lanes = new Lanes()
    const one = await lanes.join(['a'])
    await vi.advanceTimersByTimeAsync(3000)
    const { beats } = lanes
    vi.setSystemTime(Date.now() - 3_600_000)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(lanes.beats).toBeGreaterThan(beats + 4)
    expect(one.member.holds('a')).toBe(true)
  })

  it('goes on in a database that takes seconds for a statement', async () => {
    useClock()
    const lanes = new Lanes()
    const one = await lanes.join(['a'])
    lanes.slowMs = 3500
    for (let seconds = 0; seconds < 60; seconds += 1) {
      await vi.advanceTimersByTimeAsync(1000)
      expect(one.member.holds('a')).toBe(true)
    }
    lanes.slowMs = 0
    await vi.advanceTimersByTimeAsync(4000)
  })

  it('takes no more lanes once it retires, and keeps those it has', async () => {
    useClock()
    const lanes = new Lanes()
    const one = await lanes.join(['a', 'b'])
    await one.member.retire()
    await one.member.release('a')
    await vi.advanceTimersByTimeAsync(20_000)
    expect(one.told).toEqual(['a', 'b']) // as it was given them
    expect([...lanes.holders.keys()]).toEqual(['b'])
    expect(one.member.holds('b')).toBe(true)
  })

  it('beats no more once it is abandoned, and hands back what is asked for alone', async () => {
    useClock()
    const lanes = new Lanes()
    const one = await lanes.join(['a', 'b'])
    one.member.abandon()
    const { beats } = lanes
    await vi.advanceTimersByTimeAsync(20_000)
    expect(lanes.beats).toBe(beats)
    expect(one.member.holds('a')).toBe(false)
    expect([...lanes.live.keys()]).toEqual([])
    expect(lanes.handed).toEqual([])
    await one.member.release('a') // what was in hand is finished
    expect(lanes.handed).toEqual(['a'])
    await one.member.leave()
    expect(lanes.handed).toEqual(['a'])
  })

  it('tells of what fails while it takes part, and of nothing once it leaves', async () => {
    useClock()
    const lanes = new Lanes()
    const one = await lanes.join(['a'])
    lanes.isAway = true
    one.bossFailed(new Error('in pg-boss'))
    await vi.advanceTimersByTimeAsync(3000)
    const { length } = one.faults
    expect(one.faults.map((error) => (error as Error).message)).toEqual(
      expect.arrayContaining(['in pg-boss', 'away']),
    )
    lanes.isAway = false
    lanes.slowMs = 3000
    await vi.advanceTimersByTimeAsync(1000)
    lanes.failsLater = true // as when the store is closed, which waits for nothing that was given up
    one.member.abandon()
    one.bossFailed(new Error('in pg-boss'))
    await vi.advanceTimersByTimeAsync(5000)
    expect(one.faults).toHaveLength(length)
  })

  it('takes the lanes of one that leaves at once, also when it hears so while its own heartbeat is answered', async () => {
    useClock()
    const lanes = new Lanes()
    const leaving = await lanes.join(names(6))
    const staying = await lanes.join(names(6))
    await vi.advanceTimersByTimeAsync(20_000)
    expect(staying.told).toHaveLength(3)
    lanes.slowMs = 200
    const { beats } = lanes
    while (lanes.beats < beats + 2) await vi.advanceTimersByTimeAsync(1) // of both of them, one after the other
    await leaving.member.retire()
    lanes.slowMs = 0
    await vi.advanceTimersByTimeAsync(300) // its heartbeat is answered, and what is in flight ends
    for (const id of leaving.told) await leaving.member.release(id)
    await vi.advanceTimersByTimeAsync(500)
    expect(staying.told).toHaveLength(6)
  })

  it.each([
    { hooks: 4, workers: 3, shares: [2, 1, 1] },
    { hooks: 100, workers: 11, shares: [10, ...Array.from({ length: 10 }, () => 9)] },
    { hooks: 1, workers: 2, shares: [1, 0] },
    { hooks: 3, workers: 5, shares: [1, 1, 1, 0, 0] },
    { hooks: 0, workers: 2, shares: [0, 0] },
  ])('has its share of $hooks hooks, when $workers came one after another', async (given) => {
    useClock()
    const lanes = new Lanes()
    const joined: Joined[] = []
    for (let index = 0; index < given.workers; index += 1) {
      joined.push(await lanes.join(names(given.hooks)))
      await vi.advanceTimersByTimeAsync(given.hooks > 3 ? 20_000 : 0)
    }
    await vi.advanceTimersByTimeAsync(20_000)
    expect(joined.map(({ told }) => told.length).toSorted((one, other) => other - one)).toEqual(given.shares)
    const { length } = lanes.handed
    await vi.advanceTimersByTimeAsync(60_000)
    expect(lanes.handed).toHaveLength(length)
  })

  it('does not hand lanes to and fro with one that knows other hooks', async () => {
    useClock()
    const lanes = new Lanes()
    await lanes.join(['a', 'b'])
    await lanes.join(['b', 'c', 'd'])
    await vi.advanceTimersByTimeAsync(30_000)
    const { length } = lanes.handed
    await vi.advanceTimersByTimeAsync(60_000)
    expect(lanes.handed.slice(length)).toEqual([])
    expect([...lanes.holders.keys()].toSorted()).toEqual(['a', 'b', 'c', 'd'])
  })
})
