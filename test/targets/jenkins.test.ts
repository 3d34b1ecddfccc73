import { describe, expect, it } from 'vitest'
import { jenkins } from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { release, send } from './sending.ts'

const token = 'gwt-6fa2b7c90d'

describe('a generic webhook trigger of Jenkins', () => {
  it('is a POST of the release, with the token where no access log has it', async () => {
    await using platform = await startPlatform('jenkins')
    const { delivery } = await send({ target: jenkins({ apiUrl: platform.origin, token }) })
    const [request] = platform.received
    expect(request).toMatchObject({ method: 'POST', path: '/generic-webhook-trigger/invoke', query: {} })
    expect(request?.headers).toMatchObject({ token, 'content-type': 'application/json' })
    expect(JSON.parse(request?.body ?? '')).toEqual({ release: delivery.release, deliveryId: delivery.id })
    expect(delivery).toMatchObject({ state: 'delivered' })
  })

  it('takes a payload of its own', async () => {
    await using platform = await startPlatform('jenkins')
    const payload = ({ release: { sha } }: { release: { sha?: string } }) => ({ after: sha })
    await send({ target: jenkins({ apiUrl: platform.origin, token, payload }) })
    expect(platform.received[0]?.body).toBe(JSON.stringify({ after: release.sha }))
  })

  it('is refused when no job was triggered, since their filters do not match', async () => {
    await using platform = await startPlatform('jenkins')
    const { delivery } = await send({ target: jenkins({ apiUrl: platform.origin, token }) }, { app: 'docs' })
    expect(delivery).toMatchObject({
      state: 'dead',
      outcome: { reason: 'rejected', verdict: 'refused' },
      remote: { error: 'Triggered jobs.' },
    })
    expect(platform.deployments).toEqual([])
  })

  it.each([
    ['of a job that is silent', ''],
    ['of an older plugin', { status: 'ok', data: { triggerResults: { web: { triggered: true, id: 159 } } } }],
    ['of which one job was triggered', { jobs: { docs: { triggered: false }, web: { triggered: true } } }],
  ])('is taken with an answer %s', async (_what, body) => {
    await using platform = await startPlatform('jenkins')
    platform.answerNext({ status: 200, body })
    const { delivery } = await send({ target: jenkins({ apiUrl: platform.origin, token }) })
    expect(delivery.state).toBe('delivered')
  })

  it.each([
    ['a page', '<html>Log in</html>'],
    ['no jobs', { message: 'Triggered jobs.' }],
    ['an empty list', { jobs: {} }],
    ['another kind', '[]'],
  ])('is sent once with an answer of %s: it may have been triggered', async (_what, body) => {
    await using platform = await startPlatform('jenkins')
    platform.answerNext({ status: 200, body, headers: { 'content-type': 'text/html' } })
    const { delivery } = await send({ target: jenkins({ apiUrl: platform.origin, token }) })
    expect(delivery).toMatchObject({ state: 'dead', attempts: 1, outcome: { reason: 'rejected' } })
  })

  it.each([
    ['jobs that say no', { jobs: { web: { triggered: 'true' }, docs: 'Exception occurred', api: null } }],
  ])('is refused with an answer of %s', async (_what, body) => {
    await using platform = await startPlatform('jenkins')
    for (let times = 0; times < 3; times += 1)
      platform.answerNext({ status: 200, body, headers: { 'content-type': 'text/html' } })
    const { delivery } = await send({ target: jenkins({ apiUrl: platform.origin, token }) })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'rejected' } })
  })

  it('is not repeated when some jobs could not be triggered: the others were', async () => {
    await using platform = await startPlatform('jenkins')
    const message = 'There were errors when triggering jobs.'
    platform.answerNext({ status: 500, body: { jobs: { web: 'Exception occurred' }, message } })
    const { delivery } = await send({ target: jenkins({ apiUrl: platform.origin, token }) })
    expect(delivery).toMatchObject({ state: 'dead', attempts: 1, remote: { error: message } })
    expect(platform.received).toHaveLength(1)
  })
})

describe('a job of Jenkins', () => {
  const job = { job: 'deploys/web', user: 'releaser', apiToken: '11c3f00ba51d' }

  it('is a POST of its parameters as a form, with user and API token', async () => {
    await using platform = await startPlatform('jenkins')
    const { delivery } = await send({ target: jenkins({ apiUrl: `${platform.origin}/`, ...job }) })
    const [request] = platform.received
    expect(request).toMatchObject({
      method: 'POST',
      path: '/job/deploys/job/web/buildWithParameters',
      query: {},
    })
    expect(request?.headers['authorization']).toBe(
      `Basic ${Buffer.from('releaser:11c3f00ba51d').toString('base64')}`,
    )
    const form = Object.fromEntries(new URLSearchParams(request?.body))
    expect(form).toMatchObject({ RELEASE_APP: 'web', RELEASE_SHA: release.sha, RELEASE_STAGE: 'released' })
    expect(delivery).toMatchObject({ state: 'delivered', outcome: { reason: 'status-201' } })
  })

  it('takes parameters of its own', async () => {
    await using platform = await startPlatform('jenkins')
    const parameters = { ENV: 'production' }
    await send({ target: jenkins({ apiUrl: platform.origin, ...job, parameters }) })
    expect(platform.received[0]?.body).toBe('ENV=production')
  })

  it('is refused by a page, and by a redirect to the log-in', async () => {
    await using platform = await startPlatform('jenkins')
    const { delivery } = await send({ target: jenkins({ apiUrl: platform.origin, ...job, job: 'nothing' }) })
    expect(delivery).toMatchObject({ state: 'dead', attempts: 1, outcome: { reason: 'status-404' } })
    platform.answerNext({ status: 302, headers: { location: '/login' } })
    const { delivery: other } = await send({ target: jenkins({ apiUrl: platform.origin, ...job }) })
    expect(other).toMatchObject({ state: 'dead', outcome: { reason: 'status-302', verdict: 'refused' } })
  })

  it.each(['', 'deploys//web', 'deploys/..'])('has a name, which %j is none of', (name) => {
    expect(() => jenkins({ apiUrl: 'https://ci.example.com', ...job, job: name })).toThrow(
      expect.objectContaining({ code: 'option_invalid', option: 'jenkins.job' }),
    )
  })
})
