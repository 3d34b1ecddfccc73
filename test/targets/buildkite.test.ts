import { describe, expect, it } from 'vitest'
import { buildkite, type BuildkiteOptions } from '../../src/targets/index.ts'
import { startPlatform, type Platform } from '../../src/testing/index.ts'
import { impatient, release, send } from './sending.ts'

const token = 'bkua_9d21c07f4e'

function build({ origin }: Platform, options: Partial<BuildkiteOptions> = {}) {
  return buildkite({ organization: 'acme', pipeline: 'deploy', token, apiUrl: `${origin}/v2`, ...options })
}

describe('a build of Buildkite', () => {
  it('is a POST with commit, branch, message and environment', async () => {
    await using platform = await startPlatform('buildkite')
    const { delivery } = await send({ target: build(platform) })
    const [request] = platform.received
    expect(request).toMatchObject({
      method: 'POST',
      path: '/v2/organizations/acme/pipelines/deploy/builds',
      query: {},
    })
    expect(request?.headers['authorization']).toBe(`Bearer ${token}`)
    expect(JSON.parse(request?.body ?? '')).toMatchObject({
      commit: release.sha,
      branch: 'main',
      message: 'gabrtv deployed 35b3726',
      env: { RELEASE_APP: 'web', RELEASE_VERSION: 'v4', RELEASE_URL: release.url },
    })
    expect(delivery).toMatchObject({
      state: 'delivered',
      remote: { id: '1', status: 'queued', url: `${platform.origin}/acme/deploy/builds/1` },
    })
  })

  it('takes branch, commit and environment of its own; a release without a commit builds HEAD', async () => {
    await using platform = await startPlatform('buildkite')
    const target = build(platform, { branch: ({ release: { environment = '' } }) => environment, env: {} })
    await send({ target }, { sha: null })
    expect(JSON.parse(platform.received[0]?.body ?? '')).toEqual({
      commit: 'HEAD',
      branch: 'production',
      message: 'gabrtv deployed v4',
      env: {},
    })
  })

  it('is delivered when it has passed', async () => {
    await using platform = await startPlatform('buildkite')
    const { delivery } = await send({ target: impatient(build(platform)), waitFor: 'finished' })
    expect(delivery).toMatchObject({
      state: 'delivered',
      outcome: { reason: 'remote-succeeded' },
      remote: { id: '1', status: 'succeeded' },
    })
    expect(platform.received.map(({ method, path }) => `${method} ${path.split('/deploy')[1]}`)).toEqual([
      'POST /builds',
      'GET /builds/1',
      'GET /builds/1',
    ])
    expect(platform.received[1]?.headers['authorization']).toBe(`Bearer ${token}`)
  })

  it('is dead when it has failed, which a failing one has not yet', async () => {
    await using platform = await startPlatform('buildkite', { ends: 'failed' })
    const { delivery, attempts } = await send({ target: impatient(build(platform)), waitFor: 'finished' })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { verdict: 'failed' } })
    expect(attempts.map(({ remote }) => remote?.status)).toEqual(['queued', 'running', 'failed'])
  })

  it('is dead when it was canceled, and tells why', async () => {
    await using platform = await startPlatform('buildkite')
    platform.answerNext({ status: 201, body: { number: 9, state: 'scheduled' } })
    platform.answerNext({ status: 503 })
    platform.answerNext({ status: 200, body: { state: 'canceled', cancel_reason: 'by hand' } })
    const { delivery } = await send({ target: impatient(build(platform)), waitFor: 'finished' })
    expect(delivery).toMatchObject({
      state: 'dead',
      remote: { id: '9', status: 'canceled', error: 'by hand' },
    })
  })

  it('has not passed while it waits at a block step', async () => {
    await using platform = await startPlatform('buildkite')
    platform.answerNext({ status: 201, body: { number: 9, state: 'scheduled' } })
    platform.answerNext({ status: 200, body: { state: 'passed', blocked: true } })
    platform.answerNext({ status: 200, body: 'null' })
    platform.answerNext({ status: 200, body: { state: 'passed', blocked: false } })
    const { delivery } = await send({ target: impatient(build(platform)), waitFor: 'finished' })
    expect(delivery).toMatchObject({ state: 'delivered', remote: { status: 'succeeded' } })
    expect(platform.received).toHaveLength(4)
  })

  it('waits as long as the body of a 429 says', async () => {
    await using platform = await startPlatform('buildkite')
    platform.answerNext({
      status: 429,
      body: { message: 'You have exceeded your API rate limit.', reset: 0.2 },
    })
    const { delivery, attempts } = await send({ target: build(platform) })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 2 })
    const [first, second] = attempts
    expect((second?.startedAt ?? 0) - (first?.endedAt ?? 0)).toBeGreaterThanOrEqual(190)
  })

  it('is not tried again when it is not valid', async () => {
    await using platform = await startPlatform('buildkite')
    const { delivery } = await send({ target: build(platform, { branch: '' }) })
    expect(delivery).toMatchObject({ state: 'dead', attempts: 1, remote: { error: 'Validation Failed' } })
  })
})
