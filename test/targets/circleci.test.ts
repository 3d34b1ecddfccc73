import { describe, expect, it } from 'vitest'
import { circleci, type CircleciOptions } from '../../src/targets/index.ts'
import { startPlatform, type Platform } from '../../src/testing/index.ts'
import { send } from './sending.ts'

const token = 'CCIPAT_5e01d7a2'
const project = 'gh/acme/web'
const definitionId = '2338d0ae-5541-4bbf-88a2-55e9f7281f80'

function pipeline({ origin }: Platform, options: Partial<CircleciOptions> = {}) {
  return circleci({ project, token, apiUrl: `${origin}/api/v2`, ...options })
}

describe('a pipeline of CircleCI', () => {
  it('is a POST, of the default branch and without parameters', async () => {
    await using platform = await startPlatform('circleci')
    const { delivery } = await send({ target: pipeline(platform) })
    const [request] = platform.received
    expect(request).toMatchObject({
      method: 'POST',
      path: '/api/v2/project/gh/acme/web/pipeline',
      body: '{}',
    })
    expect(request?.headers).toMatchObject({ 'circle-token': token, 'content-type': 'application/json' })
    expect(delivery).toMatchObject({
      state: 'delivered',
      remote: { id: '5034460f-c7c4-4c43-9457-000000000001' },
    })
  })

  it('of a definition is run with config and checkout', async () => {
    await using platform = await startPlatform('circleci')
    const target = pipeline(platform, {
      definitionId,
      tag: ({ release: { version } }) => version,
      parameters: ({ release: { version } }) => ({ image_tag: version, deploy: true }),
    })
    const { delivery } = await send({ target })
    expect(delivery.state).toBe('delivered')
    expect(platform.received[0]?.path).toBe('/api/v2/project/gh/acme/web/pipeline/run')
    expect(JSON.parse(platform.received[0]?.body ?? '')).toEqual({
      definition_id: definitionId,
      config: { tag: 'v4' },
      checkout: { tag: 'v4' },
      parameters: { image_tag: 'v4', deploy: true },
    })
  })

  it('was not made when the answer is 200, which says why', async () => {
    await using platform = await startPlatform('circleci')
    platform.answerNext({ status: 200, body: { message: 'The pipeline was skipped.' } })
    const { delivery } = await send({ target: pipeline(platform) })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      outcome: { reason: 'status-200', verdict: 'refused' },
      remote: { error: 'The pipeline was skipped.' },
    })
  })

  it('is not tried again with a parameter that nobody declared', async () => {
    await using platform = await startPlatform('circleci')
    const { delivery } = await send({ target: pipeline(platform, { parameters: { version: 'v4' } }) })
    expect(delivery).toMatchObject({ attempts: 1, remote: { error: 'Unexpected argument(s): version' } })
  })

  it('has texts of 512 characters at most', async () => {
    await using platform = await startPlatform('circleci')
    const parameters = { image_tag: `x${'\u{1F680}'.repeat(300)}` }
    const { delivery } = await send({ target: pipeline(platform, { parameters }) })
    expect(delivery.state).toBe('delivered')
    expect(JSON.parse(platform.received[0]?.body ?? '')).toEqual({
      parameters: { image_tag: `x${'\u{1F680}'.repeat(255)}\u2026` },
    })
  })

  it('is not sent with more than a hundred parameters', async () => {
    await using platform = await startPlatform('circleci')
    const parameters = Object.fromEntries(Array.from({ length: 101 }, (_each, index) => [`p${index}`, 1]))
    const { delivery } = await send({ target: pipeline(platform, { parameters }) })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'unrenderable' } })
  })

  it.each<[option: string, options: object]>([
    ['circleci.project', { project: 'acme/web' }],
    ['circleci.project', { project: 'gh//web' }],
    ['circleci.tag', { branch: 'main', tag: 'v4' }],
    ['circleci.branch', { definitionId }],
  ])('takes no wrong %s', (option, options) => {
    expect(() => circleci({ project, token, ...options })).toThrow(
      expect.objectContaining({ code: 'option_invalid', option }),
    )
  })
})
