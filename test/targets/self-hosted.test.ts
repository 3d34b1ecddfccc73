import { describe, expect, it } from 'vitest'
import { caprover, coolify, dokploy } from '../../src/targets/index.ts'
import { startPlatform, type Platform } from '../../src/testing/index.ts'
import { impatient, release, send } from './sending.ts'

const token = '3|cool_4f8a1b6d9e2c'

function coolifyUrl({ origin, credentials }: Platform, ...names: readonly string[]): string {
  return `${origin}/api/v1/deploy?uuid=${names.map((name) => credentials[name]).join(',')}`
}

describe('a deploy webhook of Coolify', () => {
  it('is a POST with a bearer token, whose first deployment is read', async () => {
    await using platform = await startPlatform('coolify')
    const { delivery } = await send({ url: platform.url, target: coolify({ token }) })
    expect(platform.received).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/deploy',
        query: { uuid: platform.credentials['application'], force: 'false' },
        headers: { authorization: `Bearer ${token}` },
        body: '',
      },
    ])
    expect(delivery).toMatchObject({ state: 'delivered', remote: { id: 'dp-1', status: 'queued' } })
  })

  it('replaces what the URL says of the cache', async () => {
    await using platform = await startPlatform('coolify')
    await send({ url: platform.url, target: coolify({ token, force: true }) })
    expect(platform.received[0]?.query['force']).toBe('true')
  })

  it('is asked for by its uuid', async () => {
    await using platform = await startPlatform('coolify')
    await send({ url: platform.url, target: impatient(coolify({ token })), waitFor: 'finished' })
    expect(platform.received.at(-1)).toMatchObject({
      method: 'GET',
      path: '/api/v1/deployments/dp-1',
      query: {},
      headers: { authorization: `Bearer ${token}` },
    })
  })

  it('has ended when somebody has canceled the deployment', async () => {
    await using platform = await startPlatform('coolify')
    const deployments = [{ message: 'Application web deployment queued.', deployment_uuid: 'u-1' }]
    platform.answerNext({ status: 200, body: { deployments } })
    platform.answerNext({ status: 200, body: { deployment_uuid: 'u-1', status: 'cancelled-by-user' } })
    const { delivery } = await send({
      url: platform.url,
      target: impatient(coolify({ token })),
      waitFor: 'finished',
    })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'remote-canceled' } })
  })

  it('starts services, which have no deployment', async () => {
    await using platform = await startPlatform('coolify')
    const { delivery } = await send({ url: coolifyUrl(platform, 'service'), target: coolify({ token }) })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 1 })
    expect(delivery.remote?.id).toBeUndefined()
  })

  it('is no success when the 200 lists nothing but what was refused', async () => {
    await using platform = await startPlatform('coolify')
    const { delivery } = await send({ url: coolifyUrl(platform, 'locked'), target: coolify({ token }) })
    expect(delivery).toMatchObject({
      state: 'dead',
      outcome: { reason: 'rejected', verdict: 'refused' },
      remote: { error: 'Unauthorized to deploy this application.' },
    })
  })

  it('has failed, and is not repeated, when some of several resources were refused', async () => {
    await using platform = await startPlatform('coolify')
    const url = coolifyUrl(platform, 'application', 'locked', 'service')
    const { delivery } = await send({ url, target: coolify({ token }) })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      outcome: { reason: 'rejected', verdict: 'failed' },
      remote: { id: 'dp-1', error: 'Unauthorized to deploy this application.' },
    })
    expect(platform.deployments).toHaveLength(1)
  })

  it.each([
    ['web', 'delivered', undefined],
    ['web,empty', 'dead', 'No resources found for tag empty.'],
    ['empty', 'dead', 'No resources found for tag empty.'],
    ['unknown', 'dead', 'No resources found with this tag.'],
  ])('by the tags %s is %s', async (tag, state, error) => {
    await using platform = await startPlatform('coolify')
    const url = `${platform.origin}/api/v1/deploy?tag=${encodeURIComponent(tag)}`
    const { delivery } = await send({ url, target: coolify({ token }) })
    expect(delivery.state).toBe(state)
    expect(delivery.remote?.error).toBe(error)
    expect(platform.deployments).toHaveLength(tag.startsWith('web') ? 1 : 0)
  })

  it('is no success while the same commit is being deployed', async () => {
    await using platform = await startPlatform('coolify')
    const message = 'Deployment already queued for this commit.'
    const deployments = [{ message, resource_uuid: 'r-1', deployment_uuid: 'never-made' }]
    platform.answerNext({ status: 200, body: { deployments } })
    const { delivery, attempts } = await send({ url: platform.url, target: coolify({ token }) })
    expect(attempts[0]).toMatchObject({
      outcome: { kind: 'retry', reason: 'rejected' },
      remote: { error: message },
    })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 2 })
  })

  it.each([
    [401, 'Unauthenticated.'],
    [400, 'You must provide uuid or tag.'],
  ])('tells why it was refused with a %i, once', async (status, error) => {
    await using platform = await startPlatform('coolify')
    const given = status === 401 ? 'revoked-token' : token
    const url = `${platform.origin}/api/v1/deploy`
    const { delivery } = await send({ url, target: coolify({ token: given }) })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      outcome: { reason: `status-${status}`, verdict: 'refused' },
      remote: { error },
    })
  })

  it('is not repeated after a page that is no answer of its', async () => {
    await using platform = await startPlatform('coolify')
    platform.answerNext({ status: 200, body: '<html>Sign in</html>' })
    const { delivery } = await send({ url: platform.url, target: coolify({ token }) })
    expect(delivery).toMatchObject({ state: 'dead', attempts: 1, outcome: { reason: 'rejected' } })
  })
})

describe('a deploy webhook of Dokploy', () => {
  it('is a POST in the form of a push, with sha and summary', async () => {
    await using platform = await startPlatform('dokploy')
    const { delivery } = await send({ url: platform.url, target: dokploy({ branch: 'main' }) })
    const [request] = platform.received
    expect(request).toMatchObject({
      method: 'POST',
      query: {},
      headers: { 'x-github-event': 'push', 'content-type': 'application/json' },
    })
    expect(JSON.parse(request?.body ?? '')).toEqual({
      ref: 'refs/heads/main',
      head_commit: { id: release.sha, message: 'gabrtv deployed 35b3726' },
      commits: [],
    })
    expect(delivery.state).toBe('delivered')
  })

  it('needs no branch for an image', async () => {
    await using platform = await startPlatform('dokploy')
    const url = `${platform.origin}/api/deploy/${platform.credentials['imageToken']}`
    const { delivery } = await send({ url, target: dokploy() }, { sha: undefined })
    expect(delivery.state).toBe('delivered')
    expect(JSON.parse(platform.received[0]?.body ?? '')).toEqual({
      head_commit: { id: 'v4', message: 'gabrtv deployed v4' },
      commits: [],
    })
  })

  it('tells what a 301 without a Location refuses, once', async () => {
    await using platform = await startPlatform('dokploy')
    const { delivery } = await send({ url: platform.url, target: dokploy({ branch: 'staging' }) })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      outcome: { reason: 'status-301', verdict: 'refused' },
      remote: { error: 'Branch Not Match' },
    })
  })

  it('tells that deployments are switched off, or the token is unknown', async () => {
    await using platform = await startPlatform('dokploy')
    const urls = [platform.credentials['disabledToken'], 'dk_refresh_unknown'].map(
      (each) => `${platform.origin}/api/deploy/${each}`,
    )
    const sent = await Promise.all(urls.map((url) => send({ url, target: dokploy({ branch: 'main' }) })))
    expect(sent.map(({ delivery }) => [delivery.outcome?.reason, delivery.remote?.error])).toEqual([
      ['status-400', 'Automatic deployments are disabled for this application'],
      ['status-404', 'Application Not Found'],
    ])
  })

  it('is not repeated after a page that is no answer of its', async () => {
    await using platform = await startPlatform('dokploy')
    platform.answerNext({ status: 200, body: '<html>Sign in</html>' })
    const { delivery } = await send({ url: platform.url, target: dokploy({ branch: 'main' }) })
    expect(delivery).toMatchObject({ state: 'dead', attempts: 1, outcome: { reason: 'rejected' } })
  })
})

describe('a build webhook of CapRover', () => {
  it('is a POST without a body, with namespace and token as they are', async () => {
    await using platform = await startPlatform('caprover')
    const { delivery, told } = await send({ url: platform.url, target: caprover() })
    const { namespace, token: secret = '' } = platform.credentials
    expect(platform.received).toMatchObject([
      {
        method: 'POST',
        path: '/api/v2/user/apps/webhooks/triggerbuild',
        query: { namespace, token: secret },
        body: '',
      },
    ])
    expect(delivery.state).toBe('delivered')
    expect(told).not.toContain(secret)
  })

  it('is no success when the 200 says that it failed', async () => {
    await using platform = await startPlatform('caprover')
    const url = platform.url.replace(/token=.*/u, 'token=another-token')
    const { delivery } = await send({ url, target: caprover() })
    expect(delivery).toMatchObject({
      state: 'dead',
      outcome: { reason: 'rejected', verdict: 'refused' },
      remote: { error: 'Error triggering a build' },
    })
    expect(platform.deployments).toEqual([])
  })

  it.each([101, 102, 1102, 1113])('is no success with the status %i', async (status) => {
    await using platform = await startPlatform('caprover')
    for (let times = 0; times < 3; times += 1)
      platform.answerNext({ status: 200, body: { status, description: 'Not good', data: {} } })
    const { delivery } = await send({ url: platform.url, target: caprover() })
    expect(delivery).toMatchObject({
      state: 'dead',
      outcome: { reason: 'rejected' },
      remote: { error: 'Not good' },
    })
  })

  it('is not repeated after a page that is no answer of its', async () => {
    await using platform = await startPlatform('caprover')
    platform.answerNext({ status: 200, body: '<html>Nothing here yet</html>' })
    const { delivery } = await send({ url: platform.url, target: caprover() })
    expect(delivery).toMatchObject({ state: 'dead', attempts: 1, outcome: { reason: 'rejected' } })
  })
})
