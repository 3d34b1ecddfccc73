import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cdEvent, cloudEvent } from '../../src/targets/index.ts'
import { startPlatform, type Platform } from '../../src/testing/index.ts'
import { anyRelease } from './any-release.ts'
import { cdEventShape } from './cd-event-shape.ts'
import { release, send } from './sending.ts'
import { runs } from '../runs.ts'

const stages = ['released', 'succeeded', 'failed', 'rolled-back'] as const
const happened = ['released', 'succeeded', 'rolled-back'] as const
const bodyOf = ({ received }: Platform): unknown => JSON.parse(received.at(-1)?.body ?? '')

describe('a CloudEvent', () => {
  it('has its attributes in headers, and the release as its data', async () => {
    await using platform = await startPlatform('cloud-events')
    const { token = '' } = platform.credentials
    const { delivery, told } = await send({ url: platform.url, target: cloudEvent({ token }) })
    expect(delivery.state).toBe('delivered')
    expect(platform.received[0]).toMatchObject({
      method: 'POST',
      path: '/events',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': delivery.id,
        'ce-source': '/apps/web',
        'ce-type': 'deploy-hooks.release.released',
        'ce-subject': 'web',
        'ce-time': '2026-11-21T12:00:00.000Z',
      },
    })
    expect(bodyOf(platform)).toEqual(delivery.release)
    expect(told).not.toContain(token)
  })

  it('is one document in structured mode', async () => {
    await using platform = await startPlatform('cloud-events')
    const target = cloudEvent({
      mode: 'structured',
      source: 'https://platform.example.com',
      type: ({ release: { stage = 'released' } }) => `com.example.release.${stage}`,
      subject: ({ release: { app, version } }) => `${app}/${version}`,
      data: ({ release: { sha } }) => ({ sha }),
    })
    const { delivery } = await send({ url: platform.url, target, after: 'succeeded' }, { stage: 'succeeded' })
    const [request] = platform.received
    expect(request?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8')
    expect(Object.keys(request?.headers ?? {}).filter((name) => name.startsWith('ce-'))).toEqual([])
    expect(bodyOf(platform)).toEqual({
      specversion: '1.0',
      id: delivery.id,
      source: 'https://platform.example.com',
      type: 'com.example.release.succeeded',
      subject: 'web/v4',
      time: '2026-11-21T12:00:00.000Z',
      datacontenttype: 'application/json',
      data: { sha: release.sha },
    })
  })

  // The first is the example of the HTTP binding, section 3.1.3.2.
  it.each([
    ['Euro € 😀', 'Euro%20%E2%82%AC%20%F0%9F%98%80'],
    ['100% "x"', '100%25%20%22x%22'],
    ["!#$&'()*+,-./:;<=>?@[\\]^_`{|}~", "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~"],
    ['a\r\nx-evil: 1', 'a%EF%BF%BD%EF%BF%BDx-evil:%201'],
    ['\u{FFFF}\u{7F}', '%EF%BF%BD%EF%BF%BD'],
  ])('has %j in a header as %s', async (subject, header) => {
    await using platform = await startPlatform('cloud-events')
    const { delivery } = await send({ url: platform.url, target: cloudEvent({ subject: () => subject }) })
    expect(delivery.state).toBe('delivered')
    expect(platform.received[0]?.headers['ce-subject']).toBe(header)
  })

  it('has no subject where that is empty', async () => {
    await using platform = await startPlatform('cloud-events')
    await send({ url: platform.url, target: cloudEvent({ subject: '' }) })
    expect(platform.received[0]?.headers).not.toHaveProperty('ce-subject')
  })

  it.each([200, 201, 202, 204])('is accepted by %i', async (status) => {
    await using platform = await startPlatform('cloud-events')
    platform.answerNext({ status })
    const { delivery } = await send({ url: platform.url, target: cloudEvent() })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 1 })
  })

  it.each([
    [203, 'refused'],
    [301, 'refused'],
    [404, 'refused'],
    [410, 'gone'],
    [415, 'refused'],
  ])('is not accepted by %i', async (status, verdict) => {
    await using platform = await startPlatform('cloud-events')
    for (let times = 0; times < 9; times += 1) platform.answerNext({ status, body: 'not here' })
    const { delivery } = await send({ url: platform.url, target: cloudEvent() })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { verdict }, remote: { error: 'not here' } })
  })

  it('has the same id and the same bytes after a timeout', async () => {
    await using platform = await startPlatform('cloud-events')
    platform.answerNext('hang')
    const { delivery } = await send({ url: platform.url, target: cloudEvent(), timeout: { deadlineMs: 500 } })
    const [first, second] = platform.received
    expect(delivery.state).toBe('delivered')
    expect(second).toEqual({ ...first, headers: { ...first?.headers, host: second?.headers['host'] } })
  })

  it.each(['binary', 'structured'] as const)('is made of any release, in %s mode', async (mode) => {
    await using platform = await startPlatform('cloud-events')
    await fc.assert(
      fc.asyncProperty(anyRelease, async (given) => {
        const { delivery } = await send(
          { url: platform.url, target: cloudEvent({ mode }), after: stages },
          { ...release, sha: undefined, ...given },
        )
        expect(delivery).toMatchObject({ state: 'delivered', attempts: 1 })
      }),
      runs(12),
    )
  })
})

describe('a CDEvent', () => {
  it('tells of a service that was deployed, as a CloudEvent with the same attributes', async () => {
    await using platform = await startPlatform('cloud-events')
    const { delivery } = await send(
      { url: platform.url, target: cdEvent({ chainId: ({ release: { sha } }) => sha ?? 'none' }) },
      { previous: undefined },
    )
    const type = 'dev.cdevents.service.deployed.0.3.0'
    const timestamp = '2026-11-21T12:00:00.000Z'
    expect(platform.received[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': delivery.id,
      'ce-source': '/apps/web',
      'ce-type': type,
      'ce-subject': 'web',
      'ce-time': timestamp,
    })
    expect(bodyOf(platform)).toEqual({
      context: {
        specversion: '0.5.1',
        id: delivery.id,
        source: '/apps/web',
        type,
        timestamp,
        chainId: release.sha,
      },
      subject: {
        id: 'web',
        content: { environment: { id: 'production' }, artifactId: 'pkg:generic/web@v4' },
      },
      customData: delivery.release,
      customDataContentType: 'application/json',
    })
  })

  it.each([
    ['released', undefined, 'deployed'],
    ['succeeded', undefined, 'deployed'],
    ['succeeded', 3, 'upgraded'],
    ['rolled-back', undefined, 'rolledback'],
    ['rolled-back', 3, 'rolledback'],
  ] as const)('of a release that is %s after %s is named %s', async (stage, previous, predicate) => {
    await using platform = await startPlatform('cloud-events')
    const target = cdEvent({ mode: 'structured', artifactId: () => 'pkg:oci/web@sha256%3A0b31?tag=v4' })
    await send({ url: platform.url, target, after: stages }, { stage, previous })
    const type = `dev.cdevents.service.${predicate}.0.3.0`
    const document = bodyOf(platform) as { type: string; data: { context: object; subject: object } }
    expect(document).toMatchObject({ type, data: { context: { type } } })
    expect(document.data.subject).toMatchObject({
      content: { artifactId: 'pkg:oci/web@sha256%3A0b31?tag=v4' },
    })
    expect(cdEventShape.safeParse(document.data)).toMatchObject({ success: true })
  })

  it('tells of no deployment that failed', async () => {
    await using platform = await startPlatform('cloud-events')
    const { delivery, told } = await send(
      { url: platform.url, target: cdEvent(), after: stages },
      { stage: 'failed' },
    )
    expect(delivery).toMatchObject({ state: 'dead', outcome: { verdict: 'unrenderable' } })
    expect(told).toContain('CDEvents has no event for one that failed')
    expect(platform.received).toEqual([])
  })

  it('is made of any release that did not fail, as CDEvents demands', async () => {
    await using platform = await startPlatform('cloud-events')
    await fc.assert(
      fc.asyncProperty(anyRelease, async (given) => {
        fc.pre(given.stage !== 'failed')
        const { delivery } = await send(
          { url: platform.url, target: cdEvent(), after: happened },
          { ...release, sha: undefined, ...given },
        )
        expect(delivery).toMatchObject({ state: 'delivered', attempts: 1 })
        expect(cdEventShape.safeParse(bodyOf(platform)).error).toBeUndefined()
      }),
      runs(20),
    )
  })
})
