import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/index.ts'
import { flightcontrol, type FlightcontrolOptions, type PollableTarget } from '../../src/targets/index.ts'
import { startPlatform, type Platform } from '../../src/testing/index.ts'
import type { HookOptions } from '../../src/hooks/options.ts'
import { impatient, release, send, type Sent } from './sending.ts'

function asked(platform: Platform, { apiKey = platform.credentials['apiKey'] ?? '' } = {}): PollableTarget {
  const apiUrl = platform.origin as `http://${string}`
  return impatient(flightcontrol({ apiKey, apiUrl }))
}

function previewUrl({ origin, credentials }: Platform): string {
  return `${origin}/api/deploy-hook/${credentials['previewEnvironment']}/${credentials['secret']}`
}

/** The URL of a deploy hook and every part of it, which deploys by GET: a link preview would fire it. */
function expectUntold({ told }: Sent, platform: Platform, url: string = platform.url): void {
  const { pathname } = new URL(url)
  const { environment, previewEnvironment, secret, apiKey } = platform.credentials
  expect(told).toContain(platform.origin)
  for (const part of [url, pathname, '/api/deploy-hook', environment, previewEnvironment, secret, apiKey])
    expect(told.toLowerCase()).not.toContain(part?.toLowerCase())
}

describe('a deploy hook of Flightcontrol', () => {
  it('is a GET of the secret URL', async () => {
    await using platform = await startPlatform('flightcontrol')
    const { delivery } = await send({ url: platform.url, target: flightcontrol() })
    const [request] = platform.received
    expect(request).toMatchObject({ method: 'GET', query: {}, body: '' })
    expect(request?.path).toBe(new URL(platform.url).pathname)
    expect(request?.headers['authorization']).toBeUndefined()
    expect(request?.headers['content-type']).toBeUndefined()
    expect(delivery).toMatchObject({ state: 'delivered', remote: { id: 'dp-1' } })
    expect(delivery.remote?.status).toBeUndefined() // without a key it cannot be asked
  })

  it('says what to deploy, and whether to force it', async () => {
    await using platform = await startPlatform('flightcontrol')
    const target = flightcontrol({ branch: 'main', commit: ({ release: { sha } }) => sha, force: true })
    await send({ url: platform.url, target })
    expect(platform.received[0]?.query).toEqual({ branch: 'main', commit: release.sha, force: 'true' })
  })

  it('names pull request and commit for preview environments', async () => {
    await using platform = await startPlatform('flightcontrol')
    const target = flightcontrol({ preview: { pullRequest: 17 }, force: true })
    const url = previewUrl(platform)
    const sent = await send({ url, target })
    const [request] = platform.received
    expect(request?.path).toBe(`${new URL(url).pathname}/17/${release.sha}`)
    expect(request?.query).toEqual({ force: 'true' })
    expect(sent.delivery).toMatchObject({ state: 'delivered', remote: { id: 'dp-1' } })
    expectUntold(sent, platform, url)
  })

  it('sends nothing for a preview environment without a commit', async () => {
    await using platform = await startPlatform('flightcontrol')
    const target = flightcontrol({ preview: { pullRequest: 17 } })
    const sent = await send({ url: previewUrl(platform), target }, { sha: undefined })
    expect(sent.delivery).toMatchObject({ state: 'dead', outcome: { verdict: 'unrenderable' } })
    expect(platform.received).toEqual([])
    expectUntold(sent, platform, previewUrl(platform))
  })

  it.each([true, 'true'])('has succeeded when `success` is %j', async (success) => {
    await using platform = await startPlatform('flightcontrol')
    platform.answerNext({ status: 200, body: { success, deploymentId: 'clcpcxekt000lc9' } })
    const { delivery } = await send({ url: platform.url, target: flightcontrol() })
    expect(delivery).toMatchObject({ state: 'delivered', remote: { id: 'clcpcxekt000lc9' } })
  })

  it.each([false, 'false'])('was refused when `success` is %j', async (success) => {
    await using platform = await startPlatform('flightcontrol')
    for (let times = 0; times < 3; times += 1)
      platform.answerNext({ status: 200, body: { success, error: 'No such branch' } })
    const { delivery } = await send({ url: platform.url, target: flightcontrol() })
    expect(delivery).toMatchObject({
      state: 'dead',
      outcome: { reason: 'rejected', verdict: 'refused' },
      remote: { error: 'No such branch' },
    })
  })

  it.each(['<html>Sign in</html>', '{}', '{"success":"yes"}'])(
    'is not fired again after an answer that says nothing: %s',
    async (body) => {
      await using platform = await startPlatform('flightcontrol')
      platform.answerNext({ status: 200, body })
      const { delivery } = await send({ url: platform.url, target: flightcontrol() })
      expect(delivery).toMatchObject({ state: 'dead', attempts: 1, outcome: { reason: 'rejected' } })
      expect(platform.received).toHaveLength(1)
    },
  )

  it('goes through every status that is in progress', async () => {
    await using platform = await startPlatform('flightcontrol')
    const { delivery } = await send({ url: platform.url, target: asked(platform), waitFor: 'finished' })
    expect(delivery).toMatchObject({
      state: 'delivered',
      remote: { id: 'dp-1', status: 'succeeded', url: 'https://web.example.com' },
    })
    const polls = platform.received.slice(1)
    expect(polls.map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array.from({ length: 6 }, () => 'GET /v1/deployments/dp-1'),
    )
    for (const { headers } of polls)
      expect(headers['authorization']).toBe(`Bearer ${platform.credentials['apiKey']}`)
  })

  it.each([
    ['PENDING', 'queued'],
    ['PENDING_DEPENDENCY', 'queued'],
    ['INPROGRESS', 'running'],
    ['BUILDING', 'running'],
    ['PROVISIONING', 'running'],
    ['DEPLOYING', 'running'],
    ['SUCCESS', 'succeeded'],
    ['NO_CHANGE', 'skipped'],
    ['CANCELLED', 'canceled'],
    ['ERROR', 'failed'],
    ['BUILD_ERROR', 'failed'],
    ['DEPLOY_ERROR', 'failed'],
    ['success', 'unknown'],
    ['DONE', 'unknown'],
    ['toString', 'unknown'],
  ])('that stands at %s is %s', async (status, expected) => {
    await using platform = await startPlatform('flightcontrol')
    platform.answerNext({ status: 200, body: { success: true, deploymentId: 'dp-7' } })
    for (let times = 0; times < 100; times += 1) platform.answerNext({ status: 200, body: { status } })
    const target = asked(platform)
    const { delivery } = await send({
      url: platform.url,
      target: { ...target, poll: { ...target.poll, untilMs: 30 } },
      waitFor: 'finished',
    })
    expect(delivery.remote?.status).toBe(expected)
    expect(delivery.state).toBe(expected === 'succeeded' || expected === 'skipped' ? 'delivered' : 'dead')
  })

  it('says which service failed', async () => {
    await using platform = await startPlatform('flightcontrol', { ends: 'failed' })
    const { delivery } = await send({ url: platform.url, target: asked(platform), waitFor: 'finished' })
    expect(delivery).toMatchObject({
      outcome: { reason: 'remote-failed', verdict: 'failed' },
      remote: { id: 'dp-1', status: 'failed', error: 'The health check failed' },
    })
  })

  it('cannot be asked with a wrong key', async () => {
    await using platform = await startPlatform('flightcontrol')
    const target = asked(platform, { apiKey: 'fc_key_revoked' })
    const { delivery } = await send({
      url: platform.url,
      target: { ...target, poll: { ...target.poll, untilMs: 30 } },
      waitFor: 'finished',
    })
    expect(delivery).toMatchObject({ outcome: { reason: 'status-401', verdict: 'unfinished' } })
  })

  it('cannot be waited for without a key', async () => {
    await using platform = await startPlatform('flightcontrol')
    const hook = { url: platform.url, target: flightcontrol(), waitFor: 'finished' } as unknown as HookOptions
    await expect(send(hook)).rejects.toThrow(ConfigurationError)
    await expect(send(hook)).rejects.not.toThrow(platform.credentials['secret'])
  })

  it.each([{ commit: 'abc' }, { preview: { pullRequest: 1 }, branch: 'main' }, { apiKey: '' }])(
    'is not made of options that cannot work',
    (options) => {
      expect(() => flightcontrol(options as FlightcontrolOptions)).toThrow(ConfigurationError)
    },
  )
})

describe('the URL of a deploy hook of Flightcontrol', () => {
  it('is in no log, event, attempt or delivery of one that is waited for', async () => {
    await using platform = await startPlatform('flightcontrol')
    const sent = await send({ url: platform.url, target: asked(platform), waitFor: 'finished' })
    expect(sent.delivery.state).toBe('delivered')
    expectUntold(sent, platform)
  })

  it.each(['hang', 'cut'] as const)('nor of one without an answer (%s)', async (fault) => {
    await using platform = await startPlatform('flightcontrol')
    platform.answerNext(fault)
    const hook = { url: platform.url, target: flightcontrol(), timeout: { deadlineMs: 500 } }
    const sent = await send(hook)
    expect(sent.delivery).toMatchObject({ outcome: { verdict: 'ambiguous' } })
    expectUntold(sent, platform)
  })

  it('nor of one whose answers and polls echo it, in several spellings', async () => {
    await using platform = await startPlatform('flightcontrol')
    const { pathname } = new URL(platform.url)
    const spellings = [platform.url, pathname, encodeURIComponent(pathname), JSON.stringify(platform.url)]
    const echo = [
      ...spellings,
      ...Object.values(platform.credentials).slice(0, 1),
      pathname.split('/').at(-1),
    ]
    platform.answerNext({ status: 503, body: echo.join('\n') })
    platform.answerNext({ status: 200, body: { success: true, deploymentId: platform.url, echo } })
    platform.answerNext({
      status: 200,
      body: {
        status: 'ERROR',
        error: pathname,
        serviceDeployments: [{ service: { serviceDomain: platform.url } }],
      },
    })
    const sent = await send({ url: platform.url, target: asked(platform), waitFor: 'finished' })
    expect(sent.delivery).toMatchObject({ state: 'dead', outcome: { verdict: 'failed' } })
    expectUntold(sent, platform)
    expect(sent.told).toContain('[masked]')
  })

  it('nor of one that was refused for good', async () => {
    await using platform = await startPlatform('flightcontrol')
    const url = platform.url.replace(/[^/]+$/u, 'fc_hook_deleted_already')
    const sent = await send({ url, target: flightcontrol() })
    expect(sent.delivery).toMatchObject({ attempts: 1, remote: { error: 'Deploy hook not found' } })
    expectUntold(sent, platform, url)
    expect(sent.told).not.toContain('fc_hook_deleted')
  })
})
