import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createDispatcher,
  releaseUrl,
  type HookOptions,
  type ReleaseInput,
  type TransportRequest,
} from '../../src/index.ts'
import { defineTarget } from '../../src/targets/index.ts'
import { createVerifier, type VerifiedHook } from '../../src/verify/index.ts'
import { answer, fakeTransport } from './fake-transport.ts'
import { newLog, release, secret, start } from './started.ts'

const url = 'http://one.example/deploy'
/** A dispatch that is meant whatever was told before. */
const keyed = { idempotencyKey: 'again' }
const stages = ['released', 'succeeded', 'failed', 'rolled-back'] as const
const accepting = fakeTransport.bind(undefined, () => answer(204))

/** What the receiver makes of a request. */
function taken({ url: sent, headers }: TransportRequest, options = { url, secret }): VerifiedHook {
  const { pathname, search } = new URL(sent)
  const { authorization = '' } = headers
  return createVerifier(options).verify({ url: pathname + search, headers: { authorization } })
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000_000 })
  vi.setTimerTickMode('nextTimerAsync')
})
afterEach(() => vi.useRealTimers())

describe('a hook that hears of every stage', () => {
  const summary = 'web v4, in words that say nothing of its stage'

  async function toldOf(facts: Partial<ReleaseInput>): Promise<readonly VerifiedHook[]> {
    const transport = accepting()
    const dispatcher = start(transport, { hooks: [{ url, after: stages }] })
    for (const stage of stages)
      await (await dispatcher.dispatch({ ...release, summary, ...facts, stage })).settled()
    return transport.requests.map((request) => taken(request))
  }

  it('is told which one it is, in what is signed', async () => {
    const told = await toldOf({})
    expect(told.map(({ release: { stage } }) => stage)).toEqual([
      undefined,
      'succeeded',
      'failed',
      'rolled-back',
    ])
    expect(new Set(told.map(({ key }) => key)).size).toBe(4)
    expect(told.every((hook) => !('delivery' in hook))).toBe(true)
  })

  it('is told of two tenants whose apps have one name by keys of their own', async () => {
    const transport = accepting()
    const dispatcher = start(transport, { hooks: [{ url }] })
    for (const tenant of ['acme', 'umbrella', undefined])
      await (
        await dispatcher.dispatch({ ...release, ...(tenant === undefined ? undefined : { tenant }) })
      ).settled()
    const told = transport.requests.map((request) => taken(request))
    expect(new Set(told.map(({ key }) => key)).size).toBe(3)
    expect(told.map((hook) => 'delivery' in hook)).toEqual([true, true, false])
  })

  it('is told the environment and the deployment with each', async () => {
    const told = await toldOf({ environment: 'eu', deployment: 'd-7' })
    expect(told.map((hook) => hook.release)).toMatchObject(
      stages.map(() => ({ summary, environment: 'eu', deployment: 'd-7' })),
    )
  })

  it('is told no more than Deis tells where it is one of Deis', async () => {
    const transport = accepting()
    const dispatcher = start(transport, { hooks: [{ url, dialect: 'deis' }] })
    await (await dispatcher.dispatch({ ...release, environment: 'eu', deployment: 'd-7' })).settled()
    expect(transport.requests[0]?.url).toBe(releaseUrl(url, release, { dialect: 'deis' }))
  })
})

describe('a delivery that was told before and is meant again', () => {
  it('names itself, in the same bytes for all of its attempts', async () => {
    const transport = fakeTransport((_request, index) => answer(index < 3 ? 500 : 200))
    const dispatcher = start(transport, { hooks: [url] })
    const [delivery] = await (await dispatcher.dispatch(release, keyed)).settled()
    const [first, ...repeats] = transport.requests.map(({ url, headers }) => ({ url, headers }))
    expect(first?.url).toBe(releaseUrl(url, release, { delivery: delivery?.id }))
    expect(repeats).toEqual([first, first, first])
    expect(transport.requests.map((request) => taken(request).key)).toEqual(Array(4).fill(delivery?.id))
  })

  it('does so when it is news that came back, and not before', async () => {
    const transport = accepting()
    const dispatcher = start(transport, { hooks: [{ url, after: ['succeeded', 'failed'] }] })
    const told: string[] = []
    for (const stage of ['succeeded', 'failed', 'succeeded'] as const) {
      const [delivery] = await (await dispatcher.dispatch({ ...release, stage })).settled()
      told.push(delivery?.id ?? '')
    }
    const hooks = transport.requests.map((request) => taken(request))
    expect(hooks.map(({ release: { stage } }) => stage)).toEqual(['succeeded', 'failed', 'succeeded'])
    expect(hooks.map(({ delivery }) => delivery)).toEqual([undefined, undefined, told[2]])
    expect(new Set(hooks.map(({ key }) => key)).size).toBe(3)
  })

  it('does so when it is a replay, and not when it is only brought forward', async () => {
    const transport = fakeTransport((_request, index) => answer([500, 500, 500, 200][index] ?? 200))
    const dispatcher = start(transport, { hooks: [url], retry: { delaysMs: [1000] } })
    const [dead] = await (await dispatcher.dispatch(release)).settled()
    const replay = await dispatcher.replay(dead?.id ?? '')
    expect(await replay.settled()).toMatchObject([{ state: 'delivered', attempts: 2 }])
    const plain = releaseUrl(url, release)
    const again = releaseUrl(url, release, { delivery: replay.ids[0] })
    expect(transport.requests.map((request) => request.url)).toEqual([plain, plain, again, again])
  })

  it('has the same key when its secret was changed in between, though its bytes are others', async () => {
    const told: VerifiedHook[] = []
    for (const secret of ['the old one', 'the new one']) {
      const transport = accepting()
      const dispatcher = start(transport, { hooks: [url], secret })
      await (await dispatcher.dispatch(release, keyed)).settled()
      told.push(...transport.requests.map((request) => taken(request, { url, secret })))
    }
    const [before, after] = told
    expect(after?.digest).not.toBe(before?.digest)
    expect(after?.key).toBe(before?.key)
  })

  it('says nothing of it in the deis dialect, which has no word for it', async () => {
    const transport = accepting()
    const dispatcher = start(transport, { hooks: [{ url, dialect: 'deis' }] })
    await (await dispatcher.dispatch(release, keyed)).settled()
    expect(transport.requests[0]?.url).toBe(releaseUrl(url, release, { dialect: 'deis' }))
  })

  it('names itself in every request of a target that carries the release in its URL, signed or not', async () => {
    const transport = accepting()
    const twice = defineTarget({
      name: 'twice',
      repeat: 'idempotent',
      requests: [
        { query: 'release', sign: 'url' },
        { query: 'release', method: 'GET' },
        { body: { json: {} } },
      ],
    })
    const dispatcher = start(transport, { hooks: [{ url, target: twice }] })
    const told = { ...release, stage: 'released', environment: 'eu' } as const
    const [delivery] = await (await dispatcher.dispatch(told, keyed)).settled()
    const named = releaseUrl(url, told, { delivery: delivery?.id })
    expect(transport.requests.map((request) => request.url)).toEqual([named, named, url])
  })

  it('is asked after in the dialect of its hook', async () => {
    const asked = (dialect: 'native' | 'deis'): Promise<string | undefined> => {
      const transport = fakeTransport(() => answer(200, undefined, '{"status":"done"}'))
      const target = defineTarget({
        name: 'asked',
        repeat: 'idempotent',
        requests: [{ body: { json: {} } }],
        poll: {
          query: 'release',
          status: '/status',
          statuses: { done: 'succeeded' },
          everyMs: 1000,
          untilMs: 10_000,
        },
      })
      const hooks: readonly HookOptions[] = [{ url: `${url}?a=1`, target, dialect, waitFor: 'finished' }]
      const dispatcher = start(transport, { hooks })
      return dispatcher
        .dispatch({ ...release, environment: 'eu' }, keyed)
        .then(({ settled }) => settled())
        .then(() => transport.requests[1]?.url)
    }
    expect(await asked('native')).toMatch(
      /\?a=1&app=web&release=v4&release_delivery=dlv_\w+&release_environment=eu&/u,
    )
    expect(await asked('deis')).toBe(releaseUrl(`${url}?a=1`, release, { dialect: 'deis' }))
  })
})

describe('a parameter of the hook’s URL that is called like one of the release', () => {
  const named = `${url}?release_stage=x`
  const create = (hook: HookOptions, dialect?: 'deis'): unknown => {
    const dispatcher = createDispatcher({ hooks: [hook], secret, dialect, logger: newLog() })
    return dispatcher.close()
  }
  const poll = { status: '/s', statuses: {}, everyMs: 1000, untilMs: 1000 }
  const polled = defineTarget({
    name: 'polled',
    repeat: 'idempotent',
    requests: [{}],
    poll: { ...poll, query: 'release' },
  })

  it.each<[string, HookOptions, 'deis'?]>([
    ['by default', { url: named }],
    ['where the hook says so', { url: named, dialect: 'native' }, 'deis'],
    ['where it is only asked so', { url: named, target: polled }],
  ])('is refused in the native dialect, %s', (_when, hook, dialect) => {
    expect(() => create(hook, dialect)).toThrow(
      expect.objectContaining({ code: 'hook_url_parameter', option: 'hooks[0].url' }),
    )
  })

  it.each<[string, HookOptions, 'deis'?]>([
    ['in the deis dialect', { url: named, dialect: 'deis' }],
    ['where all hooks have the deis dialect', { url: named }, 'deis'],
    ['where the release is not in the URL', { url: named, target: defineTarget({ ...polled, poll }) }],
  ])('is taken %s', async (_when, hook, dialect) => {
    await create(hook, dialect)
  })
})

describe('a hook of the deis dialect', () => {
  const warningsOf = (hook: HookOptions, dialect: 'native' | 'deis' = 'deis'): readonly string[] => {
    const logger = newLog()
    start(accepting(), { hooks: [hook], dialect, logger })
    return logger.lines
  }

  it('that hears of several stages is warned about, since its receiver cannot tell them apart', () => {
    for (const after of [['released', 'failed'], ['succeeded', 'failed'], stages] as const)
      expect(warningsOf({ url, after })).toEqual([
        expect.stringMatching(
          new RegExp(`^hooks\\[0\\] hears of several stages \\(${after.join(', ')}\\)`, 'u'),
        ),
      ])
    expect(warningsOf({ url, after: stages, dialect: 'deis' }, 'native')).toHaveLength(1)
  })

  it('that hears of one alone is not, nor one that is told in another way', () => {
    const target = defineTarget({ name: 'json', repeat: 'idempotent', requests: [{ body: { json: {} } }] })
    expect(warningsOf({ url })).toEqual([])
    expect(warningsOf({ url, after: 'succeeded' })).toEqual([])
    expect(warningsOf({ url, after: ['failed', 'failed'] })).toEqual([])
    expect(warningsOf({ url, after: stages, target })).toEqual([])
    expect(warningsOf({ url, after: stages, dialect: 'native' })).toEqual([])
    expect(warningsOf({ url, after: stages }, 'native')).toEqual([])
  })
})
