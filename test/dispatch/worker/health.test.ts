import { describe, expect, it, vi } from 'vitest'
import { HookHealth, type Failing } from '../../../src/dispatch/worker/health.ts'
import { memoryStore, type HookState, type Store } from '../../../src/index.ts'

const hour = 3600 * 1000
const day = 24 * hour

function newHealth(store: Store = memoryStore()): HookHealth {
  return new HookHealth(store, () => ({ disableAfterMs: 5 * day, urlMark: 'one' }))
}

/** Fails every so often. @returns what was to be told, by the hour */
function failing(health: HookHealth, from: number, to: number, every: number): [number, Failing][] {
  const told: [number, Failing][] = []
  for (let now = from; now <= to; now += every) {
    const failed = health.failed('a', now)
    if (failed !== undefined) told.push([now / hour, failed])
  }
  return told
}

describe('a hook that only fails', () => {
  it('is told of at half and at nine tenths of the time, once each, and at its end', () => {
    const told = failing(newHealth(), 0, 5 * day, 6 * hour)
    expect(told.map(([at, { share }]) => [at, share])).toEqual([
      [60, 0.5],
      [108, 0.9],
      [120, 1],
    ])
    expect(told[0]?.[1]).toEqual({ since: 0, disablesAt: 5 * day, share: 0.5 })
  })

  it('begins anew after a success', () => {
    const health = newHealth()
    failing(health, 0, 4 * day, 6 * hour)
    expect(health.delivered('a', 4 * day + hour)).toBe(4 * day + hour)
    expect(health.read('a').failingSince).toBeUndefined()
    expect(failing(health, 4 * day + 2 * hour, 6 * day, 6 * hour)).toEqual([])
  })

  it('begins anew when nothing was tried for a day: two bad releases a week apart disable nothing', () => {
    const health = newHealth()
    failing(health, 0, 23 * hour, hour)
    expect(health.failed('a', 7 * day)).toBeUndefined()
    expect(health.read('a').failingSince).toBe(7 * day)
  })

  it('is known to the store, so that a restart does not begin anew', async () => {
    const store = memoryStore()
    const before = newHealth(store)
    failing(before, 0, 4 * day, 6 * hour)
    await before.save()
    const after = newHealth(store)
    await after.load(4 * day)
    expect(failing(after, 4 * day + hour, 5 * day, hour).at(-1)).toMatchObject([120, { share: 1, since: 0 }])
  })

  it('that succeeds in one process does so for the others', async () => {
    const store = memoryStore()
    const [one, other] = [newHealth(store), newHealth(store)]
    failing(one, 0, day, 6 * hour)
    await one.save()
    await other.load(day)
    expect(other.read('a').failingSince).toBe(0)
    other.delivered('a', day + 1)
    await other.save()
    await one.load(day + 2)
    expect(one.read('a').failingSince).toBeUndefined()
  })

  it('is told to the store together with all others, in one call', async () => {
    const store = memoryStore()
    const calls = vi.spyOn(store, 'setHookStates')
    const health = newHealth(store)
    const hooks = Array.from({ length: 3500 }, (_, index) => `hook-${index}`)
    for (const hook of hooks) health.failed(hook, 1)
    await health.save()
    expect(calls).toHaveBeenCalledTimes(1)
    expect((await store.hookStates()).map(({ hookId }) => hookId)).toEqual(hooks)
  })

  it('is written to the store when that changes, not with every attempt', async () => {
    const states: HookState[] = []
    const store = memoryStore()
    const setHookStates = store.setHookStates.bind(store)
    store.setHookStates = (given) => (states.push(...given), setHookStates(given))
    const health = newHealth(store)
    for (let now = 0; now < 10; now += 1) {
      health.failed('a', now)
      await health.save()
    }
    health.delivered('a', 11)
    await health.save()
    await health.save()
    expect(states.map(({ enabled, reason }) => [enabled, reason])).toEqual([
      [true, 'failing'],
      [true, 'answering'],
    ])
  })
})

describe('a disabled hook', () => {
  it('is disabled at once, and enabled when the store knows', async () => {
    const health = newHealth()
    health.failed('a', 4)
    const saved = health.disable('a', 'operator', 5)
    expect(health.isDisabled('a')).toBe(true)
    await saved
    expect(health.read('a')).toEqual({ disabled: { reason: 'operator', since: 5 }, failingSince: undefined })
    const enabled = health.enable('a', 6)
    expect(health.isDisabled('a')).toBe(true)
    await enabled
    expect(health.isDisabled('a')).toBe(false)
  })

  it('stays disabled when an older look at the store comes back later', async () => {
    const store = memoryStore()
    const health = newHealth(store)
    await store.setHookStates([{ hookId: 'a', enabled: true, since: 1, reason: 'answering' }])
    const hookStates = store.hookStates.bind(store)
    const gate = Promise.withResolvers<void>()
    store.hookStates = async () => {
      const states = await hookStates()
      await gate.promise
      return states
    }
    const loaded = health.load(5)
    const disabled = health.disable('a', 'operator', 6)
    gate.resolve()
    await Promise.all([loaded, disabled])
    expect(health.isDisabled('a')).toBe(true)
    expect(await hookStates()).toMatchObject([{ enabled: false, reason: 'operator' }])
  })

  it('is disabled, and enabled, in the other processes too', async () => {
    const store = memoryStore()
    const [one, other] = [newHealth(store), newHealth(store)]
    await one.disable('a', 'gone', 5)
    await other.load(6)
    expect(other.read('a').disabled).toEqual({ since: 5, reason: 'gone' })
    await other.enable('a', 7)
    await one.load(8)
    expect(one.isDisabled('a')).toBe(false)
  })

  it('that the store could not be told of stays disabled, and is told later', async () => {
    const store = memoryStore()
    const setHookStates = store.setHookStates.bind(store)
    store.setHookStates = () => Promise.reject(new Error('full'))
    const health = newHealth(store)
    await expect(health.disable('a', 'gone', 5)).rejects.toThrow('full')
    expect(health.isDisabled('a')).toBe(true)
    store.setHookStates = setHookStates
    await health.load(6)
    expect(health.isDisabled('a')).toBe(true)
    await health.save()
    expect(await store.hookStates()).toMatchObject([{ hookId: 'a', enabled: false, reason: 'gone' }])
  })
})

describe('what was said of a hook', () => {
  /** A process that has this URL of the hook. */
  const processWith = (store: Store, urlMark: string): HookHealth =>
    new HookHealth(store, (hookId) => (hookId === 'a' ? { disableAfterMs: 5 * day, urlMark } : undefined))
  const gone: HookState = { hookId: 'a', enabled: false, since: 1, reason: 'gone' }

  it.each(['gone', 'unwanted', 'failing'] as const)(
    'by its receiver, %s, holds for that URL alone',
    async (reason) => {
      const store = memoryStore()
      await processWith(store, 'one').disable('a', reason, 1)
      const [same, other] = [processWith(store, 'one'), processWith(store, 'other')]
      for (const each of [same, other]) await each.load(2)
      expect([same.isDisabled('a'), other.isDisabled('a')]).toEqual([true, false])
    },
  )

  it('by an operator holds for every URL', async () => {
    const store = memoryStore()
    await processWith(store, 'one').disable('a', 'operator', 1)
    const other = processWith(store, 'other')
    await other.load(2)
    expect(other.isDisabled('a')).toBe(true)
    expect(await store.hookStates()).toStrictEqual([
      { hookId: 'a', enabled: false, since: 1, reason: 'operator' },
    ])
  })

  it('by a version without marks holds for the URL that the hook has now', async () => {
    const store = memoryStore()
    await store.setHookStates([gone])
    const first = processWith(store, 'one')
    await first.load(2)
    expect(first.isDisabled('a')).toBe(true)
    await first.save()
    expect(await store.hookStates()).toStrictEqual([{ ...gone, url: 'one' }])
    const other = processWith(store, 'other')
    await other.load(3)
    expect(other.isDisabled('a')).toBe(false)
  })

  it('with another URL is told of the table, once, and put right by nobody', async () => {
    const store = memoryStore()
    const old = processWith(store, 'one')
    await old.load(0)
    await old.disable('a', 'gone', 1)
    const young = processWith(store, 'other')
    const look = async (now: number): Promise<void> => {
      for (const each of [young, old]) {
        await each.load(now)
        await each.save()
      }
    }
    await look(2)
    const states = await store.hookStates()
    expect(states).toStrictEqual([
      { hookId: 'a', enabled: true, since: 2, reason: 'another-url', url: 'other' },
    ])
    for (let now = 3; now < 9; now += 1) await look(now)
    expect(await store.hookStates()).toStrictEqual(states)
    expect([old.isDisabled('a'), young.isDisabled('a')]).toEqual([true, false])
  })

  it('of its lane is told when it comes, each time, and what comes meanwhile together', async () => {
    const store = memoryStore()
    const told = vi.spyOn(store, 'setHookStates')
    const health = processWith(store, 'one')
    for (const closedUntil of [7, 8]) {
      health.remember('a', { closedUntil }, 1)
      await health.tellMemories()
      expect(await store.hookStates()).toMatchObject([{ memory: { closedUntil } }])
    }
    health.remember('a', { closedUntil: 9 }, 1)
    const first = health.tellMemories()
    health.remember('b', { closedUntil: 9 }, 1)
    await Promise.all([first, health.tellMemories()])
    expect(told.mock.calls.map(([states]) => states.length)).toEqual([1, 1, 2])
  })

  it('of its lane is given on once, and again when it is another', async () => {
    const store = memoryStore()
    const [one, other] = [processWith(store, 'one'), processWith(store, 'one')]
    const memoriesAt = async (now: number): Promise<unknown> => [...(await other.load(now)).memories]
    one.remember('a', { closedUntil: 7 }, 1)
    await one.save()
    expect(await memoriesAt(2)).toEqual([['a', { closedUntil: 7 }]])
    expect(await memoriesAt(3)).toEqual([])
    one.failed('a', 4) // the state is another, the memory is not
    await one.save()
    expect(await memoriesAt(5)).toEqual([])
    expect(other.read('a').failingSince).toBe(4)
    await other.enable('a', 6)
    expect(await store.hookStates()).toStrictEqual([
      { hookId: 'a', enabled: true, since: 6, reason: 'operator' },
    ])
  })
})
