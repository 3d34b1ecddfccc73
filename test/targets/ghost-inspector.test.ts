import { describe, expect, it } from 'vitest'
import { ghostInspector, type GhostInspectorOptions } from '../../src/targets/index.ts'
import { startPlatform, type Platform } from '../../src/testing/index.ts'
import { impatient, release, send } from './sending.ts'

const apiKey = '5d0c1ee8a7b94f'
const suiteId = '576419339022199f1828d539'

function suite({ origin }: Platform, options: Partial<GhostInspectorOptions> = {}) {
  return ghostInspector({ suite: suiteId, apiKey, apiUrl: `${origin}/v1`, ...options })
}

describe('a suite of Ghost Inspector', () => {
  it('is run by a GET that does not wait, from the URL of the release', async () => {
    await using platform = await startPlatform('ghost-inspector')
    const { delivery } = await send({ target: suite(platform) })
    expect(platform.received).toMatchObject([
      {
        method: 'GET',
        path: `/v1/suites/${suiteId}/execute`,
        query: { apiKey, immediate: '1', startUrl: release.url },
        body: '',
      },
    ])
    expect(delivery).toMatchObject({ state: 'delivered', remote: { id: 'dp-1', status: 'queued' } })
  })

  it('takes another URL and variables, which replace nothing of its own', async () => {
    await using platform = await startPlatform('ghost-inspector')
    const startUrl = ({ release: { app } }: { release: { app: string } }) => `https://${app}.example.org`
    const variables = { browser: 'chrome', apiKey: 'other', immediate: '0' }
    await send({ target: suite(platform, { startUrl, variables }) })
    expect(platform.received[0]?.query).toEqual({
      browser: 'chrome',
      apiKey,
      immediate: '1',
      startUrl: 'https://web.example.org',
    })
  })

  it('starts where its tests say when the release has no URL', async () => {
    await using platform = await startPlatform('ghost-inspector')
    await send({ target: suite(platform) }, { url: null })
    expect(platform.received[0]?.query).toEqual({ apiKey, immediate: '1' })
  })

  it('is delivered when it has passed, and asked until then', async () => {
    await using platform = await startPlatform('ghost-inspector')
    const { delivery, attempts } = await send({ target: impatient(suite(platform)), waitFor: 'finished' })
    expect(delivery).toMatchObject({
      state: 'delivered',
      outcome: { reason: 'remote-succeeded' },
      remote: { status: 'succeeded' },
    })
    expect(platform.received.map(({ path }) => path)).toEqual([
      `/v1/suites/${suiteId}/execute`,
      '/v1/suite-results/dp-1',
      '/v1/suite-results/dp-1',
    ])
    expect(platform.received[1]?.query).toEqual({ apiKey })
    expect(attempts.map(({ remote }) => remote?.status)).toEqual(['queued', 'running', 'succeeded'])
  })

  it('is dead when it has failed', async () => {
    await using platform = await startPlatform('ghost-inspector', { ends: 'failed' })
    const { delivery } = await send({ target: impatient(suite(platform)), waitFor: 'finished' })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'remote-failed', verdict: 'failed' } })
  })

  it('is refused by 200 and a code of ERROR, and once by what says neither', async () => {
    await using platform = await startPlatform('ghost-inspector')
    const { delivery } = await send({ target: suite(platform, { suite: 'another' }) })
    expect(delivery).toMatchObject({
      state: 'dead',
      outcome: { reason: 'rejected', verdict: 'refused' },
      remote: { error: 'Suite not found.' },
    })
    for (const body of ['', '<html>', 'null', '{"code":200}']) {
      platform.answerNext({ status: 200, body })
      const { delivery: other } = await send({ target: suite(platform) })
      expect(other).toMatchObject({ state: 'dead', attempts: 1, outcome: { reason: 'rejected' } })
    }
  })

  it('goes on being asked when the answer is an error, and is unfinished in the end', async () => {
    await using platform = await startPlatform('ghost-inspector')
    platform.answerNext({ status: 200, body: { code: 'SUCCESS', data: { _id: 'r9' } } })
    for (let times = 0; times < 100; times += 1)
      platform.answerNext({ status: 200, body: { code: 'ERROR', message: 'Suite result not found.' } })
    const { delivery } = await send({ target: impatient(suite(platform), 60), waitFor: 'finished' })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { verdict: 'unfinished' } })
    expect(platform.received.filter(({ path }) => path.endsWith('/execute'))).toHaveLength(1)
  })

  it('of several browsers makes several results, and is never taken for one that has passed', async () => {
    await using platform = await startPlatform('ghost-inspector')
    platform.answerNext({ status: 200, body: { code: 'SUCCESS', data: [{ _id: 'r1' }, { _id: 'r2' }] } })
    const { delivery } = await send({ target: impatient(suite(platform)), waitFor: 'finished' })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'unrenderable' } })
    expect(platform.received).toHaveLength(1)
  })
})
