import { describe, expect, it } from 'vitest'
import { gitlabPipeline, type GitlabPipelineOptions } from '../../src/targets/index.ts'
import { startPlatform, type Platform } from '../../src/testing/index.ts'
import type { HookOptions } from '../../src/hooks/options.ts'
import { impatient, release, send } from './sending.ts'

const token = 'glptt-4b9a0c7de1'
const accessToken = 'glpat-77Xc2mNq'

function pipeline({ origin }: Platform, options: Partial<GitlabPipelineOptions> = {}) {
  return gitlabPipeline({ project: 'acme/web', token, ref: 'main', apiUrl: `${origin}/api/v4`, ...options })
}

function form({ received }: Platform): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(received[0]?.body))
}

describe('a pipeline of GitLab', () => {
  it('is a POST of a form with token, ref and what is known of the release', async () => {
    await using platform = await startPlatform('gitlab')
    const { delivery } = await send({ target: pipeline(platform) }, { deployment: 'd-7' })
    const [request] = platform.received
    expect(request).toMatchObject({
      method: 'POST',
      path: '/api/v4/projects/acme%2Fweb/trigger/pipeline',
      query: {},
    })
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(request?.headers['private-token']).toBeUndefined()
    expect(form(platform)).toEqual({
      token,
      ref: 'main',
      'variables[RELEASE_APP]': 'web',
      'variables[RELEASE_VERSION]': 'v4',
      'variables[RELEASE_USER]': 'gabrtv',
      'variables[RELEASE_SHA]': release.sha,
      'variables[RELEASE_SUMMARY]': 'gabrtv deployed 35b3726',
      'variables[RELEASE_STAGE]': 'released',
      'variables[RELEASE_ENVIRONMENT]': 'production',
      'variables[RELEASE_DEPLOYMENT]': 'd-7',
      'variables[RELEASE_PREVIOUS]': 'v3',
      'variables[RELEASE_URL]': release.url,
      'variables[RELEASE_AT]': '2026-11-21T12:00:00.000Z',
      'variables[RELEASE_DELIVERY]': delivery.id,
    })
    expect(delivery).toMatchObject({
      state: 'delivered',
      remote: { id: '1', url: `${platform.origin}/acme/web/-/pipelines/1` },
    })
  })

  it('takes ref and variables of its own, and those that are undefined are left out', async () => {
    await using platform = await startPlatform('gitlab', { credentials: { ref: 'v4' } })
    const target = pipeline(platform, {
      ref: ({ release: { version } }) => version,
      variables: { DEPLOY: 'yes', NOTHING: undefined },
    })
    await send({ target })
    expect(form(platform)).toEqual({ token, ref: 'v4', 'variables[DEPLOY]': 'yes' })
  })

  it('lets no release name another variable of the pipeline', async () => {
    await using platform = await startPlatform('gitlab')
    await send({ target: pipeline(platform) }, { summary: 'costs $5, $CI_JOB_TOKEN ${SECRET} $$' })
    expect(form(platform)['variables[RELEASE_SUMMARY]']).toBe('costs $$5, $$CI_JOB_TOKEN $${SECRET} $$$$')
  })

  it('is delivered when it has succeeded, asked with the access token', async () => {
    await using platform = await startPlatform('gitlab')
    const { delivery, attempts } = await send({
      target: impatient(pipeline(platform, { accessToken })),
      waitFor: 'finished',
    })
    expect(delivery).toMatchObject({ state: 'delivered', outcome: { reason: 'remote-succeeded' } })
    expect(attempts.map(({ remote }) => remote?.status)).toEqual(['queued', 'running', 'succeeded'])
    const { path, headers } = platform.received[1] ?? {}
    expect(path).toBe('/api/v4/projects/acme%2Fweb/pipelines/1')
    expect(headers).toMatchObject({ 'private-token': accessToken })
    expect(platform.received.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })

  it('is dead when it has failed', async () => {
    await using platform = await startPlatform('gitlab', { ends: 'failed' })
    const { delivery } = await send({
      target: impatient(pipeline(platform, { accessToken })),
      waitFor: 'finished',
    })
    expect(delivery).toMatchObject({
      state: 'dead',
      outcome: { reason: 'remote-failed', verdict: 'failed' },
      remote: { id: '1', status: 'failed' },
    })
  })

  it.each([
    ['canceled', 'dead', 'canceled'],
    ['skipped', 'delivered', 'skipped'],
    ['manual', 'dead', 'queued'],
    ['a-new-word', 'dead', 'unknown'],
  ])('that is %s is %s', async (word, state, status) => {
    await using platform = await startPlatform('gitlab')
    platform.answerNext({ status: 201, body: { id: 5, status: 'created' } })
    for (let times = 0; times < 100; times += 1)
      platform.answerNext({ status: 200, body: { id: 5, status: word } })
    const { delivery } = await send({
      target: impatient(pipeline(platform, { accessToken }), 60),
      waitFor: 'finished',
    })
    expect(delivery).toMatchObject({ state, remote: { status } })
  })

  it('cannot be waited for without an access token', async () => {
    await using platform = await startPlatform('gitlab')
    await expect(
      send({ target: pipeline(platform), waitFor: 'finished' } as unknown as HookOptions),
    ).rejects.toMatchObject({
      code: 'option_invalid',
    })
  })

  it('tells which branch is missing, once', async () => {
    await using platform = await startPlatform('gitlab')
    const { delivery } = await send({ target: pipeline(platform, { ref: 'nowhere' }) })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      outcome: { reason: 'status-400', verdict: 'refused' },
      remote: { error: 'Reference not found' },
    })
  })

  it('shows neither of its tokens, which the answer echoes', async () => {
    await using platform = await startPlatform('gitlab')
    platform.answerNext({ status: 403, body: { message: `${token} ${accessToken}` } })
    const { told } = await send({ target: pipeline(platform, { accessToken }) })
    expect(told).toContain('[masked] [masked]')
    expect(told).not.toContain(token)
    expect(told).not.toContain(accessToken)
  })

  it('is at gitlab.com, by the number or the path of the project', () => {
    const url = (project: string | number) => gitlabPipeline({ project, token, ref: 'main' }).url
    expect(url(42)).toBe('https://gitlab.com/api/v4/projects/42')
    expect(url('acme/tools/web')).toBe('https://gitlab.com/api/v4/projects/acme%2Ftools%2Fweb')
  })
})
