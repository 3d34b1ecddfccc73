import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/index.ts'
import { shipmight, type ShipmightOptions } from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { release as anyRelease } from '../arbitraries.ts'
import { send } from './sending.ts'
import { runs } from '../runs.ts'

const token = 'sm_dh_9f3c1d7e_Xk2vQ8'

describe('a deploy hook of Shipmight', () => {
  it('of an app is a POST of the image tag, with the token in a header of its own', async () => {
    await using platform = await startPlatform('shipmight')
    const target = shipmight({ token, imageTag: ({ release }) => release.sha?.slice(0, 7) ?? 'latest' })
    const { delivery } = await send({ url: platform.url, target })
    expect(platform.received).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/dh',
        query: {},
        headers: { 'x-deploy-hook-token': token, 'content-type': 'application/json' },
        body: '{"imageTag":"35b3726"}',
      },
    ])
    expect(platform.received[0]?.headers['authorization']).toBeUndefined()
    expect(delivery).toMatchObject({ state: 'delivered', outcome: { reason: 'status-201' } })
  })

  it("of an app deploys the release's version when nothing else is said", async () => {
    await using platform = await startPlatform('shipmight')
    await send({ url: platform.url, target: shipmight({ token }) }, { version: '1.2.0' })
    expect(platform.received[0]?.body).toBe('{"imageTag":"1.2.0"}')
  })

  it('of a job is a POST of the variables of its run, each of at most 200 UTF-16 units', async () => {
    await using platform = await startPlatform('shipmight')
    const target = shipmight({
      token,
      variables: {
        KIND: 'release',
        SUMMARY: ({ release }) => release.summary,
        MISSING: ({ release }) => release.meta?.['none']?.toString(),
      },
    })
    const { delivery } = await send({ url: platform.url, target }, { summary: '🚀'.repeat(300) })
    expect(delivery.state).toBe('delivered')
    expect(JSON.parse(platform.received[0]?.body ?? '')).toEqual({
      instanceEnvironmentVariables: [
        { name: 'KIND', value: 'release' },
        { name: 'SUMMARY', value: '🚀'.repeat(100) },
      ],
    })
  })

  it('of a job takes any release', async () => {
    const variables = {
      APP: ({ release }: { readonly release: { readonly app: string } }) => release.app,
      SUMMARY: ({ release }: { readonly release: { readonly summary: string } }) => release.summary.repeat(9),
    }
    await fc.assert(
      fc.asyncProperty(anyRelease, async (given) => {
        await using platform = await startPlatform('shipmight')
        const { delivery } = await send({ url: platform.url, target: shipmight({ token, variables }) }, given)
        expect(delivery.state).toBe('delivered')
      }),
      runs(5),
    )
  })

  it.each([
    ['', 'must NOT have fewer than 1 characters'],
    [undefined, 'must match pattern'],
  ])('tells what is wrong with a release that is refused, once', async (imageTag, error) => {
    await using platform = await startPlatform('shipmight')
    if (imageTag === undefined) {
      const wrong = { path: '/values/instanceEnvironmentVariables', message: 'must match pattern' }
      platform.answerNext({
        status: 400,
        body: { error: { name: 'ValidationError', message: 'validation failed' }, errors: [wrong] },
      })
    }
    const target = shipmight({ token, imageTag })
    const { delivery } = await send({ url: platform.url, target })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      outcome: { reason: 'status-400', verdict: 'refused' },
      remote: { error },
    })
  })

  it('tells that a token is unknown, once', async () => {
    await using platform = await startPlatform('shipmight')
    const { delivery } = await send({ url: platform.url, target: shipmight({ token: 'deleted-token' }) })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      outcome: { reason: 'status-404', verdict: 'refused' },
      remote: { error: 'endpoint POST /api/v1/dh not found' },
    })
  })

  it('is repeated after a 500, as it answers unknown errors, and not after a 200, which is no success', async () => {
    await using platform = await startPlatform('shipmight')
    const error = { name: 'ServerError', message: 'An unknown error occurred' }
    platform.answerNext({ status: 500, body: { error, requestId: 'req-1' } })
    platform.answerNext({ status: 200, body: {} })
    const { delivery, attempts } = await send({ url: platform.url, target: shipmight({ token }) })
    expect(delivery).toMatchObject({ state: 'dead', attempts: 2, outcome: { verdict: 'ambiguous' } })
    expect(attempts.map(({ status, remote }) => [status, remote?.error])).toEqual([
      [500, 'An unknown error occurred'],
      [200, undefined],
    ])
  })

  it.each([
    [{ token, imageTag: '1', variables: {} }, 'shipmight.imageTag'],
    [{ token, variables: { lower: '1' } }, 'shipmight.variables'],
    [{ token, variables: { ['A'.repeat(201)]: '1' } }, 'shipmight.variables'],
    [{ token: '' }, 'shipmight.token'],
  ])('is not made of options that cannot work', (options, option) => {
    expect(() => shipmight(options as ShipmightOptions)).toThrow(ConfigurationError)
    expect(() => shipmight(options as ShipmightOptions)).toThrow(option)
  })
})

describe('the emulated Shipmight', () => {
  it.each([
    ['no JSON', '/body'],
    ['{"instanceEnvironmentVariables":{}}', 'must be array'],
    ['{"instanceEnvironmentVariables":[1]}', 'must be object'],
    ['{"instanceEnvironmentVariables":[{"name":"A"}]}', 'must be string'],
    ['{"instanceEnvironmentVariables":[{"name":"a","value":""}]}', 'must match pattern'],
    [`{"instanceEnvironmentVariables":[{"name":"A","value":"${'x'.repeat(201)}"}]}`, '200 characters'],
  ])('refuses %s', async (body, message) => {
    await using platform = await startPlatform('shipmight')
    const response = await fetch(platform.url, {
      method: 'POST',
      headers: { 'x-deploy-hook-token': token, 'content-type': 'application/json' },
      body,
    })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain(message)
    expect(platform.deployments).toEqual([])
  })
})
