import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  discord,
  googleChat,
  mattermost,
  slack,
  teams,
  type ChatOptions,
  type Target,
} from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import type { PlatformAnswer } from '../../src/testing/platforms/platform.ts'
import { platforms, type PlatformName } from '../../src/testing/platforms/platforms.ts'
import { anyRelease, detailsOfMeta, exchange, textsIn } from './chats.ts'
import { release, send } from './sending.ts'
import { runs } from '../runs.ts'

interface Chat {
  readonly name: PlatformName
  readonly target: (options?: ChatOptions) => Target
  readonly good: number
  /** Answers that are good by their status, and are none. */
  readonly feigned: readonly PlatformAnswer[]
}

const html = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' }
const chats: readonly Chat[] = [
  {
    name: 'slack',
    target: slack,
    good: 200,
    feigned: [
      { status: 200, body: 'invalid_payload' },
      { status: 200, body: { ok: false, error: 'no_text' } },
      { status: 200 },
      html,
    ],
  },
  { name: 'discord', target: discord, good: 200, feigned: [{ status: 201, body: {} }] },
  {
    name: 'teams',
    target: teams,
    good: 202,
    feigned: [html, { status: 200, body: 'Webhook message delivery failed with error: HTTP error 413' }],
  },
  {
    name: 'mattermost',
    target: mattermost,
    good: 200,
    feigned: [html, { status: 200 }, { status: 200, body: { id: 'x', message: 'No text specified.' } }],
  },
  {
    name: 'google-chat',
    target: googleChat,
    good: 200,
    feigned: [
      html,
      { status: 200 },
      { status: 200, body: { error: { message: 'no' } } },
      { status: 200, body: '"name"' },
    ],
  },
]

describe.for(chats)('a message to $name', ({ name, target, good, feigned }) => {
  it('arrives once, by POST, as JSON', async () => {
    await using platform = await startPlatform(name)
    const { delivery } = await send({ url: platform.url, target: target() })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 1, outcome: { reason: `status-${good}` } })
    const [request] = platform.received
    expect(request).toMatchObject({ method: 'POST', path: new URL(platform.url).pathname })
    expect(request?.headers['content-type']).toBe('application/json')
    expect(request?.headers['idempotency-key']).toBe(`"${delivery.id}"`)
    expect(platform.received).toHaveLength(1)
  })

  it('is taken for any release, and is the same each time', () => {
    const chat = target({ details: detailsOfMeta })
    fc.assert(
      fc.property(anyRelease, (input) => {
        const { answer, request, payload } = exchange(name, chat, input)
        expect(answer).toMatchObject({ status: good })
        expect(textsIn(payload).every((text) => text.isWellFormed())).toBe(true)
        expect(exchange(name, chat, input).request).toEqual(request)
      }),
      runs(100),
    )
  })

  it('is taken for the longest release there can be', () => {
    for (const unit of ['x', '&', '<', '"', '\\', '_', '部', '🚀']) {
      const long = unit.repeat(2000 / unit.length)
      const address = `https://web.example.com/${'x'.repeat(1970)}`
      const texts = {
        app: long,
        version: long,
        user: long,
        sha: long,
        summary: long,
        environment: long,
        previous: long,
      }
      const urls = { url: address, logUrl: `${address}?log`, diffUrl: `${address}?diff` }
      const meta = Object.fromEntries(
        Array.from({ length: 20 }, (_, index) => [`${index}${long.slice(0, 1990)}`, long]),
      )
      for (const stage of ['released', 'succeeded', 'failed', 'rolled-back'] as const) {
        const { answer } = exchange(name, target({ title: long, details: detailsOfMeta }), {
          ...texts,
          ...urls,
          meta,
          stage,
        })
        expect(answer).toMatchObject({ status: good })
      }
    }
  })

  it('says what, where, who, from which commit, and with which result', () => {
    const said = (stage: 'released' | 'succeeded' | 'failed' | 'rolled-back') =>
      textsIn(exchange(name, target(), { ...release, stage }).payload)
        .join('\n')
        .replaceAll('\\', '')
    for (const stage of ['released', 'succeeded', 'failed', 'rolled-back'] as const)
      for (const fact of [
        'web v4',
        'production',
        'gabrtv',
        '35b3726',
        release.url,
        release.logUrl,
        release.diffUrl,
      ])
        expect(said(stage)).toContain(fact)
    expect(said('released')).toContain('web v4 was released to production')
    expect(said('succeeded')).toContain('web v4 is live in production')
    expect(said('failed')).toContain('web v4 failed in production')
    expect(said('failed')).toContain('Read the logs to see why.')
    expect(said('rolled-back')).toContain('web v4 was rolled back in production')
    expect(said('rolled-back')).toContain('v3 runs again. Read the logs to see why.')
  })

  it('says what it knows of a release of which little is known', () => {
    for (const stage of ['released', 'failed', 'rolled-back'] as const) {
      const { answer, payload } = exchange(name, target(), {
        app: 'web',
        version: 1,
        user: '\u{200B}',
        summary: '',
        stage,
      })
      expect(answer).toMatchObject({ status: good })
      expect(textsIn(payload).join('\n')).not.toMatch(
        /undefined|Commit|Environment|https:\/\/(?!adaptivecards)web/u,
      )
    }
  })

  it('has a title and facts of the user', () => {
    const options: ChatOptions = {
      title: ({ release: { app } }) => `Ship ${app}`,
      details: { Region: 'fra1', Empty: '', None: undefined },
    }
    const texts = textsIn(exchange(name, target(options), release).payload).join('\n')
    expect(texts).toContain('Ship web')
    expect(texts).toContain('Region')
    expect(texts).toContain('fra1')
    expect(texts).not.toMatch(/Empty|None/u)
  })

  it('may be made by the user as a whole', () => {
    const { payload } = exchange(
      name,
      target({ message: ({ release: { app } }) => ({ text: `Hi ${app}` }) }),
      release,
    )
    expect(payload).toMatchObject({ text: 'Hi web' })
  })

  it('is not taken for delivered when only the status says so', async () => {
    for (const answer of feigned) {
      await using platform = await startPlatform(name)
      for (let times = 0; times < 3; times += 1) platform.answerNext(answer)
      const { delivery } = await send({ url: platform.url, target: { ...target(), pace: undefined } })
      expect(delivery).toMatchObject({ state: 'dead', outcome: { verdict: 'refused' } })
    }
  })

  it('is sent again after a timeout, since a second message does no harm', async () => {
    await using platform = await startPlatform(name)
    platform.answerNext('hang')
    const { delivery } = await send({
      url: platform.url,
      target: { ...target(), pace: undefined },
      timeout: { deadlineMs: 500 },
    })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 2 })
    expect(platform.received[0]?.body).toBe(platform.received[1]?.body)
  })

  it('follows no redirect, and waits as long as it is told', async () => {
    await using platform = await startPlatform(name)
    platform.answerNext({ status: 301 })
    platform.answerNext({ status: 429, headers: { 'retry-after': '0.2' } })
    const { delivery, attempts } = await send({ url: platform.url, target: { ...target(), pace: undefined } })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 3 })
    expect(attempts.map(({ outcome }) => outcome.reason)).toEqual([
      'status-301',
      'status-429',
      `status-${good}`,
    ])
    expect((attempts[2]?.startedAt ?? 0) - (attempts[1]?.endedAt ?? 0)).toBeGreaterThanOrEqual(199)
  })

  it('is tried once when nothing but another configuration helps', async () => {
    for (const status of [400, 403, 404]) {
      await using platform = await startPlatform(name)
      platform.answerNext({ status, headers: { 'content-type': 'text/plain' }, body: 'no such thing' })
      const { delivery } = await send({ url: platform.url, target: target() })
      expect(delivery).toMatchObject({
        state: 'dead',
        attempts: 1,
        outcome: { reason: `status-${status}`, verdict: 'refused' },
        remote: { error: 'no such thing' },
      })
    }
  })

  it('is dead with its hook when the channel is gone', async () => {
    await using platform = await startPlatform(name)
    platform.answerNext({ status: 410, body: 'channel_is_archived' })
    const { delivery } = await send({ url: platform.url, target: target() })
    expect(delivery).toMatchObject({
      state: 'dead',
      outcome: { verdict: 'gone' },
      remote: { error: 'channel_is_archived' },
    })
  })

  it('shows its secret nowhere', async () => {
    await using platform = await startPlatform(name)
    const { token, signature, id = '', key } = platform.credentials
    const secrets = [token ?? signature ?? id, key].filter((each) => each !== undefined)
    for (const secret of secrets) {
      platform.answerNext({ status: 500, body: `no such hook: ${secret}` })
      platform.answerNext({ status: 400, body: { message: secret, error: { message: secret } } })
      const { told, delivery } = await send({ url: platform.url, target: { ...target(), pace: undefined } })
      expect(delivery.state).toBe('dead')
      expect(told).not.toContain(secret)
    }
    expect(secrets.length).toBeGreaterThan(0)
  })

  it('is refused with another secret', async () => {
    await using platform = await startPlatform(name)
    const { token, signature, id = '' } = platform.credentials
    const url = platform.url.replace(token ?? signature ?? id, 'wr0ngSecretWrongSecret0000')
    const { delivery } = await send({ url, target: target() })
    expect(delivery).toMatchObject({ state: 'dead', attempts: 1, outcome: { verdict: 'refused' } })
    expect(delivery.remote?.error).toMatch(/\w/u)
  })

  it('is refused when it is malformed', async () => {
    await using platform = await startPlatform(name)
    const definition = target()
    const [request] = definition.requests
    for (const body of [{ text: '{' }, { json: [] }, { json: {} }]) {
      const broken: Target = { ...definition, requests: [{ ...request, body }] }
      const { delivery } = await send({ url: platform.url, target: broken })
      if (name === 'google-chat' && 'json' in body && !Array.isArray(body.json)) continue
      expect(delivery).toMatchObject({ state: 'dead', attempts: 1, outcome: { reason: 'status-400' } })
    }
    expect(Object.keys(platforms)).toContain(name)
  })
})
