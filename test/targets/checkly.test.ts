import { describe, expect, it } from 'vitest'
import { checkly } from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { release, send } from './sending.ts'

describe('checks of Checkly', () => {
  it('are run by a GET of their trigger URL, on the URL of the release', async () => {
    await using platform = await startPlatform('checkly')
    const { delivery } = await send({ url: platform.url, target: checkly() })
    const [request] = platform.received
    expect(request).toMatchObject({ method: 'GET', body: '' })
    expect(request?.query).toEqual({
      deployment: 'true',
      deploymentId: delivery.id,
      repository: 'web',
      sha: release.sha,
      environmentName: 'production',
      environmentUrl: release.url,
    })
    expect(delivery).toMatchObject({ state: 'delivered', outcome: { reason: 'status-200' } })
  })

  it('take repository, URL and location of their own', async () => {
    await using platform = await startPlatform('checkly')
    const target = checkly({
      repository: ({ release: { app } }) => `acme/${app}`,
      environmentUrl: 'https://preview.example.com',
      runLocation: 'eu-west-1',
      deployment: false,
    })
    await send({ url: platform.url, target }, { sha: null })
    expect(platform.received[0]?.query).toEqual({
      repository: 'acme/web',
      sha: 'v4',
      environmentName: 'production',
      environmentUrl: 'https://preview.example.com',
      runLocation: 'eu-west-1',
    })
  })

  it('run on their own URL when the release has none', async () => {
    await using platform = await startPlatform('checkly')
    await send({ url: platform.url, target: checkly() }, { url: null })
    expect(platform.received[0]?.query).not.toHaveProperty('environmentUrl')
  })

  it('that have failed are run once, and end the delivery', async () => {
    await using platform = await startPlatform('checkly', { ends: 'failed' })
    const { delivery } = await send({ url: platform.url, target: checkly() })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      outcome: { reason: 'status-503', verdict: 'failed' },
    })
    expect(platform.received).toHaveLength(1)
  })

  it.each([
    '{"hasFailures":true}',
    '[{"hasFailures": false},{"hasFailures": true}]',
    '{"hasFailures":"true"}',
  ])('have failed with 200 and %s', async (body) => {
    await using platform = await startPlatform('checkly')
    platform.answerNext({ status: 200, body, headers: { 'content-type': 'text/plain' } })
    const { delivery } = await send({ url: platform.url, target: checkly() })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'rejected', verdict: 'failed' } })
  })

  it('are waited for five minutes, and run ten times a minute', () => {
    expect(checkly()).toMatchObject({ deadlineMs: 300_000, pace: { burst: 10 } })
  })

  it('show their token nowhere, though it is in the URL', async () => {
    await using platform = await startPlatform('checkly')
    const { token = '' } = platform.credentials
    platform.answerNext({ status: 500, body: { message: `no such trigger: ${token}` } })
    const { told, delivery } = await send({ url: platform.url, target: checkly() })
    expect(delivery.state).toBe('delivered')
    expect(told).not.toContain(token)
  })

  it('tell of a wrong token, once', async () => {
    await using platform = await startPlatform('checkly')
    const { delivery } = await send({
      url: `${platform.origin}/checks/1/trigger/wrong-token`,
      target: checkly(),
    })
    expect(delivery).toMatchObject({ state: 'dead', attempts: 1, remote: { error: 'Not Found' } })
  })
})
