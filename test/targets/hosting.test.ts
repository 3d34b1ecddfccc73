import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/index.ts'
import { netlify, render, type RenderOptions, vercel } from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { impatient, release, send } from './sending.ts'

describe('a deploy hook of Vercel', () => {
  it('is a POST of the unique URL without a body, whose job is read', async () => {
    await using platform = await startPlatform('vercel')
    const { delivery } = await send({ url: platform.url, target: vercel() })
    expect(platform.received).toMatchObject([{ method: 'POST', query: {}, body: '' }])
    expect(platform.received[0]?.path).toBe(new URL(platform.url).pathname)
    expect(delivery).toMatchObject({ state: 'delivered', remote: { id: 'dp-1' } })
  })

  it('builds without the cache when it is told so', async () => {
    await using platform = await startPlatform('vercel')
    await send({ url: platform.url, target: vercel({ buildCache: false }) })
    expect(platform.received[0]?.query).toEqual({ buildCache: 'false' })
  })

  it('tells why it was refused', async () => {
    await using platform = await startPlatform('vercel')
    const url = `${platform.origin}/v1/integrations/deploy/prj_unknown/unknown-token`
    const { delivery } = await send({ url, target: vercel() })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      outcome: { reason: 'status-404', verdict: 'refused' },
      remote: { error: 'The deploy hook was not found' },
    })
  })

  it('is no success when a 200 holds an error', async () => {
    await using platform = await startPlatform('vercel')
    const error = { code: 'bad_request', message: 'The project is paused' }
    for (let times = 0; times < 3; times += 1) platform.answerNext({ status: 200, body: { error } })
    const { delivery } = await send({ url: platform.url, target: vercel() })
    expect(delivery).toMatchObject({
      state: 'dead',
      outcome: { reason: 'rejected' },
      remote: { error: error.message },
    })
  })
})

describe('a build hook of Netlify', () => {
  it('is a POST with the summary as title', async () => {
    await using platform = await startPlatform('netlify')
    const { delivery } = await send({ url: platform.url, target: netlify() })
    expect(platform.received).toMatchObject([
      {
        method: 'POST',
        query: { trigger_title: 'gabrtv deployed 35b3726' },
        headers: { 'content-type': 'application/json' },
        body: '{}',
      },
    ])
    expect(delivery.state).toBe('delivered')
    expect(delivery.remote).toBeUndefined()
  })

  it('names branch and title, and clears the cache', async () => {
    await using platform = await startPlatform('netlify')
    const target = netlify({
      title: ({ release: { app, version } }) => `${app} ${version}`,
      branch: 'staging & more',
      clearCache: true,
    })
    await send({ url: platform.url, target })
    expect(platform.received[0]?.query).toEqual({
      trigger_title: 'web v4',
      trigger_branch: 'staging & more',
      clear_cache: 'true',
    })
  })

  it('cuts a long title between characters', async () => {
    await using platform = await startPlatform('netlify')
    const { delivery } = await send({ url: platform.url, target: netlify() }, { summary: '🚀'.repeat(1000) })
    expect(delivery.state).toBe('delivered')
    expect(platform.received[0]?.query['trigger_title']).toBe('🚀'.repeat(100))
  })

  it('keeps what the URL has of its own, unless it is named again', async () => {
    await using platform = await startPlatform('netlify')
    const url = `${platform.url}?trigger_branch=main&trigger_title=x`
    await send({ url, target: netlify() })
    expect(platform.received[0]?.query).toEqual({
      trigger_branch: 'main',
      trigger_title: 'gabrtv deployed 35b3726',
    })
  })

  it('tells why it was refused', async () => {
    await using platform = await startPlatform('netlify')
    const { delivery } = await send({ url: `${platform.origin}/build_hooks/unknown`, target: netlify() })
    expect(delivery).toMatchObject({ state: 'dead', attempts: 1, remote: { error: 'Not Found' } })
  })
})

describe('a deploy hook of Render', () => {
  it('is a POST that keeps the key, to the byte', async () => {
    await using platform = await startPlatform('render')
    const { delivery, told } = await send({ url: platform.url, target: render() })
    const { service, key = '' } = platform.credentials
    expect(platform.received).toMatchObject([
      { method: 'POST', path: `/deploy/${service}`, query: { key }, body: '' },
    ])
    expect(delivery).toMatchObject({ state: 'delivered', remote: { id: 'dp-1' } })
    expect(told).not.toContain(key)
  })

  it('names a commit or an image beside the key', async () => {
    await using platform = await startPlatform('render')
    const { key } = platform.credentials
    await send({ url: platform.url, target: render({ ref: ({ release: { sha } }) => sha }) })
    await send({ url: platform.url, target: render({ image: 'docker.io/library/nginx:1.26' }) })
    expect(platform.received.map(({ query }) => query)).toEqual([
      { key, ref: release.sha },
      { key, imgURL: 'docker.io/library/nginx:1.26' },
    ])
  })

  it('tells why an image was refused, once', async () => {
    await using platform = await startPlatform('render')
    const { delivery } = await send({ url: platform.url, target: render({ image: 'ghcr.io/web:1' }) })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      outcome: { reason: 'status-400', verdict: 'refused' },
      remote: { error: "imgURL must match the service's image" },
    })
  })

  it.each([
    ['live', 'succeeded'],
    ['deactivated', 'succeeded'],
    ['build_failed', 'failed'],
    ['pre_deploy_failed', 'failed'],
    ['update_failed', 'failed'],
    ['canceled', 'canceled'],
  ])('that ends as %s has %s', async (status, expected) => {
    await using platform = await startPlatform('render')
    const { apiKey = '', service = '' } = platform.credentials
    const apiUrl = platform.origin as `http://${string}`
    platform.answerNext({ status: 202, body: { deploy: { id: 'dep-1' } } })
    platform.answerNext({ status: 200, body: { id: 'dep-1', status } })
    const { delivery } = await send({
      url: platform.url,
      target: impatient(render({ apiKey, serviceId: service, apiUrl })),
      waitFor: 'finished',
    })
    expect(delivery.remote).toMatchObject({ id: 'dep-1', status: expected })
    expect(platform.received[1]).toMatchObject({
      method: 'GET',
      path: `/v1/services/${service}/deploys/dep-1`,
      query: {},
      headers: { authorization: `Bearer ${apiKey}` },
    })
  })

  it('cannot be asked without both, the key and the service', () => {
    expect(() => render({ apiKey: 'rnd_key' } as RenderOptions)).toThrow(ConfigurationError)
    expect(() => render({ serviceId: 'srv-1' } as RenderOptions)).toThrow(ConfigurationError)
  })
})
