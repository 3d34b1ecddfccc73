import { createHmac } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as z from 'zod'
import { Webhook } from 'standardwebhooks'
import { createDispatcher, signUrl } from '../../src/index.ts'
import { jsonOf, post, startPlatform, type Platform } from './platform.ts'
import {
  contentful,
  gitea,
  githubPackage,
  githubPing,
  githubPush,
  gitlabPush,
  sanity,
  strapi,
} from './payloads.ts'

interface Sent {
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

function send(url: string, { headers, body }: Sent): Promise<Response> {
  return post(url, {
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

describe('a webhook of another system', () => {
  it.each([
    ['a push of GitHub', githubPush, { branch: 'main', sha: githubPush.body.after, user: 'Codertocat' }],
    ['a push of GitLab', gitlabPush, { branch: 'main', sha: gitlabPush.body.checkout_sha, user: 'jsmith' }],
    ['a push of Gitea', gitea, { branch: 'main', sha: gitea.body.after, user: 'gitea' }],
    ['a publish of Contentful', contentful, { branch: 'main' }],
    ['a publish of Strapi', strapi, { branch: 'main' }],
    ['a publish of Sanity', sanity, { branch: 'main' }],
  ])('starts what the trigger deploys: %s', async (_, sent, facts) => {
    const platform = await startPlatform()
    const { url } = await platform.create({ branch: 'main' })
    expect((await send(url, sent)).status).toBe(202)
    await platform.untilStarted(1)
    expect(platform.started[0]).toMatchObject({ params: {}, facts })
  })

  it('starts a tag of a package where the trigger takes tags', async () => {
    const platform = await startPlatform({ params: { tag: z.string() } })
    const taking = await platform.create({ params: ['tag'] })
    const other = await platform.create({ app: 'other' })
    expect((await send(taking.url, githubPackage)).status).toBe(202)
    await platform.untilStarted(1)
    expect(platform.started[0]?.facts).toEqual({ tag: '1.2.0', user: 'Codertocat' })
    expect(await jsonOf(await send(other.url, githubPackage))).toEqual({
      ignored: 'a tag: this trigger takes none',
    })
  })

  it.each([
    ['another branch', githubPush, { ref: 'refs/heads/next' }, 'another branch'],
    ['another branch of GitLab', gitlabPush, { ref: 'refs/heads/next' }, 'another branch'],
    ['another branch of Gitea', gitea, { ref: 'refs/heads/next' }, 'another branch'],
    ['a tag', githubPush, { ref: 'refs/tags/v1' }, 'a tag: this trigger takes none'],
    [
      'a branch that was deleted',
      githubPush,
      { after: '0'.repeat(40) },
      'a branch or a tag that was deleted',
    ],
    ['a draft of Strapi', strapi, { event: 'entry.update' }, 'a change that is not published'],
  ])('starts nothing, and says why: %s', async (_, sent: Sent, change, reason) => {
    const platform = await startPlatform()
    const { id, url } = await platform.create({ branch: 'main' })
    const response = await send(url, { ...sent, body: { ...(sent.body as object), ...change } })
    expect([response.status, await jsonOf(response)]).toEqual([200, { ignored: reason }])
    expect((await platform.triggers.calls(id))[0]).toMatchObject({ outcome: 'ignored' })
    expect(platform.started).toEqual([])
  })

  it('chooses no branch of a trigger that has none', async () => {
    const platform = await startPlatform()
    const { url } = await platform.create()
    expect(await jsonOf(await send(url, githubPush))).toEqual({ ignored: 'a branch: this trigger has none' })
  })

  it('is answered when it only asks whether somebody is there', async () => {
    const platform = await startPlatform()
    const { url } = await platform.create({ branch: 'main' })
    expect(await jsonOf(await send(url, githubPing))).toEqual({ ping: true })
    expect(platform.started).toEqual([])
  })
})

describe('a trigger whose calls are signed', () => {
  const secrets = ['old-secret-0123456789', 'new-secret-0123456789']
  const keys = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD']

  async function signed(signature: 'github' | 'standard' | 'deis'): Promise<[Platform, string]> {
    const platform = await startPlatform({ secrets: () => (signature === 'standard' ? keys : secrets) })
    const { url } = await platform.create({ branch: 'main', signature })
    return [platform, url]
  }

  it('takes either of two secrets, by GitHub', async () => {
    const [platform, url] = await signed('github')
    const body = JSON.stringify(githubPush.body)
    const call = (secret: string, sent = body): Promise<Response> => {
      const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
      const headers = {
        ...githubPush.headers,
        'content-type': 'application/json',
        'x-hub-signature-256': signature,
      }
      return post(url, { headers, body: sent })
    }
    for (const secret of secrets) expect((await call(secret)).ok).toBe(true)
    for (const response of [
      await call('another'),
      await call(secrets[0] ?? '', `${body} `),
      await send(url, githubPush),
    ])
      expect([response.status, await jsonOf(response)]).toMatchObject([401, { code: 'signature_invalid' }])
    await platform.untilStarted(1)
  })

  it('takes Standard Webhooks, and no old ones', async () => {
    const [, url] = await signed('standard')
    const call = async (secret: string, timestamp = new Date()): Promise<number> => {
      const id = `msg_${Math.random()}`.replace('.', '')
      const signature = new Webhook(secret).sign(id, timestamp, '{}')
      const headers = {
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(timestamp.getTime() / 1000)),
        'webhook-signature': signature,
      }
      return (await post(url, { headers, body: '{}' })).status
    }
    for (const key of keys) expect(await call(key)).toBeLessThan(300)
    expect(await call('whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=')).toBe(401)
    expect(await call(keys[0] ?? '', new Date(Date.now() - 600_000))).toBe(401)
  })

  it('takes what our own dispatcher signs, and finds a platform that deploys itself', async () => {
    const platform = await startPlatform({ secrets: () => secrets })
    const { url, id } = await platform.create({ signature: 'deis' })
    const dispatcher = createDispatcher({
      hooks: [{ url, secret: secrets[1] ?? '' }],
      egress: { allow: ['127.0.0.1'] },
    })
    onTestFinished(() => dispatcher.close())
    let deployment: string | undefined
    for (const round of [1, 2, 3]) {
      const release = { app: 'web', version: round, user: 'gabrtv', sha: '35b3726' }
      const { settled } = await dispatcher.dispatch(
        deployment === undefined ? release : { ...release, deployment },
      )
      expect((await settled())[0]).toMatchObject({ state: 'delivered' })
      await platform.untilStarted(round)
      const start = platform.started[round - 1]
      expect(start).toMatchObject({ params: {}, facts: { sha: '35b3726', user: 'gabrtv' } })
      deployment = start?.deploymentId ?? ''
      await platform.triggers.finished(deployment, 'succeeded')
    }
    const release = { app: 'web', version: 4, user: 'gabrtv', deployment }
    const { settled } = await dispatcher.dispatch(release)
    await expect.poll(async () => (await platform.triggers.calls(id))[0]?.outcome).toBe('loop_detected')
    expect(platform.started).toHaveLength(3)
    await dispatcher.close({ deadlineMs: 0 })
    await settled()
  })

  it('refuses a Deis signature by another secret, or of another URL', async () => {
    const [, url] = await signed('deis')
    const full = `${url}?app=web&release=v4&release_summary=x&user=u`
    for (const [secret, of] of [
      ['another', full],
      [secrets[0] ?? '', full.replace('app=web', 'app=other')],
    ] as const) {
      const response = await post(full, { headers: { authorization: signUrl(of, { secret }) } })
      expect(response.status).toBe(401)
    }
  })

  it('cannot be made where nothing gives the secrets', async () => {
    const platform = await startPlatform()
    await expect(platform.create({ signature: 'github' })).rejects.toMatchObject({ code: 'option_invalid' })
  })
})
