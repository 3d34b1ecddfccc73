import nock from 'nock'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDispatcher, signUrl, type DispatcherOptions, type HookOptions } from '../../src/index.ts'
import { version } from '../../src/version.ts'

const release = { app: 'secure-woodland', version: 4, user: 'gabrtv', sha: '35b3726' }
const query = 'app=secure-woodland&release=v4&release_summary=gabrtv+deployed+35b3726&sha=35b3726&user=gabrtv'

beforeEach(() => nock.disableNetConnect())
afterEach(() => {
  nock.cleanAll()
  nock.enableNetConnect()
})
afterAll(() => nock.restore()) // it stands in for the sockets of the whole process, and of other files in it

async function outcomeOf(hook: HookOptions, options: Partial<DispatcherOptions> = {}): Promise<unknown> {
  const logger = { warn: () => {}, error: () => {} }
  await using dispatcher = createDispatcher({
    hooks: [hook],
    logger,
    retry: { delaysMs: [1, 1, 1] },
    ...options,
  })
  const [delivery] = await (await dispatcher.dispatch(release)).settled()
  return { ...delivery?.outcome, attempts: delivery?.attempts }
}

describe('the exchange', () => {
  it('is what Deis sends, signed, and names its sender and its delivery', async () => {
    const secret = 'my_secret_key'
    const url = `http://hooks.example.com/deploy?${query}`
    const scope = nock('http://hooks.example.com', {
      reqheaders: {
        authorization: signUrl(url, { secret }),
        'user-agent': `deploy-hooks/${version}`,
        'idempotency-key': /^"dlv_[0-9a-f]{32}"$/u,
        'content-length': '0',
      },
    })
      .post(`/deploy?${query}`, '')
      .reply(204)
    expect(await outcomeOf({ url: 'http://hooks.example.com/deploy', secret })).toMatchObject({
      kind: 'delivered',
    })
    scope.done()
  })

  it('is signed with the first of several secrets', async () => {
    const url = `http://hooks.example.com/deploy?${query}`
    const authorization = signUrl(url, { secret: 'new', algorithm: 'sha1' })
    const scope = nock('http://hooks.example.com', { reqheaders: { authorization } })
      .post(`/deploy?${query}`)
      .reply(200)
    await outcomeOf({ url: 'http://hooks.example.com/deploy', secret: ['new', 'old'], algorithm: 'sha1' })
    scope.done()
  })

  it('has no Authorization without a secret', async () => {
    const scope = nock('http://hooks.example.com', { badheaders: ['authorization'] })
      .post(`/deploy?${query}`)
      .reply(200)
    await outcomeOf({ url: 'http://hooks.example.com/deploy' })
    scope.done()
  })

  it('in the deis dialect signs the URL as typed', async () => {
    const signed = `http://Deis.ROCKS?${query}`
    const authorization = signUrl(signed, { secret: 'k', algorithm: 'sha1' })
    const scope = nock('http://deis.rocks', { reqheaders: { authorization } }).post(`/?${query}`).reply(200)
    await outcomeOf({ url: 'http://Deis.ROCKS', secret: 'k', algorithm: 'sha1', dialect: 'deis' })
    scope.done()
  })

  it.each([
    ['delivered after a 503', [503, 200], { kind: 'delivered', reason: 'status-200', attempts: 2 }],
    ['dead after three 404s', [404, 404, 404], { kind: 'dead', verdict: 'refused', attempts: 3 }],
    [
      'dead after three redirects, none of them followed',
      [302, 302, 302],
      { kind: 'dead', reason: 'status-302', attempts: 3 },
    ],
    [
      'dead when the schedule is used up',
      [500, 502, 504, 429],
      { kind: 'dead', verdict: 'exhausted', attempts: 4 },
    ],
    ['dead at once after 410', [410], { kind: 'dead', verdict: 'gone', attempts: 1 }],
  ])('is %s', async (_name, statuses, expected) => {
    const scope = nock('http://hooks.example.com')
    for (const status of statuses)
      scope.post(`/deploy?${query}`).reply(status, '', { location: 'https://elsewhere.example/' })
    expect(await outcomeOf({ url: 'http://hooks.example.com/deploy', secret: 'k' })).toMatchObject(expected)
    scope.done()
  })
})
