import http from 'node:http'
import { describe, expect, it } from 'vitest'
import { buildkite, cdEvent, cloudEvent, jenkins } from '../../src/targets/index.ts'
import { platformNames, startPlatform, type Platform, type PlatformName } from '../../src/testing/index.ts'
import { send } from './sending.ts'

interface Asked {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** The status of the answer to a POST of JSON, byte for byte as it is given. */
function post(origin: string, { path, headers, body = '' }: Asked): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin)
    const all = { 'content-type': 'application/json', 'user-agent': 'test', ...headers }
    http
      .request({ hostname, port, path, method: 'POST', headers: all }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode))
      })
      .on('error', reject)
      .end(body)
  })
}

type OfPlatform = (credentials: Platform['credentials']) => Asked

const bearer = (token = ''): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` })

/** Where a body is read, and what it takes to get there. */
const reading: Partial<Record<PlatformName, OfPlatform>> = {
  buildkite: ({ token }) => ({
    path: '/v2/organizations/acme/pipelines/deploy/builds',
    headers: bearer(token),
  }),
  circleci: ({ token = '' }) => ({
    path: '/api/v2/project/gh/acme/web/pipeline',
    headers: { 'circle-token': token },
  }),
  datadog: ({ apiKey = '' }) => ({ path: '/api/v2/dora/deployment', headers: { 'dd-api-key': apiKey } }),
  github: ({ token }) => ({ path: '/repos/acme/web/deployments', headers: bearer(token) }),
  grafana: ({ token }) => ({ path: '/api/annotations', headers: bearer(token) }),
  jenkins: ({ token = '' }) => ({ path: '/generic-webhook-trigger/invoke', headers: { token } }),
  'new-relic': ({ apiKey = '' }) => ({ path: '/graphql', headers: { 'api-key': apiKey } }),
  rollbar: ({ token = '' }) => ({ path: '/api/1/deploy', headers: { 'x-rollbar-access-token': token } }),
  sentry: ({ token }) => ({ path: '/api/0/organizations/acme/releases/', headers: bearer(token) }),
  shipmight: ({ token = '' }) => ({ path: '/api/v1/dh', headers: { 'x-deploy-hook-token': token } }),
  'cloud-events': () => ({ path: '/events', headers: { 'content-type': 'application/cloudevents+json' } }),
}

const odd = ['', 'null', '[]', '"x"', '7', '{}', '[null]', '{"env":null,"commit":"a","branch":"b"}'].concat(
  '{"parameters":null}',
  '{"data":null}',
  '{"data":{"attributes":null}}',
  '{"blocks":[null],"embeds":[null],"attachments":[null],"cardsV2":[null]}',
  '{"ref":"main","auto_merge":false,"required_contexts":[],"description":null}',
  '{"variables":{"deployment":null},"query":"changeTrackingCreateDeployment"}',
)

describe.each(platformNames)('the emulated %s', (name) => {
  it('answers odd bodies as bad ones, and goes on', async () => {
    await using platform = await startPlatform(name)
    const { pathname: path, search } = new URL(platform.url)
    const asked = reading[name]?.(platform.credentials) ?? { path: path + search }
    for (const body of odd) {
      const status = await post(platform.origin, { ...asked, body })
      expect(`${status} for ${body}`).toMatch(/^[2-4]\d\d /u)
    }
    expect(platform.received).toHaveLength(odd.length)
  })

  it('answers odd paths', async () => {
    await using platform = await startPlatform(name)
    for (const path of ['//', '/%zz', '*', '/api/0/organizations/acme/releases/%zz/deploys/']) {
      const status = await post(platform.origin, { path, headers: bearer(platform.credentials['token']) })
      expect(`${status} for ${path}`).toMatch(/^[2-4]\d\d /u)
    }
  })
})

describe('an emulated platform', () => {
  it('answers 500 when it cannot answer as it was told, and goes on', async () => {
    await using platform = await startPlatform('netlify')
    platform.answerNext({ status: 200, headers: { 'no name': 'of a header' } })
    const { pathname: path } = new URL(platform.url)
    expect(await post(platform.origin, { path })).toBe(500)
    expect(await post(platform.origin, { path })).toBe(200)
  })

  it('still says where it was when it is closed', async () => {
    const platform = await startPlatform('netlify')
    const { origin, url } = platform
    await Promise.all([platform.close(), platform.close()])
    expect(platform).toMatchObject({ origin, url })
  })

  it('takes the organization, pipeline and job that it was given', async () => {
    const credentials = { organization: 'o-2', pipeline: 'p.2', token: 'bkua_another' }
    await using builds = await startPlatform('buildkite', { credentials })
    const target = buildkite({ ...credentials, apiUrl: `${builds.origin}/v2` })
    expect(builds.url).toBe(target.url)
    expect((await send({ target })).delivery.state).toBe('delivered')
    await using jobs = await startPlatform('jenkins', { credentials: { job: 'other' } })
    const { user = '', apiToken = '' } = jobs.credentials
    const job = jenkins({ apiUrl: jobs.origin, job: 'other', user, apiToken })
    expect((await send({ target: job })).delivery.state).toBe('delivered')
  })

  it.each([cloudEvent, cdEvent])('refuses an event with a wrong token', async (target) => {
    await using platform = await startPlatform('cloud-events')
    const wrong = await send({ url: platform.url, target: target({ token: 'ce_another_token' }) })
    expect(wrong.delivery).toMatchObject({ state: 'dead', outcome: { reason: 'status-401' } })
    const right = await send({
      url: platform.url,
      target: target({ token: platform.credentials['token'] }),
    })
    expect(right.delivery.state).toBe('delivered')
  })
})
