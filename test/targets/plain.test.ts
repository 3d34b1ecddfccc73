import { verify } from '@octokit/webhooks-methods'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { herokuForm, jsonPost } from '../../src/targets/index.ts'
import { startPlatform, type Platform } from '../../src/testing/index.ts'
import { anyRelease } from './any-release.ts'
import { release, send } from './sending.ts'
import { runs } from '../runs.ts'

const stages = ['released', 'succeeded', 'failed', 'rolled-back'] as const
const secret = 'whs-5f0c1e9a7b2d'

/** A server that takes anything. */
async function startTaker(times = 1): Promise<Platform> {
  const platform = await startPlatform('cloud-events')
  for (let count = 0; count < times; count += 1) platform.answerNext({ status: 200, body: 'thanks' })
  return platform
}

describe('a JSON request', () => {
  it('is the whole release, and is verified by what verifies webhooks of GitHub', async () => {
    await using platform = await startTaker()
    const { delivery, told } = await send({ url: platform.url, target: jsonPost(), secret })
    const [request] = platform.received
    const signature = request?.headers['x-hub-signature-256'] ?? ''
    expect(request).toMatchObject({
      method: 'POST',
      path: '/events',
      headers: { 'content-type': 'application/json', 'idempotency-key': `"${delivery.id}"` },
    })
    expect(JSON.parse(request?.body ?? '')).toEqual(delivery.release)
    await expect(verify(secret, request?.body ?? '', signature)).resolves.toBe(true)
    await expect(verify('another-secret', request?.body ?? '', signature)).resolves.toBe(false)
    await expect(verify(secret, `${request?.body} `, signature)).resolves.toBe(false)
    expect(told).not.toContain(secret)
    expect(told).not.toContain(signature)
  })

  it('is what its options make of a release, with secrets that show up nowhere', async () => {
    await using platform = await startTaker(0)
    platform.answerNext({ status: 500, body: 'what is tk_5f0c1e9a7b?' })
    platform.answerNext({ status: 201, body: 'tk_5f0c1e9a7b' })
    const target = jsonPost({
      method: 'PUT',
      secrets: { token: 'tk_5f0c1e9a7b' },
      headers: ({ secrets }) => ({
        authorization: `Token ${secrets.token}`,
        'content-type': 'application/vnd.x+json',
      }),
      body: ({ release: { app, sha } }) => [app, sha],
      accepts: [201],
      sign: false,
    })
    const { delivery, told } = await send({ url: platform.url, target, secret })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 2 })
    expect(platform.received[0]).toMatchObject({
      method: 'PUT',
      headers: { authorization: 'Token tk_5f0c1e9a7b', 'content-type': 'application/vnd.x+json' },
      body: JSON.stringify(['web', release.sha]),
    })
    expect(platform.received[0]?.headers).not.toHaveProperty('x-hub-signature-256')
    expect(told).not.toContain('tk_5f0c1e9a7b')
  })

  it('is refused by a status that it does not accept', async () => {
    await using platform = await startTaker(9)
    const { delivery } = await send({ url: platform.url, target: jsonPost({ accepts: [202] }) })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'status-200', verdict: 'refused' } })
  })

  it('is not sent without a body', async () => {
    await using platform = await startTaker()
    const { delivery } = await send({ url: platform.url, target: jsonPost({ body: () => undefined }) })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { verdict: 'unrenderable' } })
    expect(platform.received).toEqual([])
  })

  it('is not repeated after a timeout where a repeat would do something', async () => {
    await using platform = await startTaker(0)
    platform.answerNext('hang')
    const target = jsonPost({ repeat: 'side-effect' })
    const { delivery } = await send({ url: platform.url, target, timeout: { deadlineMs: 500 } })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'timeout', verdict: 'ambiguous' } })
    expect(platform.received).toHaveLength(1)
  })
})

describe('the form of Heroku’s deploy hooks', () => {
  it('is what Zulip takes', async () => {
    await using platform = await startPlatform('zulip')
    const { delivery } = await send(
      { url: platform.url, target: herokuForm() },
      { summary: 'gabrtv deployed\n\n35b3726', meta: { prev_head: 'a1b2c3d' } },
    )
    const [request] = platform.received
    expect(delivery.state).toBe('delivered')
    expect(request).toMatchObject({
      method: 'POST',
      path: '/api/v1/external/heroku',
      query: { api_key: platform.credentials['apiKey'], stream: 'deploys' },
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      app: 'web',
      user: 'gabrtv',
      url: 'https://web.example.com',
      head: '35b3726',
      head_long: release.sha,
      prev_head: 'a1b2c3d',
      git_log: ' * gabrtv: gabrtv deployed 35b3726',
      release: 'v4',
    })
  })

  it('has one line of a log by default, whatever the user is called', async () => {
    await using platform = await startPlatform('zulip')
    await send(
      { url: platform.url, target: herokuForm() },
      { user: 'gabrtv\n * mallory: reverted', summary: 'deployed\r\n 35b3726' },
    )
    const form = new URLSearchParams(platform.received[0]?.body)
    expect(form.get('git_log')).toBe(' * gabrtv * mallory: reverted: deployed 35b3726')
  })

  it('has every field, also of a release without a commit, and what its options say', async () => {
    await using platform = await startPlatform('zulip')
    const target = herokuForm({
      prevHead: ({ release: { previous = '' } }) => previous,
      gitLog: ' * one\n * two',
    })
    await send({ url: platform.url, target }, { sha: undefined, url: undefined })
    expect(Object.fromEntries(new URLSearchParams(platform.received[0]?.body))).toEqual({
      app: 'web',
      user: 'gabrtv',
      url: '',
      head: 'v4',
      head_long: 'v4',
      prev_head: 'v3',
      git_log: ' * one\n * two',
      release: 'v4',
    })
  })

  it('tells why it was refused, also by 200, and shows no key', async () => {
    await using platform = await startPlatform('zulip')
    const { apiKey = '' } = platform.credentials
    platform.answerNext({ status: 500, body: `bad ${platform.url}` })
    platform.answerNext({ status: 200, body: { result: 'error', msg: `no stream for ${apiKey}` } })
    for (let times = 0; times < 9; times += 1)
      platform.answerNext({ status: 200, body: { result: 'error', msg: 'Stream does not exist' } })
    const { delivery, told } = await send({ url: platform.url, target: herokuForm() })
    expect(delivery).toMatchObject({
      state: 'dead',
      outcome: { reason: 'rejected' },
      remote: { error: 'Stream does not exist' },
    })
    expect(told).not.toContain(apiKey)
  })

  it('is accepted by 200 with text, or with nothing', async () => {
    await using platform = await startPlatform('zulip')
    for (const body of ['ok', '']) {
      platform.answerNext({ status: 200, body })
      const { delivery } = await send({ url: platform.url, target: herokuForm() })
      expect(delivery).toMatchObject({ state: 'delivered', attempts: 1 })
    }
  })

  it('is made of any release', async () => {
    await using platform = await startPlatform('zulip')
    await fc.assert(
      fc.asyncProperty(anyRelease, async (given) => {
        const { delivery } = await send(
          { url: platform.url, target: herokuForm(), after: stages },
          { ...release, sha: undefined, ...given },
        )
        expect(delivery).toMatchObject({ state: 'delivered', attempts: 1 })
      }),
      runs(12),
    )
  })
})
