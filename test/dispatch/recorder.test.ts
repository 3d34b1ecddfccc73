import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Recorder } from '../../src/dispatch/recorder.ts'
import { Chores } from '../../src/dispatch/worker/chores.ts'
import type { Recorded } from '../../src/index.ts'
import type { HookToTell, Telling } from '../../src/stores/ledger/telling.ts'
import type { NewDelivery, ToldResult } from '../../src/stores/store.ts'
import { recorded } from '../../src/stores/transition.ts'
import { newDelivery, release } from '../../src/testing/store/samples.ts'
import { Claiming, leaseMs } from './worker/claiming.ts'
import { isSettled } from './worker/fakes.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 1000, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  return () => vi.useRealTimers()
})

const fresh = (given: NewDelivery): Recorded => ({
  delivery: { ...recorded(given), dueAt: given.dueAt ?? 1000 },
  fresh: true,
  ...(given.dueAt === undefined ? { token: 1 } : undefined),
})
const telling: Telling = { release, hooks: [], recordedAt: 0, closesAfterMs: 1, nonce: 'n' }

/** A recorder over a store that records what it is given, unless told otherwise. */
class Bench extends Claiming {
  readonly chores = new Chores()
  readonly woken: number[] = []
  /** What the store was given: whether it is for whoever claims it, or claimed at once. */
  readonly given: string[] = []
  records: (given: readonly NewDelivery[]) => Promise<readonly Recorded[]> = async (given) => given.map(fresh)
  tells: (hooks: readonly HookToTell[]) => Promise<ToldResult> = async () => ({ news: 'told', recorded: [] })
  readonly recorder = new Recorder({
    ...this.parts,
    chores: this.chores,
    store: {
      record: async (deliveries, until) => {
        for (const { id, dueAt } of deliveries) this.given.push(`${id} ${dueAt ?? `until ${until}`}`)
        return this.records(deliveries)
      },
      tell: async ({ hooks }) => this.tells(hooks),
    },
    leaseMs,
    now: Date.now,
  })

  constructor() {
    super()
    this.wakes.woken.listen(() => this.woken.push(Date.now()))
  }

  room(): number[] {
    return ['a', 'b'].map((hookId) => 300 - this.claimed.room(hookId))
  }
}

const a = newDelivery('a1')
const b = newDelivery('b1', { hookId: 'b' })

describe('what is recorded', () => {
  it('is claimed, and handed on, where this process sends and has room', async () => {
    const bench = new Bench()
    expect(await bench.recorder.record([a, b])).toHaveLength(2)
    expect(bench.given).toEqual(['a1 until 31000', 'b1 until 31000'])
    expect(bench.added.map(({ claim, term, until }) => [claim.delivery.id, term, until])).toEqual([
      ['a1', bench.terms['a'], 31_000],
      ['b1', bench.terms['b'], 31_000],
    ])
    expect(bench.room()).toEqual([1, 1])
  })

  it('is due for whoever has room, where this process has none, or does not send', async () => {
    const bench = new Bench()
    bench.held.delete('a')
    bench.claimed.expect('b', true) // those that wait in the store come first
    await bench.recorder.record([a, b])
    expect(bench.given).toEqual(['a1 1000', 'b1 1000'])
    expect(bench.added).toEqual([])
    expect(bench.room()).toEqual([0, 0])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(bench.woken).toEqual([])
  })

  it('is looked for when it is due, where this process may send it then', async () => {
    const bench = new Bench()
    bench.unsure.add('b')
    await bench.recorder.record([{ ...a, dueAt: 5000 }, b])
    expect(bench.given).toEqual(['a1 5000', 'b1 1000'])
    await vi.advanceTimersByTimeAsync(0)
    await vi.advanceTimersByTimeAsync(4000)
    expect(bench.woken).toEqual([1000]) // and who is woken sets the timer anew
  })

  it('was there before is left as it is, and its room given back', async () => {
    const bench = new Bench()
    bench.records = async (given) => given.map((each) => ({ delivery: recorded(each), fresh: false }))
    await bench.recorder.record([a, { ...b, dueAt: 5000 }])
    expect([bench.added, bench.room()]).toEqual([[], [0, 0]])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(bench.woken).toEqual([])
  })

  it('is returned where the hook was lost, or asked for, while the store was asked', async () => {
    const bench = new Bench()
    bench.records = async (given) => {
      Object.assign(bench.terms['b'] ?? {}, { stays: false })
      return given.map(fresh)
    }
    await bench.recorder.record([a, b])
    expect(bench.added).toHaveLength(2)
    expect(bench.does).toEqual(['clear b'])
  })
})

describe('a store that fails', () => {
  it('is told to whoever records, and costs no room', async () => {
    const bench = new Bench()
    bench.records = async () => Promise.reject(new Error('locked'))
    bench.tells = async () => Promise.reject(new Error('locked'))
    await expect(bench.recorder.record([a, b])).rejects.toThrow('locked')
    await expect(bench.recorder.tell({ ...telling, hooks: [{ hookId: 'a' }] })).rejects.toThrow('locked')
    expect(bench.room()).toEqual([0, 0])
    await bench.chores.idle()
  })

  it('before it was read which hooks are disabled has nothing recorded', async () => {
    const bench = new Bench()
    bench.healthSync.isOpen = false
    bench.healthSync.open = async () => Promise.reject(new Error('locked'))
    await expect(bench.recorder.record([a])).rejects.toThrow('locked')
    await expect(bench.recorder.tell(telling)).rejects.toThrow('locked')
    expect([bench.given, bench.room()]).toEqual([[], [0, 0]])
    await bench.chores.idle()
  })
})

describe('a release that is told', () => {
  it('is claimed for each hook that it was told to, in whatever order the store says', async () => {
    const bench = new Bench()
    bench.healthSync.isOpen = false
    bench.tells = async () => ({ news: 'told', recorded: [fresh(b)] })
    const hooks = [{ hookId: 'a' }, { hookId: 'b' }]
    expect(await bench.recorder.tell({ ...telling, hooks })).toMatchObject({ news: 'told' })
    expect(bench.does).toEqual(['open'])
    expect(bench.added.map(({ hookId }) => hookId)).toEqual(['b'])
    expect(bench.room()).toEqual([0, 1])
    bench.tells = async () => ({ news: 'told', recorded: [fresh(a), fresh(b)] })
    await bench.recorder.tell({ ...telling, hooks })
    expect(bench.room()).toEqual([1, 2])
  })

  it('is waited for by who closes', async () => {
    const bench = new Bench()
    const gate = Promise.withResolvers<ToldResult>()
    bench.tells = () => gate.promise
    const told = bench.recorder.tell(telling)
    expect(await isSettled(bench.chores.idle())).toBe(false)
    gate.resolve({ news: 'repeated', recorded: [] })
    await told
    await bench.chores.idle()
  })
})
