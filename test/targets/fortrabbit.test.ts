import { describe, expect, it } from 'vitest'
import { fortrabbit } from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { impatient, send } from './sending.ts'

describe('a deploy hook of fortrabbit', () => {
  it('is a POST of the unique URL, without a body and with a User-Agent', async () => {
    await using platform = await startPlatform('fortrabbit')
    const { delivery } = await send({ url: platform.url, target: fortrabbit() })
    const [request] = platform.received
    expect(request).toMatchObject({ method: 'POST', query: {}, body: '', headers: { 'content-length': '0' } })
    expect(request?.path).toBe(new URL(platform.url).pathname)
    expect(delivery).toMatchObject({ state: 'delivered', remote: { id: 'dp-1', status: 'queued' } })
  })

  it("is read in the reference's form too", async () => {
    await using platform = await startPlatform('fortrabbit')
    const { environment, secret } = platform.credentials
    const url = `${platform.origin}/webhooks/environments/${environment}/deploy/${secret}`
    const { delivery, told } = await send({ url, target: fortrabbit() })
    expect(delivery).toMatchObject({ state: 'delivered', remote: { id: 'dp-1' } })
    expect(told).not.toContain(secret)
  })

  it('is asked for by GET of the same URL', async () => {
    await using platform = await startPlatform('fortrabbit')
    const { attempts } = await send({
      url: platform.url,
      target: impatient(fortrabbit()),
      waitFor: 'finished',
    })
    expect(attempts.map(({ remote }) => remote?.status)).toEqual(['queued', 'running', 'succeeded'])
    const path = new URL(platform.url).pathname
    expect(platform.received.map((request) => [request.method, request.path])).toEqual([
      ['POST', path],
      ['GET', path],
      ['GET', path],
    ])
    expect(platform.received[1]?.headers['user-agent']).toMatch(/^deploy-hooks\//u)
  })

  it.each([
    ['PENDING', 'queued', 'dead'],
    ['RUNNING', 'running', 'dead'],
    ['BUILDING', 'running', 'dead'],
    ['DEPLOYING', 'running', 'dead'],
    ['SUCCESS', 'succeeded', 'delivered'],
    ['SUCCEEDED', 'succeeded', 'delivered'],
    ['FINISHED', 'succeeded', 'delivered'],
    ['FAILED', 'failed', 'dead'],
    ['ERROR', 'failed', 'dead'],
    ['CANCELED', 'canceled', 'dead'],
    ['CANCELLED', 'canceled', 'dead'],
    ['DONE', 'unknown', 'dead'],
    [undefined, 'unknown', 'dead'],
  ])('that stands at %s is %s', async (state, status, end) => {
    await using platform = await startPlatform('fortrabbit')
    platform.answerNext({ status: 200, body: { deployment: { id: 'dp_1', state: 'PENDING' } } })
    for (let times = 0; times < 100; times += 1)
      platform.answerNext({ status: 200, body: { deployment: { id: 'dp_1', state } } })
    const target = impatient(fortrabbit(), 30)
    const { delivery } = await send({ url: platform.url, target, waitFor: 'finished' })
    expect(delivery).toMatchObject({ state: end, remote: { id: 'dp_1', status } })
  })

  it('ends with nothing but an end: the reference knows no status', async () => {
    await using platform = await startPlatform('fortrabbit')
    const { environment, secret } = platform.credentials
    const url = `${platform.origin}/webhooks/environments/${environment}/deploy/${secret}`
    const { delivery } = await send({ url, target: impatient(fortrabbit(), 50), waitFor: 'finished' })
    expect(delivery).toMatchObject({
      state: 'dead',
      outcome: { reason: 'status-405', verdict: 'unfinished' },
    })
  })

  it('tells why an unknown environment was refused, once', async () => {
    await using platform = await startPlatform('fortrabbit')
    const { delivery } = await send({ url: `${platform.origin}/deploy/unknown-secret`, target: fortrabbit() })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      outcome: { reason: 'status-404', verdict: 'refused' },
      remote: { error: 'Environment not found.' },
    })
  })

  it('is no success when a 200 holds an error', async () => {
    await using platform = await startPlatform('fortrabbit')
    for (let times = 0; times < 3; times += 1)
      platform.answerNext({ status: 200, body: { error: 'Environment not found.' } })
    const { delivery } = await send({ url: platform.url, target: fortrabbit() })
    expect(delivery).toMatchObject({
      state: 'dead',
      outcome: { reason: 'rejected', verdict: 'refused' },
      remote: { error: 'Environment not found.' },
    })
  })
})
