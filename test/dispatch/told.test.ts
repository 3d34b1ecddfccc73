import { describe, expect, it, vi } from 'vitest'
import { defineTarget } from '../../src/targets/index.ts'
import { answer, failure, fakeTransport } from './fake-transport.ts'
import { newLog, release, secret, start } from './started.ts'

const url = 'http://one.example/'
const asked = defineTarget({
  name: 'asked',
  repeat: 'duplicates',
  requests: [{ accepts: [201], id: '/id', error: '/message', sign: 'hub-sha256' }],
  poll: { status: '/s', statuses: { on: 'running', done: 'succeeded' }, everyMs: 200, untilMs: 10_000 },
})
const said = (status: number, body: object): ReturnType<typeof answer> =>
  answer(status, undefined, JSON.stringify(body))
const retry = { delaysMs: [60_000], refusedAttempts: 1 }

describe('what a receiver tells of a release', () => {
  it('holds up nothing of a hook that was disabled meanwhile, though it was no news and asked for time', async () => {
    const gate = Promise.withResolvers<ReturnType<typeof answer>>()
    const transport = fakeTransport((_request, index) =>
      index === 0 ? said(201, { id: 7 }) : index === 1 ? answer(503) : gate.promise,
    )
    const dispatcher = start(transport, {
      hooks: [{ url, id: 'one', target: asked, waitFor: 'finished', concurrency: 1 }],
      retry,
    })
    await dispatcher.dispatch(release)
    await vi.waitFor(() => expect(transport.requests).toHaveLength(3), { timeout: 5000 })
    const next = await dispatcher.dispatch({ ...release, version: 5 })
    await dispatcher.disable('one')
    gate.resolve(answer(503, '5'))
    const signal = AbortSignal.timeout(2000)
    expect(await next.settled({ signal })).toMatchObject([{ outcome: { verdict: 'hook-disabled' } }])
  })

  it('is masked also where it is cut', async () => {
    const told = { message: `${'x'.repeat(490)} ${secret}` }
    const dispatcher = start(
      fakeTransport(() => said(400, told)),
      { hooks: [{ url, target: asked }], retry },
    )
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    expect(delivery?.remote?.error).toMatch(/^x+ \[masked\]$/u)
  })

  it('holds no signature', async () => {
    let signature = ''
    const log = newLog()
    const transport = fakeTransport((request) => {
      signature = request.headers['x-hub-signature-256']?.slice('sha256='.length) ?? ''
      return said(400, { message: `no such signature: ${signature}` })
    })
    const dispatcher = start(transport, { hooks: [{ url, target: asked }], retry, logger: log })
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    expect(signature).toHaveLength(64)
    expect(delivery?.remote?.error).toBe('no such signature: [masked]')
    expect(log.lines.join()).not.toContain(signature)
  })

  it('has a status of its own words, whatever the URL holds', async () => {
    const transport = fakeTransport((_request, index) =>
      index === 0 ? said(201, { id: 7 }) : said(200, { s: 'done' }),
    )
    const hooks = [{ url: `${url}?only=succeeded`, target: asked, waitFor: 'finished' as const }]
    const dispatcher = start(transport, { hooks })
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    expect(delivery?.remote?.status).toBe('succeeded')
  })
})

describe('a question that has no answer', () => {
  it.each([failure('timeout'), answer(503)])(
    'is no sign that the receiver answers again: %o',
    async (came) => {
      const transport = fakeTransport(({ method }, index) =>
        method === 'GET' ? came : index === 0 ? said(201, { id: 7 }) : answer(503),
      )
      const hooks = [{ url, target: asked, waitFor: 'finished' as const, breaker: false as const }]
      const dispatcher = start(transport, { hooks, retry })
      await dispatcher.dispatch(release)
      await expect.poll(() => transport.requests.length).toBeGreaterThan(0)
      await dispatcher.dispatch({ ...release, version: 5 })
      await expect.poll(() => dispatcher.hooks()[0]?.failingSince).toBeDefined()
      await expect
        .poll(() => transport.requests.filter(({ method }) => method === 'GET').length)
        .toBeGreaterThan(1)
      expect(dispatcher.hooks()[0]?.failingSince).toBeDefined()
    },
  )
})
