import { describe, expect, it } from 'vitest'
import { githubDeployment, githubDispatch, type GithubDeploymentOptions } from '../../src/targets/index.ts'
import { startPlatform, type Platform } from '../../src/testing/index.ts'
import { release, send } from './sending.ts'

const token = 'ghp_0vJk3mQ8xWz'
const repository = 'acme/web'

function deployment({ origin }: Platform, options: Partial<GithubDeploymentOptions> = {}) {
  return githubDeployment({ repository, token, apiUrl: origin, ...options })
}

function bodies({ received }: Platform): readonly Record<string, unknown>[] {
  return received.map(({ body }) => JSON.parse(body) as Record<string, unknown>)
}

describe('a repository_dispatch of GitHub', () => {
  it('is a POST with the release in client_payload, and delivered at 204', async () => {
    await using platform = await startPlatform('github')
    const { delivery } = await send({
      target: githubDispatch({ repository, token, apiUrl: platform.origin }),
    })
    const [request] = platform.received
    expect(request).toMatchObject({ method: 'POST', path: '/repos/acme/web/dispatches', query: {} })
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${token}`,
      accept: 'application/vnd.github+json',
      'content-type': 'application/json',
      'x-github-api-version': '2022-11-28',
    })
    expect(request?.headers['user-agent']).toMatch(/^deploy-hooks\//u)
    expect(bodies(platform)).toEqual([
      {
        event_type: 'release',
        client_payload: { release: delivery.release, delivery_id: delivery.id },
      },
    ])
    expect(delivery).toMatchObject({ state: 'delivered', outcome: { reason: 'status-204' } })
    expect(delivery.remote).toBeUndefined()
  })

  it('is at api.github.com, unless it is told of another place', () => {
    expect(githubDispatch({ repository, token }).url).toBe('https://api.github.com/repos/acme/web')
    expect(githubDispatch({ repository, token, apiUrl: 'https://git.example.com/api/v3/' }).url).toBe(
      'https://git.example.com/api/v3/repos/acme/web',
    )
  })

  it.each(['acme', 'acme/', '/web', 'acme/web/x', 'acme/..', ''])('takes no repository %j', (wrong) => {
    expect(() => githubDispatch({ repository: wrong, token })).toThrow(
      expect.objectContaining({ code: 'option_invalid', option: 'githubDispatch.repository' }),
    )
  })

  it('takes an event and a payload of its own, made of the release', async () => {
    await using platform = await startPlatform('github')
    const target = githubDispatch({
      repository,
      token,
      apiUrl: platform.origin,
      eventType: ({ release: { environment } }) => `deploy-${environment}`,
      payload: ({ release: { sha } }) => ({ sha }),
    })
    await send({ target })
    expect(bodies(platform)).toEqual([
      { event_type: 'deploy-production', client_payload: { sha: release.sha } },
    ])
  })

  it.each([
    ['of eleven properties', Object.fromEntries(Array.from('abcdefghijk', (name) => [name, 1]))],
    ['of over 64 KB', { text: 'x'.repeat(64 * 1024) }],
  ])('is not sent with a payload %s', async (_what, payload) => {
    await using platform = await startPlatform('github')
    const target = githubDispatch({ repository, token, apiUrl: platform.origin, payload })
    const { delivery } = await send({ target })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'unrenderable' } })
    expect(platform.received).toEqual([])
  })

  it('cuts long texts, between characters, and leaves out `meta` when there is too much', async () => {
    await using platform = await startPlatform('github')
    const meta = Object.fromEntries(
      Array.from({ length: 40 }, (_each, index) => [`m${index}`, 'x'.repeat(2000)]),
    )
    const { delivery } = await send(
      { target: githubDispatch({ repository, token, apiUrl: platform.origin }) },
      { summary: `x${'\u{1F680}'.repeat(999)}`, meta },
    )
    expect(delivery.state).toBe('delivered')
    const [{ client_payload: payload } = {}] = bodies(platform)
    expect(payload).toEqual({
      release: {
        ...Object.fromEntries(Object.entries(delivery.release).filter(([name]) => name !== 'meta')),
        summary: `x${'\u{1F680}'.repeat(399)}\u2026`,
      },
      delivery_id: delivery.id,
    })
  })

  it('is not tried again at a 200, which may have started it, nor at a 404 in plain text', async () => {
    await using platform = await startPlatform('github')
    const target = githubDispatch({ repository, token, apiUrl: platform.origin })
    platform.answerNext({ status: 404, body: 'Not Found', headers: { 'content-type': 'text/plain' } })
    const { delivery } = await send({ target })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      outcome: { reason: 'status-404', verdict: 'refused' },
      remote: { error: 'Not Found' },
    })
    platform.answerNext({ status: 200, body: {} })
    const { delivery: other } = await send({ target })
    expect(other).toMatchObject({ state: 'dead', outcome: { reason: 'status-200', verdict: 'ambiguous' } })
  })

  it('tells why it was refused', async () => {
    await using platform = await startPlatform('github')
    const message = 'Validation Failed'
    platform.answerNext({ status: 422, body: { message, errors: [{ message: 'No ref found for: x' }] } })
    const { delivery } = await send({
      target: githubDispatch({ repository, token, apiUrl: platform.origin }),
    })
    expect(delivery).toMatchObject({ state: 'dead', attempts: 1, remote: { error: 'No ref found for: x' } })
  })
})

describe('a deployment of GitHub', () => {
  it('is made, and then its status', async () => {
    await using platform = await startPlatform('github')
    const { delivery, attempts } = await send({ target: deployment(platform) }, { deployment: 'd-7' })
    expect(platform.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /repos/acme/web/deployments',
      'POST /repos/acme/web/deployments/1/statuses',
    ])
    for (const { headers } of platform.received)
      expect(headers).toMatchObject({
        authorization: `Bearer ${token}`,
        'x-github-api-version': '2022-11-28',
      })
    expect(bodies(platform)).toEqual([
      {
        ref: release.sha,
        task: 'deploy',
        auto_merge: false,
        required_contexts: [],
        environment: 'production',
        description: 'gabrtv deployed 35b3726',
        payload: { app: 'web', version: 'v4', deployment: 'd-7' },
      },
      {
        state: 'in_progress',
        description: 'gabrtv deployed 35b3726',
        environment_url: release.url,
        log_url: release.logUrl,
      },
    ])
    expect(delivery).toMatchObject({ state: 'delivered', remote: { id: '1' }, attempts: 2 })
    expect(attempts.map(({ step, outcome }) => [step, outcome.kind])).toEqual([
      [1, 'accepted'],
      [2, 'delivered'],
    ])
  })

  it.each([
    ['succeeded', 'success'],
    ['failed', 'failure'],
    ['rolled-back', 'inactive'],
  ] as const)('of a release that is %s is %s', async (stage, state) => {
    await using platform = await startPlatform('github')
    await send({ target: deployment(platform), after: stage }, { stage })
    expect(bodies(platform)[1]).toMatchObject({ state })
  })

  it('takes ref, environment and state of its own', async () => {
    await using platform = await startPlatform('github')
    const target = deployment(platform, {
      ref: ({ release: { version } }) => `refs/tags/${version}`,
      environment: 'review/7',
      state: 'queued',
    })
    await send({ target }, { sha: null, environment: null, url: null, logUrl: null })
    expect(bodies(platform)).toMatchObject([
      { ref: 'refs/tags/v4', environment: 'review/7' },
      { state: 'queued' },
    ])
    expect(bodies(platform)[1]).not.toHaveProperty('log_url')
  })

  it('cannot be made of a release without a commit, unless it is told of what', async () => {
    await using platform = await startPlatform('github')
    const { delivery, told } = await send({ target: deployment(platform) }, { sha: null })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'unrenderable' } })
    expect(told).toContain('Expected a `ref` for a release that has no commit')
    expect(platform.received).toEqual([])
  })

  it('is made once, however often its status is refused for the moment', async () => {
    await using platform = await startPlatform('github')
    platform.answerNext({ status: 201, body: { id: 42 } })
    platform.answerNext({ status: 503, body: 'Unicorn!' })
    platform.answerNext({ status: 503 })
    platform.answerNext({ status: 201, body: { id: 7, state: 'in_progress' } })
    const { delivery } = await send({ target: deployment(platform) })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 4, remote: { id: '42' } })
    const paths = platform.received.map(({ path }) => path.replace('/repos/acme/web', ''))
    expect(paths).toEqual(['/deployments', ...Array.from({ length: 3 }, () => '/deployments/42/statuses')])
    const keys = platform.received.map(({ headers }) => headers['idempotency-key'])
    expect(new Set(keys)).toEqual(new Set([`"${delivery.id}"`, `"${delivery.id}/2"`]))
  })

  it('is made once, also when the answer to its status did not come: that is set again', async () => {
    await using platform = await startPlatform('github')
    platform.answerNext({ status: 201, body: { id: 1 } })
    platform.answerNext('hang')
    platform.answerNext({ status: 502 })
    platform.answerNext({ status: 201, body: { id: 1 } })
    const { delivery } = await send({ target: deployment(platform), timeout: { deadlineMs: 500 } })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 4 })
    expect(platform.received.filter(({ path }) => path.endsWith('/deployments'))).toHaveLength(1)
  })

  it('is asked for again at 202: GitHub merged, and made none', async () => {
    await using platform = await startPlatform('github')
    platform.answerNext({ status: 202, body: { message: 'Auto-merged main into topic on deployment.' } })
    const { delivery, attempts } = await send({ target: deployment(platform) })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 3 })
    expect(attempts[0]).toMatchObject({
      outcome: { kind: 'retry', reason: 'status-202' },
      remote: { error: 'Auto-merged main into topic on deployment.' },
    })
  })

  it('has no status when its answer names no deployment', async () => {
    await using platform = await startPlatform('github')
    platform.answerNext({ status: 201, body: '' })
    const { delivery } = await send({ target: deployment(platform) })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'unrenderable' } })
    expect(platform.received).toHaveLength(1)
  })

  it('is not tried again at a conflict', async () => {
    await using platform = await startPlatform('github')
    platform.answerNext({ status: 409, body: { message: 'Conflict merging main into topic-branch.' } })
    const { delivery } = await send({ target: deployment(platform) })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      remote: { error: 'Conflict merging main into topic-branch.' },
    })
  })

  it('is described in 140 characters', async () => {
    await using platform = await startPlatform('github')
    await send({ target: deployment(platform) }, { summary: '\u{1F680}'.repeat(1000) })
    const description = `${'\u{1F680}'.repeat(69)}\u2026`
    expect(bodies(platform)).toMatchObject([{ description }, { description }])
  })
})
