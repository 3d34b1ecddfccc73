import { describe, expect, it } from 'vitest'
import { createDispatcher, memoryStore, type ConfigurationError } from '../../src/index.ts'
import type { HookOptions } from '../../src/hooks/options.ts'
import {
  deis,
  defineTarget,
  stackblaze,
  type TargetContext,
  type TargetDefinition,
} from '../../src/targets/index.ts'
import { answer, fakeTransport } from '../dispatch/fake-transport.ts'
import { newLog, release, start, unsigned } from '../dispatch/started.ts'
import { startHttp } from '../loopback.ts'
import { send } from './sending.ts'

const good: TargetDefinition = { name: 'mine', repeat: 'duplicates', requests: [{}] }

const poll = { status: '/s', statuses: {}, everyMs: 1, untilMs: 1 } as const

function errorOf(make: () => unknown): ConfigurationError {
  try {
    make()
  } catch (error) {
    return error as ConfigurationError
  }
  throw new Error('Nothing was thrown')
}

describe('defineTarget', () => {
  it.each([
    [{ ...good, name: 'My Target' }, 'target.name'],
    [{ ...good, requests: [] }, 'target.requests'],
    [{ ...good, repeat: 'maybe' }, 'target.repeat'],
    [{ ...good, requests: [{ methd: 'GET' }] }, 'target.requests[0].methd'],
    [{ ...good, requests: [{ method: 'DELETE' }] }, 'target.requests[0].method'],
    [{ ...good, requests: [{ accepts: [] }] }, 'target.requests[0].accepts'],
    [{ ...good, requests: [{ accepts: [99] }] }, 'target.requests[0].accepts[0]'],
    [{ ...good, requests: [{ meanings: { 404: 'fatal' } }] }, 'target.requests[0].meanings.404'],
    [{ ...good, requests: [{ id: 'id' }] }, 'target.requests[0].id'],
    [{ ...good, requests: [{ sign: 'md5' }] }, 'target.requests[0].sign'],
    [
      { ...good, poll: { status: '/s', statuses: { OK: 'good' }, everyMs: 1, untilMs: 1 } },
      'target.poll.statuses.OK',
    ],
    [{ ...good, pace: { perSecond: 0 } }, 'target.pace.perSecond'],
    [{ ...good, extra: 1 }, 'target.extra'],
  ])('refuses %j, and names the field', (definition, option) => {
    expect(errorOf(() => defineTarget(definition as never))).toMatchObject({ code: 'option_invalid', option })
  })

  it.each(['', ' ', 'undefined'])('refuses the secret %j, and names it', (token) => {
    const error = errorOf(() => defineTarget({ ...good, secrets: { token } }))
    expect(error).toMatchObject({ code: 'secret_invalid', option: 'mine.token' })
  })

  it('refuses a URL that cannot be sent to, of its own or of a base', () => {
    expect(errorOf(() => defineTarget({ ...good, url: 'ftp://x' })).code).toBe('hook_url_scheme')
    const base = 'https://user:pw@x.example'
    expect(errorOf(() => defineTarget({ ...good, requests: [{ base }] })).code).toBe('hook_url_credentials')
  })

  it('refuses requests whose URLs have more than 4,096 characters altogether, since all of them are looked for in answers', () => {
    const base = (index: number) => `https://api.example/?token=${index}${'x'.repeat(1330)}` as const
    const with3 = { ...good, requests: [{ base: base(0) }, { base: base(1) }, { base: base(0) }] } as const
    expect(() => defineTarget({ ...with3, poll: { ...poll, base: base(2) } })).not.toThrow()
    const poll4 = { ...poll, base: `${base(2)}${'x'.repeat(30)}` } as const
    expect(errorOf(() => defineTarget({ ...with3, poll: poll4 }))).toMatchObject({
      code: 'hook_url_invalid',
      option: 'mine.base',
    })
  })

  it('gives what can be spread to override parts of it, which is checked again', async () => {
    const transport = fakeTransport(() => answer(204))
    const target = { ...stackblaze(), requests: [{ accepts: [204], method: 'PUT' }] } as const
    const dispatcher = start(transport, { hooks: [{ url: 'http://one.example/', target }] })
    expect(await (await dispatcher.dispatch(release)).settled()).toMatchObject([{ state: 'delivered' }])
    expect(transport.requests[0]?.method).toBe('PUT')
    const broken = { ...stackblaze(), pace: { perSecond: -1 } }
    const error = errorOf(() => start(transport, { hooks: [{ url: 'http://one.example/', target: broken }] }))
    expect(error.option).toBe('hooks[0].target.pace.perSecond')
  })
})

describe('a hook with a target', () => {
  const hooks = (...given: readonly HookOptions[]): { hooks: readonly HookOptions[] } => ({ hooks: given })
  const url = 'http://one.example/'

  it('needs no URL when its target has one, and one otherwise', () => {
    const transport = fakeTransport(() => answer(204))
    const own = defineTarget({ ...good, url: 'https://api.example/v1' })
    expect(start(transport, hooks({ target: own })).hooks()[0]?.url).toBe('https://api.example/v1')
    expect(errorOf(() => start(transport, hooks({} as HookOptions))).code).toBe('hook_url_invalid')
    expect(errorOf(() => start(transport, hooks({ target: good } as HookOptions))).option).toBe(
      'hooks[0].url',
    )
  })

  it('is another hook than one of the same URL with another target', () => {
    const dispatcher = start(
      fakeTransport(() => answer(204)),
      hooks({ url }, { url, target: good }),
    )
    expect(new Set(dispatcher.hooks().map(({ id }) => id)).size).toBe(2)
    const same = start(
      fakeTransport(() => answer(204)),
      hooks({ url, target: deis() }),
    )
    expect(same.hooks()[0]?.id).toBe(dispatcher.hooks()[0]?.id)
  })

  it('may have parameters called like those of a release, unless they are signed in the URL', () => {
    const transport = fakeTransport(() => answer(204))
    start(transport, hooks({ url: `${url}?app=7`, target: good }))
    expect(errorOf(() => start(transport, hooks({ url: `${url}?app=7` }))).code).toBe('hook_url_parameter')
  })

  it('can wait for an end only where it can ask for it', () => {
    const make = (): unknown => createDispatcher(hooks({ url, waitFor: 'finished' } as HookOptions))
    expect(errorOf(make)).toMatchObject({ code: 'option_invalid', option: 'hooks[0].waitFor' })
  })

  it('that is signed has to have a secret, and one that is not need not', () => {
    const log = newLog()
    unsigned(
      fakeTransport(() => answer(204)),
      { ...hooks({ url, target: good }), logger: log },
    )
    expect(log.lines).toEqual([])
    const signed = defineTarget({ ...good, requests: [{ sign: 'hub-sha256' }] })
    unsigned(
      fakeTransport(() => answer(204)),
      { ...hooks({ url, target: signed }), logger: log },
    )
    expect(log.lines.join()).toContain('has no secret')
  })

  it('ends a release that its target can make no request of, says why without its secrets, and sends the others', async () => {
    const log = newLog()
    const transport = fakeTransport(() => answer(204))
    const target = defineTarget({
      ...good,
      secrets: { token: 'tok-123456' },
      requests: [
        {
          body: ({ release: { app }, secrets }) => {
            if (app === 'odd') throw new Error(`cannot say ${app} with ${secrets['token']}`)
            return { text: app }
          },
        },
      ],
    })
    const dispatcher = start(transport, { ...hooks({ url, target }), logger: log })
    const odd = await (await dispatcher.dispatch({ ...release, app: 'odd' })).settled()
    expect(odd).toMatchObject([{ state: 'dead', attempts: 0, outcome: { verdict: 'unrenderable' } }])
    const even = await (await dispatcher.dispatch({ ...release, app: 'even' })).settled()
    expect(even).toMatchObject([{ state: 'delivered' }])
    expect(log.lines.join()).toContain('cannot say odd with [masked]')
    expect(log.lines.join()).not.toContain('tok-123456')
  })

  it('ends unfinished what it was given nothing to ask by', async () => {
    const path = ({ remote }: TargetContext): string[] => [remote.id ?? '']
    const target = defineTarget({ ...good, requests: [{ id: '/id' }], poll: { ...poll, path } })
    const transport = fakeTransport(() => answer(200, undefined, '{}'))
    const dispatcher = start(transport, hooks({ url, target, waitFor: 'finished' }))
    expect(await (await dispatcher.dispatch(release)).settled()).toMatchObject([
      { state: 'dead', attempts: 1, outcome: { reason: 'unrenderable', verdict: 'unfinished' } },
    ])
  })

  it('whose predicate throws has not delivered, and says why', async () => {
    const log = newLog()
    const isAccepted = (): boolean => {
      throw new Error('no such field')
    }
    const target = defineTarget({ ...good, requests: [{ isAccepted }] })
    const options = { ...hooks({ url, target }), logger: log, retry: { refusedAttempts: 1 } }
    const dispatcher = start(
      fakeTransport(() => answer(200)),
      options,
    )
    expect(await (await dispatcher.dispatch(release)).settled()).toMatchObject([
      { state: 'dead', outcome: { reason: 'rejected', verdict: 'refused' } },
    ])
    expect(log.lines.join()).toContain('no such field')
  })

  it('begins its schedule anew for each request of a sequence', async () => {
    const target = defineTarget({ ...good, requests: [{}, {}] })
    let attempt = 0
    const transport = fakeTransport(() => answer([503, 200, 503, 200][attempt++] ?? 500))
    const retry = { delaysMs: [1, 600_000], jitter: 0 }
    const dispatcher = start(transport, { ...hooks({ url, target }), retry })
    const settled = (await dispatcher.dispatch(release)).settled()
    expect(await settled).toMatchObject([{ state: 'delivered', attempts: 4 }])
  })

  it('finds what it reads behind the part of an answer that is kept', async () => {
    const padding = 'x'.repeat(8000)
    await using server = await startHttp((_request, response) =>
      response.end(JSON.stringify({ padding, id: 'far' })),
    )
    const target = defineTarget({ ...good, requests: [{ id: '/id' }] })
    const { delivery, attempts } = await send({ url: server.origin, target })
    expect(delivery.remote).toEqual({ id: 'far' })
    expect(attempts[0]?.excerpt).toHaveLength(4096)
  })

  it.each([
    ['DONE', { state: 'delivered', outcome: { reason: 'status-200' } }],
    ['SAME', { state: 'delivered' }],
    ['BAD', { state: 'dead', outcome: { verdict: 'failed' } }],
    ['OFF', { state: 'dead', outcome: { verdict: 'failed' } }],
  ])('asks for no end that the first answer tells: %s', async (state, expected) => {
    const statuses = { DONE: 'succeeded', SAME: 'skipped', BAD: 'failed', OFF: 'canceled' } as const
    const poll = { status: '/s', statuses, everyMs: 600_000, untilMs: 600_000 }
    const target = defineTarget({ ...good, requests: [{ status: '/s' }], poll })
    const transport = fakeTransport(() => answer(200, undefined, JSON.stringify({ s: state })))
    const dispatcher = start(transport, hooks({ url, target, waitFor: 'finished' }))
    expect(await (await dispatcher.dispatch(release)).settled()).toMatchObject([expected])
    expect(transport.requests).toHaveLength(1)
  })

  it('asks as often as its target says, and keeps one attempt of answers that say the same', async () => {
    const poll = { status: '/s', statuses: { GOOD: 'succeeded' }, everyMs: 20, untilMs: 60_000 } as const
    const target = defineTarget({ ...good, poll })
    const asked: number[] = []
    const transport = fakeTransport((_request, index) => {
      asked.push(performance.now())
      if (index > 5) return answer(200, undefined, '{"s":"GOOD"}')
      return index === 0 ? answer(202) : answer(503)
    })
    const dispatcher = start(transport, { ...hooks({ url, target, waitFor: 'finished' }), breaker: false })
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 3 })
    const pauses = asked.slice(1).map((time, index) => time - (asked[index] ?? 0))
    expect(Math.min(...pauses)).toBeGreaterThan(15)
  })

  it('is asked by the id that the receiver gave, though a word of its URL stands in it, and keeps no token in it', async () => {
    const poll = {
      path: ({ remote }: TargetContext) => [remote.id ?? ''],
      status: '/s',
      statuses: { OK: 'succeeded' },
    } as const
    const target = defineTarget({
      ...good,
      secrets: { token: 'tok-123456' },
      requests: [{ id: '/id', url: '/url' }],
      poll: { ...poll, everyMs: 1, untilMs: 10_000 },
    })
    const said = { id: 'dpl-rel2-tok-123456', url: 'https://see.example/dpl-rel2-tok-123456', s: 'OK' }
    const transport = fakeTransport(() => answer(200, undefined, JSON.stringify(said)))
    const dispatcher = start(transport, hooks({ url: `${url}?branch=rel2`, target, waitFor: 'finished' }))
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    expect(delivery?.remote).toEqual({
      id: 'dpl-rel2-[masked]',
      url: 'https://see.example/dpl-[masked]-[masked]',
      status: 'succeeded',
    })
    expect(transport.requests[1]?.url).toBe('http://one.example/dpl-rel2-%5Bmasked%5D?branch=rel2')
  })

  it('puts the next question off in the store, for whichever process asks it', async () => {
    const poll = { status: '/s', statuses: { NEW: 'queued' }, everyMs: 60_000, untilMs: 600_000 } as const
    const target = defineTarget({ ...good, poll })
    const store = memoryStore()
    const transport = fakeTransport(() => answer(200, undefined, '{"s":"NEW"}'))
    const dispatcher = start(transport, { ...hooks({ url, target, waitFor: 'finished' }), store })
    const { deliveries } = await dispatcher.dispatch(release)
    const id = deliveries[0]?.id ?? ''
    await expect.poll(async () => (await store.attempts(id)).length).toBe(1)
    await dispatcher.replay(id) // asks at once
    await expect.poll(() => transport.requests.length).toBe(2)
    await expect.poll(async () => (await store.get([id]))[0]?.dueAt).toBeGreaterThan(Date.now() + 50_000)
    expect(await store.attempts(id)).toHaveLength(1)
  })

  it('has the pace and the time of its target, unless it has its own', async () => {
    const target = defineTarget({ ...good, pace: { perSecond: 3 }, deadlineMs: 60_000 })
    const transport = fakeTransport(() => answer(204))
    const own = { pace: { perSecond: 5 }, timeout: { deadlineMs: 1000 } }
    const dispatcher = start(transport, {
      ...hooks({ url, target }, { url, id: 'own', target, ...own }),
      timeout: { deadlineMs: 5000 },
    })
    expect(dispatcher.hooks().map(({ pace }) => pace?.perSecond)).toEqual([3, 5])
    await (await dispatcher.dispatch(release)).settled()
    expect(new Set(transport.requests.map(({ deadlineMs }) => deadlineMs))).toEqual(new Set([1000, 60_000]))
  })

  it('is not disabled, and no worse for the breaker, by what becomes of the releases that it took', async () => {
    const poll = { status: '/s', statuses: { BAD: 'failed' }, everyMs: 1, untilMs: 1000 } as const
    const target = defineTarget({ ...good, poll })
    const dispatcher = start(
      fakeTransport(() => answer(200, undefined, '{"s":"BAD"}')),
      {
        ...hooks({ url, target, waitFor: 'finished' }),
        breaker: { minimum: 2 },
      },
    )
    for (let version = 1; version <= 5; version += 1)
      expect(await (await dispatcher.dispatch({ ...release, version })).settled()).toMatchObject([
        { state: 'dead', outcome: { verdict: 'failed' } },
      ])
    expect(dispatcher.hooks()[0]).toMatchObject({ breaker: { state: 'closed', failures: 0 } })
    expect(dispatcher.hooks()[0]?.failingSince).toBeUndefined()
  })
})

describe('a URL of a chat without a target', () => {
  it.each([
    ['https://hooks.slack.com/services/T0001/B0001/secretsecret', 'slack'],
    ['https://discord.com/api/webhooks/1234/secretsecret', 'discord'],
    ['https://canary.discord.com/api/v10/webhooks/1234/secretsecret', 'discord'],
  ])('%s is warned about, and its path is not shown', (url, name) => {
    const log = newLog()
    const dispatcher = start(
      fakeTransport(() => answer(200)),
      { hooks: [url], logger: log },
    )
    expect(log.lines).toHaveLength(1)
    expect(log.lines[0]).toContain(`target: ${name}()`)
    expect(dispatcher.hooks()[0]?.url).toBe(`${new URL(url).origin}/\u2026`)
    expect(JSON.stringify([log.lines, dispatcher.hooks()])).not.toContain('secretsecret')
  })

  it.each([
    'https://slack.com/services/x',
    'https://hooks.slack.com.example/services/T/B/x',
    'https://discord.com/x',
  ])('%s is none', (url) => {
    const log = newLog()
    start(
      fakeTransport(() => answer(200)),
      { hooks: [url], logger: log },
    )
    expect(log.lines).toEqual([])
  })
})
