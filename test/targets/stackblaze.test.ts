import { describe, expect, it } from 'vitest'
import { stackblaze } from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { impatient, release, send } from './sending.ts'

describe('a deploy hook of StackBlaze', () => {
  it('is a POST without a body, with branch and cache in the query', async () => {
    await using platform = await startPlatform('stackblaze')
    const target = stackblaze({
      branch: ({ release: { environment = 'main' } }) => environment,
      clearCache: true,
    })
    const { delivery } = await send({ url: platform.url, target })
    const [request] = platform.received
    expect(request).toMatchObject({
      method: 'POST',
      body: '',
      query: { branch: 'production', clear_cache: 'true' },
    })
    expect(request?.headers).toMatchObject({ 'content-length': '0' })
    expect(request?.headers['authorization']).toBeUndefined()
    expect(delivery).toMatchObject({
      state: 'delivered',
      remote: { id: 'dp-1', status: 'queued', url: `${platform.origin}/services/web/deployments/dp-1` },
    })
    expect(delivery.progress).toBeUndefined()
    expect(platform.received).toHaveLength(1)
  })

  it('is delivered when the deployment has succeeded, with one attempt for each status', async () => {
    await using platform = await startPlatform('stackblaze')
    const { delivery, attempts } = await send({
      url: platform.url,
      target: impatient(stackblaze()),
      waitFor: 'finished',
    })
    expect(delivery).toMatchObject({
      state: 'delivered',
      outcome: { reason: 'remote-succeeded' },
      attempts: 3,
    })
    expect(delivery.remote).toMatchObject({ id: 'dp-1', status: 'succeeded' })
    expect(attempts.map(({ step, remote, outcome }) => [step, remote?.status, outcome.kind])).toEqual([
      [undefined, 'queued', 'accepted'],
      ['poll', 'running', 'accepted'],
      ['poll', 'succeeded', 'delivered'],
    ])
    expect(platform.received.map(({ method, path }) => `${method} ${path.replace(/sb_.*/u, '')}`)).toEqual([
      'POST /deploy-hooks/',
      'GET /deployments/dp-1',
      'GET /deployments/dp-1',
      'GET /deployments/dp-1',
    ])
  })

  it('is read in the other documented form, and asked for with an API key', async () => {
    await using platform = await startPlatform('stackblaze')
    const { token, apiKey } = platform.credentials
    const { delivery, told } = await send({
      url: `${platform.origin}/v1/hooks/${token}`,
      target: impatient(stackblaze({ apiKey })),
      waitFor: 'finished',
    })
    expect(delivery).toMatchObject({ state: 'delivered', remote: { id: 'dp-1', status: 'succeeded' } })
    expect(platform.received.map(({ headers }) => headers['authorization'])).toEqual([
      undefined,
      `Bearer ${apiKey}`,
      `Bearer ${apiKey}`,
      `Bearer ${apiKey}`,
    ])
    expect(told).not.toContain(token)
    expect(told).not.toContain(apiKey)
  })

  it('waits as long as a 429 asks for after ten deploys in a minute', async () => {
    await using platform = await startPlatform('stackblaze')
    for (let times = 0; times < 10; times += 1) await fetch(platform.url, { method: 'POST' })
    const { delivery, attempts } = await send({ url: platform.url, target: stackblaze() }, undefined, {
      retry: { delaysMs: [1], jitter: 0, maxRetryAfterMs: 1000 },
    })
    expect(attempts[0]).toMatchObject({ status: 429, remote: { error: 'Too many requests' } })
    expect(delivery).toMatchObject({
      state: 'dead',
      outcome: { reason: 'status-429', verdict: 'retry-after' },
    })
  })

  it('is dead when the deployment has failed', async () => {
    await using platform = await startPlatform('stackblaze', { ends: 'failed' })
    const { delivery } = await send({
      url: platform.url,
      target: impatient(stackblaze()),
      waitFor: 'finished',
    })
    expect(delivery).toMatchObject({
      state: 'dead',
      outcome: { reason: 'remote-failed', verdict: 'failed' },
      remote: { id: 'dp-1', status: 'failed' },
    })
  })

  it('is dead when no end came in time, and says what was last heard', async () => {
    await using platform = await startPlatform('stackblaze')
    for (let times = 0; times < 100; times += 1)
      platform.answerNext({ status: 202, body: { deploymentId: 'dp-9', status: 'resting' } })
    const { delivery, attempts } = await send({
      url: platform.url,
      target: impatient(stackblaze(), 100),
      waitFor: 'finished',
    })
    expect(delivery).toMatchObject({
      state: 'dead',
      outcome: { reason: 'remote-unknown', verdict: 'unfinished' },
      remote: { id: 'dp-9', status: 'unknown' },
    })
    expect(attempts).toHaveLength(2) // what was accepted, and the last question: those between told nothing new
  })

  it('is not repeated after a timeout, and says so', async () => {
    await using platform = await startPlatform('stackblaze')
    platform.answerNext('hang')
    const { delivery, attempts } = await send({
      url: platform.url,
      target: stackblaze(),
      timeout: { deadlineMs: 500 },
    })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'timeout', verdict: 'ambiguous' } })
    expect(attempts).toHaveLength(1)
    expect(platform.received).toHaveLength(1)
  })

  it('is repeated when it was refused for the moment', async () => {
    await using platform = await startPlatform('stackblaze')
    platform.answerNext({ status: 503 })
    const { delivery } = await send({ url: platform.url, target: stackblaze() })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 2, remote: { id: 'dp-1' } })
  })

  it('tells what a wrong token is answered, once', async () => {
    await using platform = await startPlatform('stackblaze')
    const { delivery } = await send({
      url: `${platform.origin}/deploy-hooks/wrong-token`,
      target: stackblaze(),
    })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      outcome: { reason: 'status-401', verdict: 'refused' },
      remote: { error: 'Invalid deploy hook token' },
    })
  })

  it('shows its token nowhere', async () => {
    await using platform = await startPlatform('stackblaze')
    const { token = '' } = platform.credentials
    platform.answerNext({ status: 500, body: `no such hook: ${token}` })
    platform.answerNext({ status: 202, body: { deploymentId: token, dashboardUrl: platform.url } })
    const { told, delivery } = await send({ url: platform.url, target: stackblaze() })
    expect(delivery.state).toBe('delivered')
    expect(told).not.toContain(token)
    expect(release.app).toBe('web')
  })
})
