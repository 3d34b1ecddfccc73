import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Shutdown } from '../../src/dispatch/shutdown.ts'
import { Waiters } from '../../src/dispatch/waiters.ts'
import { DispatcherClosedError } from '../../src/errors.ts'
import { Hooks } from '../../src/hooks/registry.ts'
import type { Count, Delivery } from '../../src/index.ts'
import { newLog } from './log.ts'
import { claimOf, hooksOf } from './worker/fakes.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  return () => vi.useRealTimers()
})

const never = new Promise<never>(() => undefined)
const hooks = new Hooks(hooksOf([{ id: 'a', url: 'http://a.example/' }]))

/** A shutdown of parts that tell when they are asked, and end when they are told to. */
class Bench {
  readonly does: string[] = []
  readonly log = newLog()
  readonly waiters = new Waiters()
  readonly closed = new AbortController()
  drains: Promise<void> = Promise.resolve()
  gets: () => Promise<readonly (Delivery | undefined)[]> = async () => []
  counts: () => Promise<readonly Count[]> = async () => []
  closesTransport: () => void = () => undefined
  readonly shutdown: Shutdown

  constructor({ durable = true } = {}) {
    const asked = (what: string): void => void this.does.push(`${what} at ${Date.now()}`)
    this.shutdown = new Shutdown({
      worker: {
        close: () => (asked('close'), this.drains),
        abort: () => asked('abort'),
        giveUp: () => asked('give up'),
      },
      store: { durable, get: () => this.gets(), counts: () => this.counts() },
      transport: {
        close: () => {
          asked('close transport')
          this.closesTransport()
        },
      },
      waiters: this.waiters,
      hooks,
      logger: this.log,
      closed: this.closed,
    })
  }

  /** @returns how long it took, in milliseconds; `undefined` for over a minute */
  async close(deadlineMs = 1000): Promise<number | undefined> {
    const before = Date.now()
    let tookMs: number | undefined
    const closed = this.shutdown.close(deadlineMs, undefined).then(() => (tookMs = Date.now() - before))
    await vi.advanceTimersByTimeAsync(60_000)
    if (tookMs !== undefined) await closed
    return tookMs
  }
}

describe('closing', () => {
  it('ends with the worker, then the transport, and then nothing is taken any more', async () => {
    const bench = new Bench()
    bench.shutdown.refuse()
    expect(await bench.close()).toBe(0)
    expect(bench.does).toEqual(['close at 0', 'close transport at 0'])
    expect(bench.closed.signal.aborted).toBe(true)
    expect(() => bench.shutdown.refuse()).toThrow(DispatcherClosedError)
    await bench.close()
    expect(bench.does).toHaveLength(2)
    expect(bench.log.lines).toEqual([])
  })

  it('ends what is in flight at its deadline, the earliest of several', async () => {
    const bench = new Bench()
    const drained = Promise.withResolvers<void>()
    bench.drains = drained.promise
    setTimeout(() => drained.resolve(), 1200)
    const [, at] = await Promise.all([bench.shutdown.close(5000, undefined), bench.close(1000)])
    expect(at).toBe(1200)
    expect(bench.does).toEqual(['close at 0', 'abort at 1000', 'close transport at 1200'])
    expect(bench.log.lines).toEqual([])
  })

  it('gives a store up that does not answer for half a second more, and says so once', async () => {
    const bench = new Bench()
    bench.drains = never
    const told = bench.waiters.wait(['dlv']).told
    expect(await bench.close()).toBe(1500)
    expect(await told).toEqual([undefined])
    expect(bench.does).toEqual(['close at 0', 'abort at 1000', 'give up at 1500', 'close transport at 1500'])
    expect(bench.log.lines).toEqual([expect.stringContaining('The store took too long to close')])
  })

  it('tells whoever waits how it stands, or that nobody will say', async () => {
    const { delivery } = claimOf('dlv')
    const bench = new Bench()
    bench.gets = async () => [delivery]
    const told = bench.waiters.wait(['dlv']).told
    await bench.close()
    expect(await told).toEqual([delivery])
    const failing = new Bench()
    failing.gets = () => Promise.reject(new Error('away'))
    const untold = failing.waiters.wait(['dlv']).told
    expect(await failing.close()).toBe(0)
    expect(await untold).toEqual([undefined])
    expect(failing.log.lines).toEqual([expect.stringContaining('could not be read')])
  })

  it('is over though the transport throws, which is told of', async () => {
    const bench = new Bench()
    bench.closesTransport = () => {
      throw new Error('a bug')
    }
    expect(await bench.close()).toBe(0)
    expect(bench.log.lines).toEqual([expect.stringContaining('The transport could not be closed')])
  })
})

describe('closing over a store that keeps nothing past the process', () => {
  const count = (hookId: string, state: Count['state'], count: number): Count => ({ hookId, state, count })

  it('warns of what is lost of its own hooks, and not of what is final', async () => {
    const bench = new Bench({ durable: false })
    bench.counts = async () => [count('a', 'waiting', 3), count('a', 'dead', 7), count('other', 'waiting', 9)]
    await bench.close()
    expect(bench.log.lines).toEqual([
      expect.stringMatching(/is lost with it.*"deliveries":3,"hooks":\["a"\]/),
    ])
    const durable = new Bench()
    durable.counts = bench.counts
    await durable.close()
    expect(durable.log.lines).toEqual([])
  })

  it('neither rejects nor hangs when it cannot be counted', async () => {
    const failing = new Bench({ durable: false })
    failing.counts = () => Promise.reject(new Error('away'))
    expect(await failing.close()).toBe(0)
    expect(failing.log.lines).toEqual([expect.stringMatching(/could not be counted.*away/)])
    const hanging = new Bench({ durable: false })
    hanging.counts = () => never
    expect(await hanging.close()).toBe(1500)
    expect(hanging.closed.signal.aborted).toBe(true)
  })
})
