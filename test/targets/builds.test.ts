import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReleaseInput } from '../../src/index.ts'
import {
  buildkite,
  checkly,
  circleci,
  ghostInspector,
  githubDeployment,
  githubDispatch,
  gitlabPipeline,
  jenkins,
} from '../../src/targets/index.ts'
import type { Target } from '../../src/targets/shape.ts'
import { startPlatform, type Platform, type PlatformName } from '../../src/testing/index.ts'
import type { HookOptions } from '../../src/hooks/options.ts'
import { release as anyRelease } from '../arbitraries.ts'
import { send } from './sending.ts'
import { runs } from '../runs.ts'

interface Kind {
  readonly platform: PlatformName
  readonly make: (platform: Platform, secret?: string) => Target
  /** Of what the platform takes. */
  readonly secret: string
  /** What a wrong one is answered. */
  readonly refusal: string
  readonly reason: string
}

const kinds: Record<string, Kind> = {
  'githubDispatch()': {
    platform: 'github',
    make: ({ origin }, token = 'ghp_0vJk3mQ8xWz') =>
      githubDispatch({ repository: 'acme/web', token, apiUrl: origin }),
    secret: 'token',
    refusal: 'Bad credentials',
    reason: 'status-401',
  },
  'githubDeployment()': {
    platform: 'github',
    make: ({ origin }, token = 'ghp_0vJk3mQ8xWz') =>
      githubDeployment({
        repository: 'acme/web',
        token,
        apiUrl: origin,
        ref: ({ release }) => release.sha ?? 'main',
      }),
    secret: 'token',
    refusal: 'Bad credentials',
    reason: 'status-401',
  },
  'gitlabPipeline()': {
    platform: 'gitlab',
    make: ({ origin }, token = 'glptt-4b9a0c7de1') =>
      gitlabPipeline({ project: 'acme/web', token, ref: 'main', apiUrl: `${origin}/api/v4/` }),
    secret: 'token',
    refusal: '404 Not Found',
    reason: 'status-404',
  },
  'buildkite()': {
    platform: 'buildkite',
    make: ({ origin }, token = 'bkua_9d21c07f4e') =>
      buildkite({ organization: 'acme', pipeline: 'deploy', token, apiUrl: `${origin}/v2` }),
    secret: 'token',
    refusal: 'Authentication required. Please supply a valid API Access Token',
    reason: 'status-401',
  },
  'circleci()': {
    platform: 'circleci',
    make: ({ origin }, token = 'CCIPAT_5e01d7a2') =>
      circleci({
        project: 'gh/acme/web',
        token,
        apiUrl: `${origin}/api/v2`,
        parameters: ({ release }) => ({ image_tag: release.summary, deploy: true }),
      }),
    secret: 'token',
    refusal: 'You must log in first.',
    reason: 'status-401',
  },
  'jenkins() with a token': {
    platform: 'jenkins',
    make: ({ origin }, token = 'gwt-6fa2b7c90d') => jenkins({ apiUrl: origin, token }),
    secret: 'token',
    refusal: 'Did not find any jobs with GenericTrigger configured!\nA token was supplied.\n',
    reason: 'status-404',
  },
  'jenkins() with a job': {
    platform: 'jenkins',
    make: ({ origin }, apiToken = '11c3f00ba51d') =>
      jenkins({ apiUrl: origin, job: 'deploys/web', user: 'releaser', apiToken }),
    secret: 'apiToken',
    refusal: '',
    reason: 'status-401',
  },
  'ghostInspector()': {
    platform: 'ghost-inspector',
    make: ({ origin }, apiKey = '5d0c1ee8a7b94f') =>
      ghostInspector({ suite: '576419339022199f1828d539', apiKey, apiUrl: `${origin}/v1` }),
    secret: 'apiKey',
    refusal: 'API key is invalid.',
    reason: 'rejected',
  },
}

const all: Record<string, Pick<Kind, 'platform' | 'make'>> = {
  ...kinds,
  'checkly()': { platform: 'checkly', make: () => checkly() },
}

const longTexts = fc
  .constantFrom('x', '"', '\u0001', '\u{1F680}', '\u4E16')
  .map((text) => text.repeat(2000 / text.length))

/** Any release, of which some texts are as long as they may be. */
const releases: fc.Arbitrary<ReleaseInput> = fc
  .tuple(
    anyRelease,
    fc.record(
      {
        summary: longTexts,
        environment: longTexts,
        sha: fc.oneof(longTexts, fc.constant(null)),
        version: longTexts,
        url: fc.oneof(fc.webUrl(), fc.constant(null)),
        stage: fc.constantFrom('released', 'succeeded', 'failed', 'rolled-back'),
        meta: fc.dictionary(
          fc
            .string({ minLength: 1, maxLength: 9 })
            .filter((name) => name !== '__proto__' && !name.includes('\0')),
          longTexts,
          { maxKeys: 40 },
        ),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([usual, long]) => ({ ...usual, ...long }))

describe.each(Object.entries(all))('%s', (_name, { platform: name, make }) => {
  it('makes a request that the platform takes, of any release', async () => {
    await fc.assert(
      fc.asyncProperty(releases, async (given) => {
        await using platform = await startPlatform(name)
        const { delivery } = await send(
          {
            ...hookOf(platform, make(platform)),
            after: ['released', 'succeeded', 'failed', 'rolled-back'],
          },
          given,
        )
        expect(delivery).toMatchObject({ state: 'delivered' })
      }),
      runs(8),
    )
  })

  it('is sent once when the answer did not come, and says so', async () => {
    await using platform = await startPlatform(name)
    platform.answerNext('hang')
    const { delivery, attempts } = await send({
      ...hookOf(platform, make(platform)),
      timeout: { deadlineMs: 500 },
    })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'timeout', verdict: 'ambiguous' } })
    expect(attempts).toHaveLength(1)
    expect(platform.received).toHaveLength(1)
  })

  it('is sent once when a gateway does not know what became of it', async () => {
    await using platform = await startPlatform(name)
    platform.answerNext({ status: 504, body: '<html>Gateway Time-out</html>' })
    const { delivery } = await send(hookOf(platform, make(platform)))
    expect(delivery).toMatchObject({ state: 'dead', outcome: { verdict: 'ambiguous' } })
    expect(platform.received).toHaveLength(1)
  })

  it('is sent again when there were too many requests, after the time that was asked for', async () => {
    await using platform = await startPlatform(name)
    platform.answerNext({ status: 429, headers: { 'retry-after': '0' }, body: 'slow down' })
    platform.answerNext({ status: 429, headers: { 'retry-after': '0.02' } })
    const { delivery, attempts } = await send(hookOf(platform, make(platform)))
    expect(delivery.state).toBe('delivered')
    expect(attempts.slice(0, 2).map(({ outcome }) => outcome.kind)).toEqual(['retry', 'retry'])
  })

  it('disables its hook for good at 410', async () => {
    await using platform = await startPlatform(name)
    platform.answerNext({ status: 410, body: 'gone' })
    const { delivery } = await send(hookOf(platform, make(platform)))
    expect(delivery).toMatchObject({ state: 'dead', outcome: { verdict: 'gone' } })
  })

  it('follows no redirect', async () => {
    await using platform = await startPlatform(name)
    for (let times = 0; times < 3; times += 1) platform.answerNext({ status: 301 })
    const { delivery } = await send(hookOf(platform, make(platform)))
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'status-301', verdict: 'refused' } })
  })
})

/** Checkly's is the only one that the target does not know. */
function hookOf(platform: Platform, target: Target): HookOptions {
  const hook = platform.url.includes('/trigger/') ? { url: platform.url, target } : { target }
  return hook as HookOptions
}

describe.each(Object.entries(kinds))('%s', (_name, { platform: name, make, secret, refusal, reason }) => {
  it('tells what a wrong secret is answered', async () => {
    await using platform = await startPlatform(name)
    const { delivery, told } = await send(hookOf(platform, make(platform, 'another-secret')))
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason, verdict: 'refused' } })
    expect(delivery.remote?.error ?? '').toBe(refusal)
    expect(told).not.toContain('another-secret')
  })

  it('shows its secret nowhere, whatever the answer echoes', async () => {
    await using platform = await startPlatform(name)
    const { [secret]: value = '' } = platform.credentials
    const basic = Buffer.from(`releaser:${value}`).toString('base64')
    const echo = { message: `${value} ${basic}`, code: 'ERROR', id: value, number: value, web_url: value }
    platform.answerNext({ status: 500, body: echo })
    platform.answerNext({ status: 201, body: echo })
    platform.answerNext({ status: 200, body: echo })
    const { told } = await send(hookOf(platform, make(platform)))
    expect(value).not.toBe('')
    expect(told).not.toContain(value)
    expect(told).not.toContain(basic)
    expect(told).toContain('[masked]')
  })

  it('is told apart from another of its kind by its URL', async () => {
    await using platform = await startPlatform(name)
    const { delivery } = await send(hookOf(platform, make(platform)))
    expect(delivery.hookId).toMatch(/^hook_[\da-f]{16}$/u)
    expect(make(platform).url).toContain(platform.origin)
  })
})
