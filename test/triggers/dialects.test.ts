import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createToken } from '../../src/triggers/token.ts'
import { jsonOf, post, startPlatform, type Platform } from './platform.ts'

const run = promisify(execFile)

/** A line of a guide, in a shell, as it stands there. @returns status and body */
async function curl(line: string): Promise<readonly [status: number, json: unknown]> {
  const { stdout } = await run('sh', ['-c', line.replace(/^curl/u, String.raw`curl -sS -w '\n%{http_code}'`)])
  const end = stdout.lastIndexOf('\n')
  return [Number(stdout.slice(end + 1)), JSON.parse(stdout.slice(0, end))]
}

function jsonPost(platform: Platform, token: string, body: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'x-deploy-hook-token': token }
  return post(`${platform.origin}/api/v1/dh`, { headers, body })
}

describe("Shipmight's dialect", () => {
  it('takes the lines of its guide, of an app and of a job', async () => {
    const platform = await startPlatform()
    const app = await platform.create({ dialect: 'shipmight' })
    const job = await platform.create({ dialect: 'shipmight', kind: 'job', app: 'job' })
    expect(app.url).toBe(`${platform.origin}/api/v1/dh`)

    const ofApp = await curl(`curl \\
  -X POST \\
  -H 'Content-Type: application/json' \\
  -H 'X-Deploy-Hook-Token: ${app.token}' \\
  --data '{"imageTag":"1.2.0"}' \\
  ${app.url}`)
    const ofJob = await curl(`curl \\
  -X POST \\
  -H 'Content-Type: application/json' \\
  -H 'X-Deploy-Hook-Token: ${job.token}' \\
  --data '{"instanceEnvironmentVariables":[{"name":"EXAMPLE_VAR","value":"example"}]}' \\
  ${job.url}`)

    expect([ofApp, ofJob]).toEqual([
      [201, {}],
      [201, {}],
    ])
    await platform.untilStarted(2)
    expect(platform.started.map(({ params, facts }) => [params, facts])).toEqual([
      [{ imageTag: '1.2.0' }, { tag: '1.2.0' }],
      [{ instanceEnvironmentVariables: [{ name: 'EXAMPLE_VAR', value: 'example' }] }, {}],
    ])
  })

  it.each([
    ['{', 400],
    ['[]', 400],
    ['{}', 400],
    ['{"imageTag":7}', 400],
    ['{"imageTag":"a b"}', 400],
    ['{"imageTag":"1","other":1}', 400],
  ])('answers %s with %i, and says what is wrong', async (body, status) => {
    const platform = await startPlatform()
    const { token } = await platform.create({ dialect: 'shipmight' })
    const response = await jsonPost(platform, token, body)
    expect(response.status).toBe(status)
    expect(await jsonOf(response)).toMatchObject({
      error: { name: 'ValidationError', errors: expect.any(Array) },
    })
  })

  it('answers 404 for a token that is unknown, or is of another dialect', async () => {
    const platform = await startPlatform()
    const native = await platform.create()
    for (const token of [createToken('dht'), native.token, 'x']) {
      const response = await jsonPost(platform, token, '{"imageTag":"1"}')
      expect(response.status).toBe(404)
      expect(await jsonOf(response)).toMatchObject({ error: { message: 'Deploy hook was not found' } })
    }
  })

  it('has a name that cannot change', async () => {
    const platform = await startPlatform()
    const { id } = await platform.create({ dialect: 'shipmight', name: 'GitHub' })
    await expect(platform.triggers.update(id, { name: 'GitLab' })).rejects.toMatchObject({
      code: 'option_invalid',
    })
  })
})

describe("fortrabbit's dialect", () => {
  it('takes the lines of its guide, with one slash and with two', async () => {
    const platform = await startPlatform()
    const { url } = await platform.create({ dialect: 'fortrabbit' })
    const none = await curl(`curl ${url}`)
    expect(none[0]).toBe(404)

    const [status, answer] = await curl(`curl -X POST ${url}`)
    const [, asked] = await curl(`curl ${url.replace('deploy-hook/', 'deploy-hook//')}`)

    expect(status).toBe(200)
    expect(answer).toEqual({
      deployment: { id: expect.stringMatching(/^dep_/u), state: 'PENDING', createdAt: expect.any(Number) },
    })
    const { id } = (answer as { deployment: { id: string } }).deployment
    expect(asked).toMatchObject({ deployment: { id } })
    await platform.untilStarted(1)
    await platform.triggers.finished(id, 'failed', { error: 'no' })
    expect((await curl(`curl ${url}`))[1]).toMatchObject({ deployment: { id, state: 'FAILED', error: 'no' } })
  })

  it('names an unknown one as fortrabbit does', async () => {
    const platform = await startPlatform()
    const response = await post(`${platform.origin}/v1/deploy-hook/${createToken('dht')}`)
    expect([response.status, await jsonOf(response)]).toEqual([404, { error: 'Environment not found.' }])
  })
})

describe("StackBlaze's dialect", () => {
  it('takes the lines of its guide, and tells all five fields', async () => {
    const platform = await startPlatform({ overlap: 'queue' })
    const { url } = await platform.create({ dialect: 'stackblaze', app: 'api-service' })

    const [status, answer] = await curl(`curl -X POST \\
  ${url}`)
    const withOptions = await curl(`curl -X POST \\
  "${url}?branch=feat/new-ui&clear_cache=true"`)

    expect(status).toBe(202)
    const { deploymentId, dashboardUrl } = answer as { deploymentId: string; dashboardUrl: string }
    expect(answer).toEqual({
      deploymentId,
      service: 'api-service',
      status: 'queued',
      branch: 'main',
      dashboardUrl,
    })
    expect((await fetch(dashboardUrl)).status).toBe(200)
    expect(withOptions).toMatchObject([202, { branch: 'feat/new-ui' }])
    await platform.untilStarted(2)
    expect(platform.started.map(({ params, facts }) => [params, facts])).toContainEqual([
      { clearCache: true },
      { branch: 'feat/new-ui' },
    ])
    const [, asked] = await curl(`curl ${platform.origin}/deployments/${deploymentId}`)
    expect(asked).toMatchObject({ deploymentId, status: 'running' })
  })

  it('counts every call, merged ones too: ten in a minute', async () => {
    const platform = await startPlatform({ debounce: { quietMs: 60_000, maxWaitMs: 60_000 } })
    const { url } = await platform.create({ dialect: 'stackblaze' })
    const statuses: number[] = []
    for (let call = 0; call < 11; call += 1) statuses.push((await post(url)).status)
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 202), 429])
  })

  it('answers 401 before any work to a token that is wrong', async () => {
    const platform = await startPlatform()
    const response = await post(`${platform.origin}/deploy-hooks/${createToken('dht')}`)
    expect([response.status, await jsonOf(response)]).toMatchObject([401, { error: 'Unauthorized' }])
  })

  it('tells the status of a deployment to whoever knows its id, and knows no other', async () => {
    const platform = await startPlatform()
    for (const id of ['dep_0', `dep_${'0'.repeat(32)}`, '%00', 'x.y'])
      expect((await fetch(`${platform.origin}/deployments/${id}`)).status).toBe(404)
  })
})

describe("Flightcontrol's dialect", () => {
  it('starts by GET, of an environment and of a preview of a pull request', async () => {
    const platform = await startPlatform()
    const plain = await platform.create({ dialect: 'flightcontrol', environmentId: 12 })
    const preview = await platform.create({ dialect: 'flightcontrol', environmentId: 13, preview: true })
    expect(plain.url).toContain('/api/deploy-hook/12/')

    const first = await curl(`curl '${plain.url}?force=true'`)
    const second = await curl(`curl ${preview.url}/7/35b3726`)
    const third = await curl(`curl ${preview.url}/8/35b3726`)

    for (const answer of [first, second, third])
      expect(answer).toEqual([200, { success: 'true', deploymentId: expect.stringMatching(/^dep_/u) }])
    await platform.untilStarted(3)
    const given = platform.started.map(({ params, facts }) => ({ params, facts }))
    expect(given).toContainEqual({ params: { force: true }, facts: {} })
    expect(given).toContainEqual({ params: {}, facts: { pullRequest: '7', sha: '35b3726' } })
    expect(given).toContainEqual({ params: {}, facts: { pullRequest: '8', sha: '35b3726' } })
  })

  it('knows the number of its environment, and whether it is one of previews', async () => {
    const platform = await startPlatform()
    const plain = await platform.create({ dialect: 'flightcontrol', environmentId: 12 })
    const preview = await platform.create({ dialect: 'flightcontrol', environmentId: 13, preview: true })
    const wrong = [
      plain.url.replace('/12/', '/13/'),
      plain.url.replace('/12/', '/x/'),
      `${plain.url}/7/35b3726`,
      preview.url,
    ]
    for (const url of wrong) {
      const response = await fetch(url)
      expect([url, response.status]).toEqual([url, 404])
    }
    const invalid = [
      `${preview.url}/x/35b3726`,
      `${preview.url}/7/zzz`,
      `${plain.url}?force=1`,
      `${plain.url}?other=1`,
    ]
    for (const url of invalid) {
      const response = await fetch(url)
      expect([url, response.status, await jsonOf(response)]).toMatchObject([url, 422, { success: 'false' }])
    }
    expect(platform.started).toEqual([])
  })

  it('tells a status to an API key alone', async () => {
    const platform = await startPlatform({ isApiKey: (key, { app }) => key === 'k' && app === 'web' })
    const { url } = await platform.create({ dialect: 'flightcontrol', environmentId: 12 })
    const { deploymentId } = (await jsonOf(await fetch(url))) as { deploymentId: string }
    const ask = (authorization?: string): Promise<Response> =>
      fetch(`${platform.origin}/v1/deployments/${deploymentId}`, {
        headers: authorization === undefined ? {} : { authorization },
      })
    expect((await ask()).status).toBe(401)
    expect((await ask('Bearer x')).status).toBe(401)
    expect(await jsonOf(await ask('Bearer k'))).toMatchObject({ id: deploymentId })
    expect((await fetch(`${platform.origin}/deployments/${deploymentId}`)).status).toBe(404)
  })

  it.each([
    ['Slack', { 'user-agent': 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)' }],
    ['Twitter', { 'user-agent': 'Twitterbot/1.0' }],
    ['Telegram', { 'user-agent': 'TelegramBot (like TwitterBot)' }],
    ['WhatsApp', { 'user-agent': 'WhatsApp/2.23' }],
    ['a prefetch', { 'sec-purpose': 'prefetch;prerender' }],
    ['an older prefetch', { purpose: 'prefetch' }],
    ['Firefox', { 'x-moz': 'prefetch' }],
    ['a range', { range: 'bytes=0-32768' }],
  ])('starts nothing for a preview: %s', async (_, headers) => {
    const platform = await startPlatform()
    const { url } = await platform.create({ dialect: 'flightcontrol', environmentId: 12 })
    const response = await fetch(url, { headers })
    expect(response.status).toBe(403)
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(405)
    expect(await platform.triggers.calls((await platform.triggers.list())[0]?.id ?? '')).toEqual([])
  })

  it('gives people a page with one button, which starts it', async () => {
    const platform = await startPlatform()
    const { url } = await platform.create({ dialect: 'flightcontrol', environmentId: 12 })
    const headers = { accept: 'text/html,application/xhtml+xml', 'sec-fetch-mode': 'navigate' }

    const page = await fetch(url, { headers })

    expect(page.headers.get('content-type')).toContain('text/html')
    const html = await page.text()
    expect(html.match(/<button/gu)).toHaveLength(1)
    expect(html).not.toContain('<script')
    expect(platform.started).toEqual([])
    const pressed = await post(url, { headers, body: new URLSearchParams() })
    expect(pressed.status).toBe(200)
    await platform.untilStarted(1)
  })
})
