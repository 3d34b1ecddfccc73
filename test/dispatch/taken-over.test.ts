import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextDueAt } from '../../src/testing/store/steps.ts'
import type { Claim, Store } from '../../src/index.ts'
import { defineTarget } from '../../src/targets/index.ts'
import { answer, fakeTransport } from './fake-transport.ts'
import { release, start } from './started.ts'
import { stores } from './stores.ts'

const url = 'http://one.example/'
const id = 'one'
const build = defineTarget({ name: 'build', repeat: 'side-effect', requests: [{}] })
const retry = { delaysMs: [1000, 1000], jitter: 0 }

describe.each(Object.entries(stores))(
  'what another process did while this one slept, with a %s store',
  (_name, open) => {
    let now = 0
    beforeEach(() => {
      now = 1_000_000
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    })
    afterEach(() => vi.useRealTimers())

    /** Its leases end, also the long ones of lanes that are shared. */
    const sleep = (): void => void (now += 600_000)
    /** Ready to claim, before this process could claim again what it has. */
    const opened = async (another: () => Store): Promise<Store> => {
      const store = another()
      await store.counts()
      return store
    }
    const claimAll = (store: Store): Promise<readonly Claim[]> =>
      store.claim({ hooks: new Map([[id, 10]]), now, until: now + 30_000 })
    const wake = async (store: Store): Promise<void> => {
      const claim = vi.spyOn(store, 'claim')
      await vi.advanceTimersByTimeAsync(5000)
      await vi.waitFor(() => expect(claim).toHaveBeenCalled())
      await Promise.all(claim.mock.results.map(({ value }) => value as Promise<unknown>))
      await nextDueAt(store, [id])
    }

    it('is known when a delivery gets its place: a request that may have been made is not made again', async () => {
      const another = await open()
      const store = another()
      const gate = Promise.withResolvers<ReturnType<typeof answer>>()
      const transport = fakeTransport(() => gate.promise)
      const hooks = [{ url, id, target: build, concurrency: 1 }]
      const dispatcher = start(transport, { hooks, store, now: () => now })
      await dispatcher.dispatch({ ...release, version: 1 })
      await vi.waitFor(() => expect(transport.pending).toBe(1))
      const second = await dispatcher.dispatch({ ...release, version: 2 }) // waits for the place
      const other = await opened(another)
      sleep()
      const taken = (await claimAll(other)).find(({ delivery }) => delivery.release.version === 'v2') as Claim
      await other.mark(taken, { step: 0, at: now, attempt: 0, sending: true })
      sleep()
      await wake(store)
      gate.resolve(answer(200))
      expect(await second.settled()).toMatchObject([{ state: 'dead', outcome: { verdict: 'ambiguous' } }])
      expect(transport.requests).toHaveLength(1)
    })

    it('stays recorded, and the answer that came later is the next attempt', async () => {
      const another = await open()
      const store = another()
      const gate = Promise.withResolvers<ReturnType<typeof answer>>()
      const transport = fakeTransport(() => gate.promise)
      const dispatcher = start(transport, { hooks: [{ url, id }], store, now: () => now, retry })
      const told: number[] = []
      dispatcher.on('attempt', ({ attempt }) => told.push(attempt.number))
      const dispatch = await dispatcher.dispatch(release)
      await vi.waitFor(() => expect(transport.pending).toBe(1))
      const other = await opened(another)
      sleep()
      const [taken] = (await claimAll(other)) as [Claim]
      await other.settle(taken, {
        deliveryId: taken.delivery.id,
        number: 1,
        startedAt: now,
        endedAt: now,
        connects: 1,
        timings: { totalMs: 1 },
        status: 503,
        outcome: { kind: 'retry', reason: 'status-503', at: now },
      })
      await wake(store)
      gate.resolve(answer(200))
      expect(await dispatch.settled({ signal: AbortSignal.timeout(2000) })).toMatchObject([
        { state: 'delivered', attempts: 2 },
      ])
      const attempts = await dispatcher.attempts(taken.delivery.id)
      expect(attempts.map(({ number, status }) => [number, status])).toEqual([
        [1, 503],
        [2, 200],
      ])
      expect(told).toEqual([2])
    })
  },
)
