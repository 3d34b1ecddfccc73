import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  datadogDeployment,
  grafanaAnnotation,
  honeybadgerDeploy,
  newRelicDeployment,
  rollbarDeploy,
  sentryDeploy,
  type Target,
} from '../../src/targets/index.ts'
import { startPlatform, type Platform, type PlatformName } from '../../src/testing/index.ts'
import { anyRelease } from './any-release.ts'
import { release, send } from './sending.ts'
import { runs } from '../runs.ts'

type Credentials = Platform['credentials']

const token = ({ token: given = '' }: Credentials): string => given
const apiKey = ({ apiKey: given = '' }: Credentials): string => given
const sentry = (given: Credentials, more: Partial<Parameters<typeof sentryDeploy>[0]> = {}): Target =>
  sentryDeploy({ token: token(given), organization: 'acme', projects: ['web'], ...more })
const newRelic = (given: Credentials): Target =>
  newRelicDeployment({ apiKey: apiKey(given), entityGuid: given['entityGuid'] ?? '' })

/** Each marker with its emulator, an id that it tells, and how it words a wrong token. */
const markers: readonly {
  readonly name: PlatformName
  readonly make: (credentials: Credentials) => Target
  readonly id: string | undefined
  readonly requests: number
  readonly refusal: readonly [status: number, error: string]
}[] = [
  { name: 'sentry', make: sentry, id: 'dp-1', requests: 2, refusal: [401, 'Invalid token'] },
  {
    name: 'datadog',
    make: (given) => datadogDeployment({ apiKey: apiKey(given), repository: 'https://github.com/acme/web' }),
    id: 'dp-1',
    requests: 1,
    refusal: [403, 'Forbidden'],
  },
  {
    name: 'grafana',
    make: (given) => grafanaAnnotation({ token: token(given) }),
    id: '1',
    requests: 1,
    refusal: [401, 'Invalid API key'],
  },
  {
    name: 'honeybadger',
    make: (given) => honeybadgerDeploy({ apiKey: apiKey(given) }),
    id: undefined,
    requests: 1,
    refusal: [403, 'Invalid API key'],
  },
  {
    name: 'rollbar',
    make: (given) => rollbarDeploy({ token: token(given) }),
    id: '1',
    requests: 1,
    refusal: [403, 'invalid access token'],
  },
  {
    name: 'new-relic',
    make: newRelic,
    id: 'dp-1',
    requests: 1,
    refusal: [401, 'The API key provided is invalid'],
  },
]

describe.each(markers)('a deploy marker of $name', ({ name, make, id, requests, refusal }) => {
  it('is delivered, and tells its id', async () => {
    await using platform = await startPlatform(name)
    const { delivery } = await send({ url: platform.origin, target: make(platform.credentials) })
    expect(delivery).toMatchObject({ state: 'delivered' })
    expect(delivery.remote?.id).toBe(id)
    expect(platform.received).toHaveLength(requests)
  })

  it('is refused once where its token is wrong, in the words of the platform', async () => {
    await using platform = await startPlatform(name)
    const wrong = { ...platform.credentials, token: 'wrong-token', apiKey: 'wrong-token' }
    const { delivery } = await send({ url: platform.origin, target: make(wrong) })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      outcome: { reason: `status-${refusal[0]}`, verdict: 'refused' },
      remote: { error: refusal[1] },
    })
  })

  it('is repeated after a timeout, since a second marker does no harm, with the same bytes', async () => {
    await using platform = await startPlatform(name)
    platform.answerNext('hang')
    const target = make(platform.credentials)
    const { delivery } = await send({ url: platform.origin, target, timeout: { deadlineMs: 500 } })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: requests + 1 })
    const [first, second] = platform.received
    expect(second?.body).toBe(first?.body)
    expect(target.repeat).toBe('duplicates')
  })

  it.each(['1', '0.5'])('is repeated after 429 with Retry-After: %s', async (seconds) => {
    await using platform = await startPlatform(name)
    platform.answerNext({ status: 429, headers: { 'retry-after': seconds }, body: 'slow down' })
    const { delivery, attempts } = await send({ url: platform.origin, target: make(platform.credentials) })
    expect(delivery.state).toBe('delivered')
    expect(attempts[0]).toMatchObject({ status: 429, outcome: { kind: 'retry' } })
  })

  it.each([
    [301, '', 'status-301', 'refused'],
    [302, 'over there', 'status-302', 'refused'],
    [203, '{}', 'status-203', 'refused'],
    [404, 'no such page', 'status-404', 'refused'],
    [410, 'gone', 'status-410', 'gone'],
  ])('is not delivered by %i', async (status, body, reason, verdict) => {
    await using platform = await startPlatform(name)
    for (let times = 0; times < 9; times += 1) platform.answerNext({ status, body })
    const { delivery } = await send({ url: platform.origin, target: make(platform.credentials) })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason, verdict } })
  })

  it('shows its token nowhere, whatever the answers say', async () => {
    await using platform = await startPlatform(name)
    const secret = platform.credentials['token'] ?? platform.credentials['apiKey'] ?? ''
    const echo = {
      message: secret,
      detail: secret,
      error: secret,
      errors: [secret],
      data: { id: secret },
      id: secret,
    }
    platform.answerNext({ status: 500, body: `bad: ${secret}` })
    platform.answerNext({ status: 400, body: echo })
    platform.answerNext({ status: 200, body: echo })
    const { told } = await send({ url: platform.origin, target: make(platform.credentials) })
    expect(told).toContain('[masked]')
    expect(told).not.toContain(secret)
  })

  it('is made of any release', async () => {
    await using platform = await startPlatform(name)
    await fc.assert(
      fc.asyncProperty(anyRelease, async (given) => {
        const { delivery } = await send(
          { url: platform.origin, target: make(platform.credentials), after: stages },
          { ...release, sha: undefined, ...given },
        )
        expect(delivery.remote?.error).toBeUndefined()
        expect(delivery).toMatchObject({ state: 'delivered', attempts: requests })
      }),
      runs(12),
    )
  })
})

const stages = ['released', 'succeeded', 'failed', 'rolled-back'] as const
const bodyOf = (platform: Platform, index = 0): unknown => JSON.parse(platform.received[index]?.body ?? '')

describe('a deploy in Sentry', () => {
  it('is a release and then its deploy, at the version that the commit is', async () => {
    await using platform = await startPlatform('sentry')
    const target = sentry(platform.credentials, { repository: 'acme/web' })
    const { attempts } = await send({ url: platform.origin, target })
    expect(platform.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/0/organizations/acme/releases/',
      `POST /api/0/organizations/acme/releases/${release.sha}/deploys/`,
    ])
    expect(platform.received[0]?.headers).toMatchObject({
      authorization: `Bearer ${platform.credentials['token']}`,
      'content-type': 'application/json',
    })
    expect(bodyOf(platform)).toEqual({
      version: release.sha,
      ref: release.sha,
      refs: [{ repository: 'acme/web', commit: release.sha }],
      projects: ['web'],
    })
    expect(bodyOf(platform, 1)).toEqual({
      environment: 'production',
      name: 'v4',
      url: 'https://web.example.com',
      dateFinished: '2026-11-21T12:00:00.000Z',
    })
    expect(attempts.map(({ step, status }) => [step, status])).toEqual([
      [1, 201],
      [2, 201],
    ])
  })

  it('takes a release that Sentry knows, and repeats only the deploy when that was cut off', async () => {
    await using platform = await startPlatform('sentry')
    const hook = { url: platform.origin, target: sentry(platform.credentials) }
    await send(hook)
    platform.answerNext({ status: 208, body: { version: release.sha } })
    platform.answerNext('cut')
    const { attempts } = await send(hook, { version: 5 })
    expect(attempts.map(({ step, status }) => [step, status])).toEqual([
      [1, 208],
      [2, undefined],
      [2, 201],
    ])
  })

  it.each([
    ['web@v4', 'web%40v4'],
    ['a/b\\c\nd', 'a-b-c-d'],
    ['.', 'release-.'],
    ['..', 'release-..'],
    ['Latest', 'release-Latest'],
    [' 1 ü ', '1%20%C3%BC'],
    ['💥'.repeat(101), encodeURIComponent('💥'.repeat(100))],
  ])('is of a version that Sentry takes for %j', async (version, segment) => {
    await using platform = await startPlatform('sentry')
    const target = sentry(platform.credentials, { version: () => version })
    const { delivery } = await send({ url: platform.origin, target })
    expect(delivery.state).toBe('delivered')
    expect(platform.received[1]?.path).toBe(`/api/0/organizations/acme/releases/${segment}/deploys/`)
  })

  it('names the app and its version where there is no commit', async () => {
    await using platform = await startPlatform('sentry')
    await send({ url: platform.origin, target: sentry(platform.credentials) }, { sha: undefined })
    expect(bodyOf(platform)).toEqual({ version: 'web@v4', projects: ['web'] })
  })

  it('tells which project Sentry does not know', async () => {
    await using platform = await startPlatform('sentry')
    const { delivery } = await send({
      url: platform.origin,
      target: sentry(platform.credentials, { projects: ['nobody'] }),
    })
    expect(delivery).toMatchObject({ state: 'dead', remote: { error: 'Invalid project slugs' } })
  })
})

describe('a deployment in Datadog', () => {
  it('has the times in nanoseconds, and the commit with its repository', async () => {
    await using platform = await startPlatform('datadog')
    const target = datadogDeployment({
      apiKey: apiKey(platform.credentials),
      service: ({ release: { app } }) => `${app}-api`,
      repository: 'https://github.com/acme/web',
      startedAt: () => Date.parse('2026-11-21T11:58:30.123Z'),
    })
    const { delivery } = await send(
      { url: platform.origin, target, after: 'succeeded' },
      { stage: 'succeeded' },
    )
    expect(platform.received[0]).toMatchObject({
      method: 'POST',
      path: '/api/v2/dora/deployment',
      headers: { 'dd-api-key': platform.credentials['apiKey'] },
    })
    expect(bodyOf(platform)).toEqual({
      data: {
        attributes: {
          id: delivery.id,
          service: 'web-api',
          env: 'production',
          version: 'v4',
          started_at: 1_795_262_310_123 * 1e6,
          finished_at: 1_795_262_400_000 * 1e6,
          git: { commit_sha: release.sha, repository_url: 'https://github.com/acme/web' },
          custom_tags: ['stage:succeeded'],
        },
      },
    })
    expect(platform.received[0]?.body).toContain('"started_at":1795262310123000000,')
  })

  it('is at the site that it is told, and is accepted by 202 without a body', async () => {
    expect(datadogDeployment({ apiKey: 'dd_5f0c', site: 'datadoghq.eu' }).url).toBe(
      'https://api.datadoghq.eu',
    )
    await using platform = await startPlatform('datadog')
    platform.answerNext({ status: 202 })
    const target = datadogDeployment({ apiKey: apiKey(platform.credentials) })
    const { delivery } = await send({ url: platform.origin, target }, { sha: '35b3726' })
    expect(delivery.state).toBe('delivered')
    expect(platform.received[0]?.body).not.toContain('git')
  })
})

describe('an annotation in Grafana', () => {
  it('is plain text, with tags', async () => {
    await using platform = await startPlatform('grafana')
    const target = grafanaAnnotation({
      token: token(platform.credentials),
      tags: ({ release: { user } }) => [user],
      dashboardUid: 'jcIIG-07z',
      panelId: 2,
    })
    const summary = 'gabrtv <img src=x onerror="alert(1)"> & more'
    await send({ url: `${platform.origin}/grafana/`, target }, { summary })
    expect(platform.received[0]).toMatchObject({ method: 'POST', path: '/grafana/api/annotations' })
    expect(bodyOf(platform)).toEqual({
      dashboardUID: 'jcIIG-07z',
      panelId: 2,
      time: Date.parse('2026-11-21T12:00:00Z'),
      tags: ['deploy', 'app:web', 'environment:production', 'gabrtv'],
      text: 'gabrtv &lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; more',
    })
  })

  it('leaves tags out for which Grafana has no room', async () => {
    await using platform = await startPlatform('grafana')
    const tags = Array.from({ length: 40 }, (_, index) => `tag-${index}-${'部'.repeat(40)}`)
    const target = grafanaAnnotation({ token: token(platform.credentials), tags })
    const { delivery } = await send({ url: platform.origin, target })
    expect(delivery.state).toBe('delivered')
    expect((bodyOf(platform) as { tags: string[] }).tags).toHaveLength(7)
  })

  it('is refused by 200 with a page in the place of JSON', async () => {
    await using platform = await startPlatform('grafana')
    for (let times = 0; times < 9; times += 1) platform.answerNext({ status: 200, body: '<h1>Log in</h1>' })
    const { delivery } = await send({
      url: platform.origin,
      target: grafanaAnnotation({ token: token(platform.credentials) }),
    })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'rejected' } })
  })
})

describe('a deploy in Honeybadger', () => {
  it('is a form', async () => {
    await using platform = await startPlatform('honeybadger')
    const target = honeybadgerDeploy({
      apiKey: apiKey(platform.credentials),
      repository: 'https://github.com/acme/web',
    })
    await send({ url: platform.origin, target })
    const [request] = platform.received
    expect(request).toMatchObject({
      method: 'POST',
      path: '/v1/deploys',
      headers: { 'x-api-key': platform.credentials['apiKey'] },
    })
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      'deploy[environment]': 'production',
      'deploy[revision]': release.sha,
      'deploy[repository]': 'https://github.com/acme/web',
      'deploy[local_username]': 'gabrtv',
    })
  })
})

describe('a deploy in Rollbar', () => {
  it.each([
    ['released', 'started'],
    ['succeeded', 'succeeded'],
    ['failed', 'failed'],
    ['rolled-back', 'failed'],
  ] as const)('of a release that is %s has the status %s', async (stage, status) => {
    await using platform = await startPlatform('rollbar')
    const target = rollbarDeploy({ token: token(platform.credentials), rollbarUser: 'gabriel' })
    await send({ url: platform.origin, target, after: stages }, { stage, summary: 'gabrtv deployed' })
    expect(platform.received[0]).toMatchObject({
      method: 'POST',
      path: '/api/1/deploy',
      headers: { 'x-rollbar-access-token': platform.credentials['token'] },
    })
    expect(bodyOf(platform)).toEqual({
      environment: 'production',
      revision: release.sha,
      local_username: 'gabrtv',
      rollbar_username: 'gabriel',
      comment: 'gabrtv deployed',
      status,
    })
  })

  it.each([
    [{ err: 1, message: 'project is disabled' }, 'project is disabled'],
    ['', undefined],
  ])('is refused by 200 with %j', async (body, error) => {
    await using platform = await startPlatform('rollbar')
    for (let times = 0; times < 9; times += 1) platform.answerNext({ status: 200, body })
    const { delivery } = await send({
      url: platform.origin,
      target: rollbarDeploy({ token: token(platform.credentials) }),
    })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'rejected', verdict: 'refused' } })
    expect(delivery.remote?.error).toBe(error)
  })

  it('is accepted without an id, as older answers are, whatever their Content-Type says', async () => {
    await using platform = await startPlatform('rollbar')
    platform.answerNext({ status: 200, headers: { 'content-type': 'text/html' }, body: '{"data":{}}' })
    const { delivery } = await send({
      url: platform.origin,
      target: rollbarDeploy({ token: token(platform.credentials) }),
    })
    expect(delivery.state).toBe('delivered')
  })
})

describe('a deployment in New Relic', () => {
  it('is a mutation with the release in its variables', async () => {
    await using platform = await startPlatform('new-relic')
    await send(
      { url: platform.origin, target: newRelic(platform.credentials) },
      { summary: 'it is "done" }' },
    )
    expect(platform.received[0]).toMatchObject({
      method: 'POST',
      path: '/graphql',
      headers: { 'api-key': platform.credentials['apiKey'] },
    })
    const { query, variables } = bodyOf(platform) as { query: string; variables: unknown }
    expect(query).not.toContain('done')
    expect(variables).toEqual({
      deployment: {
        entityGuid: platform.credentials['entityGuid'],
        version: 'v4',
        commit: release.sha,
        user: 'gabrtv',
        description: 'it is "done" }',
        changelog: release.diffUrl,
        deepLink: release.logUrl,
        timestamp: Date.parse('2026-11-21T12:00:00Z'),
      },
    })
  })

  it('is refused by 200 with errors, and repeated where the fault is the server’s', async () => {
    await using platform = await startPlatform('new-relic')
    const errors = [{ message: 'Something went wrong', extensions: { errorClass: 'SERVER_ERROR' } }]
    platform.answerNext({ status: 200, body: { data: null, errors } })
    const target = newRelicDeployment({ apiKey: apiKey(platform.credentials), entityGuid: 'nobody' })
    const { delivery, attempts } = await send({ url: platform.origin, target })
    expect(delivery).toMatchObject({ state: 'dead', remote: { error: 'Entity not found' } })
    expect(attempts[0]).toMatchObject({
      outcome: { kind: 'retry', reason: 'rejected' },
      remote: { error: 'Something went wrong' },
    })
  })
})
