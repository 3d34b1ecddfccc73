import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Chores } from '../../../src/dispatch/worker/chores.ts'
import { ClaimedDeliveries } from '../../../src/dispatch/worker/claimed-deliveries.ts'
import type { Execution } from '../../../src/dispatch/worker/execution.ts'
import { Leases } from '../../../src/dispatch/worker/leases.ts'
import { memoryStore, type Claim, type Store } from '../../../src/index.ts'
import { recorded } from '../../../src/stores/transition.ts'
import { newDelivery } from '../../../src/testing/store/samples.ts'
import { answer, fakeTransport, never } from '../fake-transport.ts'
import { newLog, release, start } from '../started.ts'
import { bound, stores } from '../stores.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
const delivery = recorded(newDelivery('1'))
const claim: Claim = { delivery, token: 1 }

function keep(renew: Store['renew']): {
  claimed: ClaimedDeliveries
  execution: Execution
  faults: string[]
  leases: Leases
} {
  const claimed = new ClaimedDeliveries({ mostHeld: () => 10 })
  const term = { holds: true, stays: true }
  const execution = claimed.add(claim, term, 30_000) as Execution
  const faults: string[] = []
  const leases = new Leases({
    store: { renew },
    claimed,
    reporter: { lastingFault: (what) => void faults.push(what) },
    now: () => Date.now(),
    leaseMs: 30_000,
    renewMs: 5000,
    chores: new Chores(),
  })
  return { claimed, execution, faults, leases }
}

describe('a lease', () => {
  it('is lengthened by so much as it had when that was asked for', async () => {
    const { execution, leases } = keep(async (claims) => {
      await new Promise((resolve) => setTimeout(resolve, 2000))
      return claims.map(() => true)
    })
    await pass(7000)
    leases.stop()
    expect(execution.mayStart(34_999)).toBe(true)
    expect(execution.mayStart(35_000)).toBe(false)
  })

  it('is asked for one at a time, and at once when one was due meanwhile', async () => {
    const asked: number[] = []
    const { leases } = keep(async (claims) => {
      asked.push(Date.now())
      await new Promise((resolve) => setTimeout(resolve, asked.length === 1 ? 12_000 : 10))
      return claims.map(() => true)
    })
    await pass(25_000)
    leases.stop()
    await pass(60_000)
    expect(asked).toEqual([5000, 17_000, 20_000, 25_000])
  })

  it('is asked for again a second after a fault, which is told of', async () => {
    const asked: number[] = []
    const { faults, leases } = keep(async (claims) => {
      asked.push(Date.now())
      if (asked.length < 3) throw new Error('locked')
      return claims.map(() => true)
    })
    await pass(12_000)
    leases.stop()
    expect(asked).toEqual([5000, 6000, 7000, 10_000])
    expect(faults).toHaveLength(2)
  })

  it('that was lost is certain no more', async () => {
    const { execution, leases } = keep(async (claims) => claims.map(() => false))
    expect(execution.mayStart(0)).toBe(true)
    await pass(5000)
    leases.stop()
    expect(execution.mayStart(5000)).toBe(false)
  })

  it('lengthens nothing of a claim that was made anew while it was asked for', async () => {
    const { execution, leases } = keep(async (claims) => {
      execution.claimedAgain({ ...claim, token: 2 }, execution.term, 31_000)
      return claims.map(() => true)
    })
    await pass(5000)
    leases.stop()
    expect(execution.until).toBe(31_000)
    expect(execution.mayStart(0)).toBe(false) // what is sent is still sent under the claim before
  })

  it('is not asked for while nothing is held', async () => {
    const renew = vi.fn<Store['renew']>()
    const { claimed, execution, leases } = keep(renew)
    claimed.finish(execution, claim)
    await pass(60_000)
    leases.stop()
    expect(renew).not.toHaveBeenCalled()
  })
})

describe('leases', () => {
  it.each(['setHookStates', 'hookStates', 'get', 'release', 'claim', 'due', 'settle'] as const)(
    'are kept while the store does not come to an end with %s',
    async (name) => {
      const store = bound(memoryStore())
      const asked: number[] = []
      const renew: Store['renew'] = (claims, until) => {
        if (claims.length > 0) asked.push(Date.now())
        return store.renew(claims, until)
      }
      const gate = Promise.withResolvers<void>()
      let isHung = false
      const hung = async (...given: never[]): Promise<unknown> => {
        if (isHung) await gate.promise
        return (store[name] as (...args: never[]) => Promise<unknown>)(...given)
      }
      const urls = { healthy: 'http://healthy.example/', failing: 'http://failing.example/' }
      const transport = fakeTransport(({ url }) => (url.startsWith(urls.healthy) ? never : answer(500)))
      const dispatcher = start(transport, {
        hooks: Object.values(urls),
        store: { ...store, renew, [name]: hung },
      })
      const { settled } = await dispatcher.dispatch(release)
      void settled()
      await pass(1000)
      isHung = true
      await dispatcher.dispatch({ ...release, version: 5 })
      await pass(30_000)
      gate.resolve()
      expect(asked).toEqual([5000, 10_000, 15_000, 20_000, 25_000, 30_000])
    },
  )
})

describe.each(Object.entries(stores))('what waits for a place, with a %s store', (_name, open) => {
  // Tried again where the dispatcher's own beat claims them first.
  it(
    'is not sent when its lease has ended, since another process may have sent it',
    { retry: 2 },
    async () => {
      vi.useRealTimers()
      const another = await open()
      const store = another()
      let now = 1_000_000
      const gate = Promise.withResolvers<ReturnType<typeof answer>>()
      const transport = fakeTransport(() => gate.promise)
      const hooks = [{ url: 'http://one.example/', id: 'one', concurrency: 1 }]
      const logger = newLog()
      const dispatcher = start(transport, { hooks, store, now: () => now, logger })
      await dispatcher.dispatch({ ...release, version: 1 })
      await vi.waitFor(() => expect(transport.pending).toBe(1))
      const second = await dispatcher.dispatch({ ...release, version: 2 })
      now += 600_000 // as if the machine had slept
      const other = another()
      const claims = await other.claim({ hooks: new Map([['one', 10]]), now, until: now + 30_000 })
      expect(claims).toHaveLength(2)
      const released = vi.spyOn(store, 'release')
      gate.resolve(answer(200))
      await vi.waitFor(() => expect(released).toHaveBeenCalled())
      await released.mock.results[0]?.value
      expect(transport.requests).toHaveLength(1)
      expect(await store.get(second.deliveries.map(({ id }) => id))).toMatchObject([
        { state: 'waiting', attempts: 0 },
      ])
    },
  )
})
