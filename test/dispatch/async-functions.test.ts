import type { LookupFunction } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { createDispatcher, type DispatcherEvents, type HookOptions, type Logger } from '../../src/index.ts'
import { lookUpAll } from '../../src/http/look-up.ts'
import {
  cloudEvent,
  defineTarget,
  discord,
  googleChat,
  jsonPost,
  mattermost,
  slack,
  teams,
} from '../../src/targets/index.ts'
import type { Target } from '../../src/targets/index.ts'
import { answer, fakeTransport } from './fake-transport.ts'
import { newLog, release, start } from './started.ts'

// Vitest fails for a rejection that nobody hears of, as Node ends a process for it.

const rejects = async (): Promise<never> => {
  throw new Error('a fault of theirs')
}
/** Nothing but a type forbids it. */
const asAny = rejects as unknown as () => never

describe('an async function of the caller that rejects', () => {
  it.each<keyof DispatcherEvents>(['attempt', 'dead', 'hook-disabled', 'hook-enabled'])(
    'as a listener of %s is logged, and nothing else',
    async (event) => {
      const logger = newLog()
      const dispatcher = start(
        fakeTransport(() => answer(410)),
        { logger },
      )
      let heard = 0
      dispatcher.on(event, rejects)
      dispatcher.on(event, () => (heard += 1))
      expect(await (await dispatcher.dispatch(release)).settled()).toMatchObject([{ state: 'dead' }])
      await dispatcher.enable(dispatcher.hooks()[0]?.id ?? '')
      await vi.waitFor(() => expect(logger.lines.join()).toContain('a fault of theirs'))
      expect(logger.lines.join()).toContain(`A listener of '${event}' rejected`)
      expect(heard).toBe(1)
    },
  )

  it.each(['warn', 'error'] as const)('as `%s` of the logger becomes a process warning', async (level) => {
    const warned = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const logger: Logger = { warn: () => undefined, error: () => undefined, [level]: rejects }
    const dispatcher = start(
      fakeTransport(() => answer(410)),
      { logger },
    )
    dispatcher.on('attempt', rejects)
    await (await dispatcher.dispatch(release)).settled()
    await vi.waitFor(() => expect(warned).toHaveBeenCalled())
    expect(JSON.stringify(warned.mock.calls)).toContain('a fault of theirs')
    warned.mockRestore()
  })

  it.each([
    ['rejects', rejects],
    [
      'throws',
      (): never => {
        throw new Error('a fault of theirs')
      },
    ],
  ])('as `close` of a transport that %s is logged, and the dispatcher is closed', async (_how, close) => {
    const logger = newLog()
    const transport = { ...fakeTransport(() => new Promise(() => {})), close }
    const dispatcher = createDispatcher({
      hooks: ['http://one.example/'],
      secret: 's3cret',
      transport,
      logger,
    })
    const { settled } = await dispatcher.dispatch(release)
    const told = settled()
    await dispatcher.close({ deadlineMs: 0 })
    expect(await told).toMatchObject([{ state: 'waiting' }])
    await vi.waitFor(() => expect(logger.lines.join()).toContain('a fault of theirs'))
  })

  it('as `egress.lookup` is a look-up that failed', async () => {
    await expect(lookUpAll(rejects as unknown as LookupFunction, 'a.test', {})).rejects.toThrow(
      'a fault of theirs',
    )
  })

  it.each<[string, Target]>([
    ['`body` of jsonPost', jsonPost({ body: rejects })],
    ['`data` of cloudEvent', cloudEvent({ data: rejects })],
    ['`message` of slack', slack({ message: asAny })],
    ['`message` of discord', discord({ message: asAny })],
    ['`message` of mattermost', mattermost({ message: asAny })],
    ['`message` of teams', teams({ message: asAny })],
    ['`message` of googleChat', googleChat({ message: asAny })],
    ['`body` of a target', defineTarget({ name: 'own', repeat: 'duplicates', requests: [{ body: asAny }] })],
    [
      '`headers` of a target',
      defineTarget({ name: 'own', repeat: 'duplicates', requests: [{ headers: asAny }] }),
    ],
    ['`path` of a target', defineTarget({ name: 'own', repeat: 'duplicates', requests: [{ path: asAny }] })],
    [
      '`query` of a target',
      defineTarget({ name: 'own', repeat: 'duplicates', requests: [{ query: asAny }] }),
    ],
    [
      '`json` of a target',
      defineTarget({ name: 'own', repeat: 'duplicates', requests: [{ body: () => ({ json: rejects() }) }] }),
    ],
  ])('as %s makes no request, and says why', async (_what, target) => {
    const logger = newLog()
    const transport = fakeTransport(() => answer(200))
    const dispatcher = start(transport, { hooks: [{ url: 'https://one.example/', target }], logger })
    expect(await (await dispatcher.dispatch(release)).settled()).toMatchObject([
      { state: 'dead', outcome: { verdict: 'unrenderable' } },
    ])
    expect(transport.requests).toEqual([])
    expect(logger.lines.join()).toContain('got a promise')
  })

  it.each(['isAccepted', 'error'] as const)(
    'as `%s` of a target takes no answer for accepted',
    async (name) => {
      const accepts = name === 'isAccepted' ? [200] : [201]
      const target = defineTarget({
        name: 'own',
        repeat: 'duplicates',
        requests: [{ accepts, [name]: asAny }],
      })
      const hook: HookOptions = { url: 'https://one.example/', target }
      const dispatcher = start(
        fakeTransport(() => answer(200)),
        { hooks: [hook], retry: { delaysMs: [] } },
      )
      expect(await (await dispatcher.dispatch(release)).settled()).toMatchObject([{ state: 'dead' }])
    },
  )
})

describe('what a listener throws', () => {
  it('is logged, also when it cannot become a text', async () => {
    const logger = newLog()
    const dispatcher = start(
      fakeTransport(() => answer(200)),
      { logger },
    )
    dispatcher.on('delivered', () => {
      throw Object.create(null)
    })
    expect(await (await dispatcher.dispatch(release)).settled()).toMatchObject([{ state: 'delivered' }])
    expect(logger.lines).toEqual([expect.stringContaining("A listener of 'delivered' threw")])
  })
})
