import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { memoryStore, type DispatcherOptions, type HookOptions, type Store } from '../../src/index.ts'
import type { SharedLanes } from '../../src/stores/shared-lanes.ts'
import { altered } from '../testing/altered-store.ts'
import { answer, fakeTransport, never } from './fake-transport.ts'
import { newLog, release, start, type Log } from './started.ts'

interface Stalling {
  readonly store: Store
  /** Names of the methods that were called since, in order. */
  readonly asked: string[]
  stall(): void
  goOn(): void
}

/** A store whose calls hang from a moment on, as in a database that stands still: what it is asked is done when it goes on. */
function stalling(store: Store, changes: Partial<Store> = {}): Stalling {
  let stalled: PromiseWithResolvers<void> | undefined
  const asked: string[] = []
  const calls = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]): unknown => {
        if (stalled === undefined) return Reflect.apply(value, target, args)
        asked.push(String(name))
        return stalled.promise.then((): unknown => Reflect.apply(value, target, args))
      }
    },
  })
  return {
    store: altered(calls, { durable: true, ...changes }),
    asked,
    stall: () => void (stalled = Promise.withResolvers()),
    goOn() {
      stalled?.resolve()
      stalled = undefined
    },
  }
}

const hooks: readonly HookOptions[] = ['answers', 'hangs'].map((id) => ({
  id,
  url: `http://${id}.example/`,
  concurrency: 1,
}))
const minute = 60_000

beforeEach(() => {
  vi.useFakeTimers().setTimerTickMode('nextTimerAsync')
  onTestFinished(() => void vi.useRealTimers())
})

/** A dispatcher with four deliveries: the first of each hook is in flight, the second one waits for its place. */
async function underWay(stall: Stalling, options: Partial<DispatcherOptions> = {}): Promise<UnderWay> {
  const gate = Promise.withResolvers<ReturnType<typeof answer>>()
  const transport = fakeTransport(({ url }) => (url.includes('//answers') ? gate.promise : never))
  const logger = newLog()
  const dispatcher = start(transport, { hooks, store: stall.store, logger, ...options })
  await dispatcher.start()
  const dispatches = [
    await dispatcher.dispatch(release),
    await dispatcher.dispatch({ ...release, version: 5 }),
  ]
  await vi.waitFor(() => expect(transport.pending).toBe(2))
  const ids = dispatches.flatMap(({ deliveries }) => deliveries.map(({ id }) => id))
  return { dispatcher, transport, logger, ids, answer: () => gate.resolve(answer(200)) }
}

interface UnderWay {
  readonly dispatcher: ReturnType<typeof start>
  readonly transport: ReturnType<typeof fakeTransport>
  readonly logger: Log
  readonly ids: readonly string[]
  readonly answer: () => void
}

describe('closing beside a store that stands still', () => {
  it('takes half a second more than its deadline, and tells of it once', async () => {
    const stall = stalling(memoryStore())
    const { dispatcher, logger, answer } = await underWay(stall)
    stall.stall()
    answer()
    const before = Date.now()
    await Promise.all([dispatcher.close({ deadlineMs: 1000 }), dispatcher.close({ deadlineMs: 2000 })])
    expect(Date.now() - before).toBe(1500)
    expect(logger.lines).toEqual([expect.stringContaining('The store took too long to close')])
    await dispatcher.close({ deadlineMs: 0 })
    expect(logger.lines).toHaveLength(1)
    expect(stall.asked).toContain('settle')
    expect(stall.asked).toContain('release')
  })

  it('ends when the store goes on within that half second, with all handed back', async () => {
    const inner = memoryStore()
    const stall = stalling(inner)
    const { dispatcher, logger, ids } = await underWay(stall)
    stall.stall()
    setTimeout(() => stall.goOn(), 1400)
    const before = Date.now()
    await dispatcher.close({ deadlineMs: 1000 })
    expect(Date.now() - before).toBe(1400)
    expect(logger.lines).toEqual([])
    const rooms = new Map(hooks.map(({ id = '' }) => [id, 9]))
    const claims = await inner.claim({ hooks: rooms, now: Date.now(), until: Infinity })
    expect(claims.map(({ delivery }) => delivery.id).toSorted()).toEqual(ids.toSorted())
  })

  it('keeps no lease afterwards, and asks it nothing', async () => {
    const stall = stalling(memoryStore())
    const { dispatcher } = await underWay(stall)
    stall.stall()
    await dispatcher.close({ deadlineMs: 0 })
    const { length } = stall.asked
    await vi.advanceTimersByTimeAsync(10 * minute)
    expect(stall.asked.slice(length)).toEqual([])
  })

  it('takes back nothing of what it was asked: what was answered counts, and is not sent again', async () => {
    const inner = memoryStore()
    const stall = stalling(inner)
    const { dispatcher, ids, answer: answerNow } = await underWay(stall)
    stall.stall()
    answerNow()
    const settles = (): number => stall.asked.filter((name) => name === 'settle').length
    await vi.waitFor(() => expect(settles()).toBe(2))
    await dispatcher.close({ deadlineMs: 0 })
    stall.goOn()
    const next = fakeTransport(() => answer(200))
    const another = start(next, { hooks, store: inner })
    await vi.waitFor(async () =>
      expect((await inner.get(ids)).map((delivery) => delivery?.state)).toEqual(ids.map(() => 'delivered')),
    )
    expect(next.requests.map(({ url }) => new URL(url).host)).toEqual(['hangs.example', 'hangs.example'])
    await another.close()
  })

  it('loses nothing: what it could not hand back is sent by others when its lease has ended', async () => {
    const inner = memoryStore()
    const stall = stalling(inner)
    const { dispatcher, ids } = await underWay(stall)
    stall.stall()
    await dispatcher.close({ deadlineMs: 0 })
    const another = start(
      fakeTransport(() => answer(200)),
      { hooks, store: inner },
    )
    await vi.advanceTimersByTimeAsync(minute)
    expect((await inner.get(ids)).map((delivery) => delivery?.state)).toEqual(ids.map(() => 'delivered'))
    await another.close()
  })

  it('waits for no release that is being recorded, or taken from an inbox', async () => {
    const stall = stalling(memoryStore(), {
      inbox: { open: () => ({ close: () => new Promise(() => undefined) }) },
    })
    const { dispatcher } = await underWay(stall)
    stall.stall()
    const recorded = dispatcher.dispatch({ ...release, version: 6 })
    await vi.waitFor(() => expect(stall.asked).toContain('tell'))
    const before = Date.now()
    await dispatcher.close({ deadlineMs: 1000 })
    expect(Date.now() - before).toBe(1500)
    stall.goOn()
    expect(await recorded).toMatchObject({ deliveries: [{ state: 'waiting' }, { state: 'waiting' }] })
  })

  it('gives up lanes at once, and does not wait until it takes part', async () => {
    const does: string[] = []
    const lanes: SharedLanes = {
      join: async (worker) => {
        for (const id of worker.hooks) worker.given(id, undefined)
        return {
          holds: () => true,
          remember: async () => undefined,
          release: async (hookId) => void does.push(`release ${hookId}`),
          retire: async () => void does.push('retire'),
          leave: async () => new Promise(() => does.push('leave')),
          abandon: () => void does.push('abandon'),
        }
      },
    }
    const stall = stalling(memoryStore(), { lanes })
    const { dispatcher } = await underWay(stall)
    stall.stall()
    await dispatcher.close({ deadlineMs: 1000 })
    expect(does).toEqual(['retire', 'abandon'])
    stall.goOn() // what was in hand is not any more
    await vi.waitFor(() =>
      expect(does).toEqual(['retire', 'abandon', 'release answers', 'release hangs', 'leave']),
    )
    const joining = start(
      fakeTransport(() => never),
      {
        hooks,
        store: stalling(memoryStore(), { lanes: { join: () => new Promise(() => undefined) } }).store,
      },
    )
    await joining.close({ deadlineMs: 0 })
  })
})

describe('closing over a store of memory that cannot be counted', () => {
  const count = async (
    counts: Store['counts'],
  ): Promise<{ readonly ms: number; readonly lines: readonly string[] }> => {
    const logger = newLog()
    const store = altered(memoryStore(), { counts })
    const dispatcher = start(
      fakeTransport(() => answer(200)),
      { hooks, store, logger },
    )
    const { settled } = await dispatcher.dispatch(release)
    await settled()
    const before = Date.now()
    await dispatcher.close({ deadlineMs: 1000 })
    return { ms: Date.now() - before, lines: logger.lines }
  }

  it('does not reject when that does', async () => {
    const { lines } = await count(() => Promise.reject(new Error('away')))
    expect(lines).toEqual([expect.stringMatching(/could not be counted.*away/)])
  })

  it('takes half a second more than its deadline when that does not answer', async () => {
    const { ms, lines } = await count(() => new Promise(() => undefined))
    expect(ms).toBe(1500)
    expect(lines).toEqual([expect.stringContaining('The store took too long to close')])
  })
})
