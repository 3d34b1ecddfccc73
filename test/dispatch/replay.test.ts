import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryStore, releaseUrl, ReplayError, type Delivery, type Dispatcher } from '../../src/index.ts'
import { answer, fakeTransport, type FakeTransport } from './fake-transport.ts'
import { release, start } from './started.ts'

interface Receiver {
  readonly transport: FakeTransport
  /** When each request came. */
  readonly seconds: number[]
  readonly accept: () => void
}

/** Refuses everything until it is told to accept. */
function receiver(): Receiver {
  let status = 500
  const seconds: number[] = []
  const transport = fakeTransport(() => {
    seconds.push(Date.now() / 1000)
    return answer(status)
  })
  return { transport, seconds, accept: () => void (status = 200) }
}

const noRetry = { retry: { delaysMs: [] } }

async function deadReleases(
  dispatcher: Dispatcher,
  versions: readonly number[],
): Promise<readonly Delivery[]> {
  const dead: Delivery[] = []
  for (const version of versions)
    dead.push(...(await (await dispatcher.dispatch({ ...release, version })).settled()))
  expect(dead.every(({ state }) => state === 'dead')).toBe(true)
  return dead
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000_000 })
  vi.setTimerTickMode('nextTimerAsync')
})
afterEach(() => vi.useRealTimers())

describe('a replay of one delivery', () => {
  it('sends a dead one again as a new one that names it; the dead one stays as it is', async () => {
    const { transport, accept } = receiver()
    const dispatcher = start(transport, noRetry)
    const [dead] = await deadReleases(dispatcher, [4])
    accept()
    const replay = await dispatcher.replay(dead?.id ?? '')
    expect(await replay.settled()).toMatchObject([
      { id: replay.ids[0], replayOf: dead?.id, release: dead?.release, state: 'delivered', attempts: 1 },
    ])
    expect(replay.ids[0]).not.toBe(dead?.id)
    expect(await Array.fromAsync(dispatcher.deliveries({ state: 'dead' }))).toEqual([dead])
    const [first, second] = transport.requests
    expect(first?.url).toBe(releaseUrl('http://one.example/', release))
    expect(second?.url).toBe(releaseUrl('http://one.example/', release, { delivery: replay.ids[0] }))
    expect(second?.headers['idempotency-key']).toBe(`"${replay.ids[0]}"`)
  })

  it('sends a delivered one again too', async () => {
    const { transport, accept } = receiver()
    accept()
    const dispatcher = start(transport)
    const [delivered] = await (await dispatcher.dispatch(release)).settled()
    const replay = await dispatcher.replay(delivered?.id ?? '')
    expect(await replay.settled()).toMatchObject([{ state: 'delivered', replayOf: delivered?.id }])
    expect(transport.requests).toHaveLength(2)
  })

  it('brings a waiting one forward: the same delivery, now', async () => {
    const { transport, seconds, accept } = receiver()
    const dispatcher = start(transport, { retry: { delaysMs: [3_600_000] } })
    const retrying = new Promise<void>((resolve) => dispatcher.on('retrying', () => resolve()))
    const dispatch = await dispatcher.dispatch(release)
    await retrying
    accept()
    const replay = await dispatcher.replay(dispatch.deliveries[0]?.id ?? '')
    expect(replay.ids).toEqual([dispatch.deliveries[0]?.id])
    expect(await replay.settled()).toMatchObject([{ state: 'delivered', attempts: 2 }])
    expect((seconds[1] ?? 0) - (seconds[0] ?? 0)).toBeLessThan(60)
  })

  it('sends nothing again under a key that was used for it', async () => {
    const { transport } = receiver()
    const dispatcher = start(transport, noRetry)
    const [dead] = await deadReleases(dispatcher, [4])
    const replays = []
    for (const idempotencyKey of ['a', 'a', 'b', undefined, undefined]) {
      const replay = await dispatcher.replay(dead?.id ?? '', { idempotencyKey })
      await replay.settled()
      replays.push(replay.ids[0])
    }
    expect(new Set(replays).size).toBe(4)
    expect(transport.requests).toHaveLength(1 + 4)
  })

  it('of one that is not there, or of a hook that is not configured, is an error with a code', async () => {
    const store = memoryStore()
    const [dead] = await deadReleases(start(receiver().transport, { ...noRetry, store }), [4])
    const other = start(receiver().transport, { store, hooks: ['http://two.example/'] })
    await expect(other.replay('dlv_0')).rejects.toMatchObject({ code: 'delivery_unknown' })
    await expect(other.replay(dead?.id ?? '')).rejects.toMatchObject({
      code: 'hook_unknown',
      message: expect.stringContaining(`got \`${dead?.hookId}\``) as string,
    })
    await expect(other.replay({ hook: dead?.hookId })).rejects.toMatchObject({ code: 'hook_unknown' })
  })

  it.each([
    ['a URL', 'https://one.example/services/s3cret?token=s3cret'],
    ['a secret', 's3cret'],
  ])('by %s instead of an id is an error that does not show it', async (_, text) => {
    const dispatcher = start(receiver().transport, {
      hooks: ['https://one.example/services/s3cret?token=s3cret'],
    })
    for (const asked of [
      dispatcher.replay(text),
      dispatcher.replay({ hook: text }),
      dispatcher.enable(text),
      dispatcher.disable(text),
    ]) {
      const error = await asked.catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(ReplayError)
      expect(error).toMatchObject({
        message: expect.stringContaining(`got a string of length ${text.length}`) as string,
      })
      expect(inspect(error, { showHidden: true })).not.toContain('s3cret')
    }
  })

  it('of a closed dispatcher is refused', async () => {
    const dispatcher = start(receiver().transport)
    await dispatcher.close()
    await expect(dispatcher.replay('dlv_0')).rejects.toMatchObject({ code: 'dispatcher_closed' })
  })
})

describe('a replay of all that match', () => {
  it('takes dead ones, of the hook, the app and the time that are asked for', async () => {
    const { transport, accept } = receiver()
    const hooks = [
      { url: 'http://one.example/', id: 'one' },
      { url: 'http://two.example/', id: 'two' },
    ]
    const dispatcher = start(transport, { ...noRetry, hooks })
    await deadReleases(dispatcher, [1])
    vi.setSystemTime(Date.now() + 60_000)
    const since = new Date()
    const later = await deadReleases(dispatcher, [2, 3])
    accept()
    await (await dispatcher.dispatch({ ...release, version: 4 })).settled()
    const replay = await dispatcher.replay({ hook: 'two', since })
    const replayed = await replay.settled()
    expect(replayed.map(({ hookId, replayOf }) => [hookId, replayOf])).toEqual(
      later.filter(({ hookId }) => hookId === 'two').map(({ id }) => ['two', id]),
    )
    expect(replayed).toHaveLength(2)
  })

  it('passes over what was replayed before: of a chain, its last one is taken', async () => {
    const { transport, accept } = receiver()
    const dispatcher = start(transport, noRetry)
    await deadReleases(dispatcher, [1, 2])
    const first = await dispatcher.replay({ state: 'dead' })
    await first.settled()
    accept()
    const second = await dispatcher.replay({ state: 'dead' })
    expect((await second.settled()).map(({ replayOf }) => replayOf)).toEqual(first.ids)
    expect((await dispatcher.replay({ state: 'dead' })).ids).toEqual([])
  })

  it('spaces them, for each hook on its own', async () => {
    const { transport, seconds } = receiver()
    const dispatcher = start(transport, noRetry)
    await deadReleases(dispatcher, [1, 2, 3, 4])
    const replay = await dispatcher.replay({ state: 'dead' }, { perSecond: 2 })
    await replay.settled()
    const gaps = seconds.slice(5).map((time, index) => time - (seconds[index + 4] ?? 0))
    expect(gaps).toHaveLength(3)
    for (const gap of gaps) expect(gap).toBeCloseTo(0.5, 1)
  })

  it('brings waiting ones forward when they are asked for', async () => {
    const { transport, accept } = receiver()
    const dispatcher = start(transport, { retry: { delaysMs: [3_600_000] } })
    let retrying = 0
    dispatcher.on('retrying', () => (retrying += 1))
    const dispatches = [
      await dispatcher.dispatch(release),
      await dispatcher.dispatch({ ...release, version: 5 }),
    ]
    while (retrying < 2) await new Promise((resolve) => setImmediate(resolve))
    accept()
    const replay = await dispatcher.replay({ state: 'waiting' })
    expect(replay.ids).toEqual(dispatches.map(({ deliveries }) => deliveries[0]?.id))
    expect(await replay.settled()).toMatchObject([{ attempts: 2 }, { attempts: 2 }])
  })

  it('of everything must be asked for, by a state at least, and rightly spelt', async () => {
    const dispatcher = start(receiver().transport)
    const option_invalid = { code: 'option_invalid' }
    await expect(dispatcher.replay({})).rejects.toMatchObject({ ...option_invalid, option: 'query' })
    await expect(dispatcher.replay({ hok: 'x' } as object)).rejects.toMatchObject({
      ...option_invalid,
      option: 'hok',
    })
    for (const perSecond of [0, -1, Number.NaN])
      await expect(dispatcher.replay({ state: 'dead' }, { perSecond })).rejects.toMatchObject(option_invalid)
  })
})

describe('the operator', () => {
  it('counts deliveries by hook and state', async () => {
    const { transport, accept } = receiver()
    const dispatcher = start(transport, { ...noRetry, hooks: [{ url: 'http://one.example/', id: 'one' }] })
    await deadReleases(dispatcher, [1, 2])
    accept()
    await (await dispatcher.dispatch(release)).settled()
    const counts = await dispatcher.counts()
    expect(counts.toSorted((left, right) => left.count - right.count)).toEqual([
      { hookId: 'one', state: 'delivered', count: 1 },
      { hookId: 'one', state: 'dead', count: 2 },
    ])
  })

  it('forgets what is older than a time', async () => {
    const { transport } = receiver()
    const dispatcher = start(transport, noRetry)
    const [first] = await deadReleases(dispatcher, [1])
    vi.setSystemTime(Date.now() + 60_000)
    const olderThan = new Date()
    const [second] = await deadReleases(dispatcher, [2])
    expect(await dispatcher.prune({ olderThan })).toBe(1)
    expect(await Array.fromAsync(dispatcher.deliveries())).toEqual([second])
    expect(await dispatcher.attempts(first?.id ?? '')).toEqual([])
    await expect(dispatcher.prune({ olderThan: 'yesterday' as never })).rejects.toMatchObject({
      code: 'option_invalid',
      option: 'olderThan',
    })
  })

  it('lists more than a page, in order, and hears of a misspelt question', async () => {
    const { transport, accept } = receiver()
    accept()
    const dispatcher = start(transport)
    const ids: (string | undefined)[] = []
    for (let version = 1; version <= 600; version += 1)
      ids.push((await dispatcher.dispatch({ ...release, version })).deliveries[0]?.id)
    expect((await Array.fromAsync(dispatcher.deliveries())).map(({ id }) => id)).toEqual(ids)
    expect(() => dispatcher.deliveries({ state: 'failed' as 'dead' })).toThrow(
      expect.objectContaining({ code: 'option_invalid', option: 'state' }),
    )
  })
})
