import { describe, expect, it, onTestFinished, vi } from 'vitest'
import * as z from 'zod'
import { createToken } from '../../src/triggers/token.ts'
import { jsonOf, post, startPlatform } from './platform.ts'

describe('a call of a trigger', () => {
  it('is answered 202 with a deployment that is started, and says where to ask', async () => {
    const platform = await startPlatform()
    const { id, url } = await platform.create()

    const response = await post(url)

    expect(response.status).toBe(202)
    const { deployment, call } = await jsonOf(response)
    expect(deployment).toMatchObject({ id: expect.stringMatching(/^dep_[\da-f]{32}$/u), status: 'queued' })
    await platform.untilStarted(1)
    expect(platform.started[0]).toMatchObject({
      app: 'web',
      environment: 'production',
      deploymentId: (deployment as { id: string }).id,
      trigger: { id },
      call: { id: call, address: '127.0.0.1', outcome: 'started' },
      params: {},
    })
    const status = await fetch(new URL(response.headers.get('location') ?? '', url))
    expect(await jsonOf(status)).toMatchObject({ deployment: { id: (deployment as { id: string }).id } })
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
  })

  it('tells of its end, which is told by the id of either side', async () => {
    const platform = await startPlatform()
    const { url } = await platform.create()
    for (const by of ['ours', 'theirs']) {
      const response = await post(url)
      const { deployment } = await jsonOf(response)
      const { id } = deployment as { id: string }
      const externalId = async (): Promise<string> =>
        (await platform.triggers.deployment(id))?.externalId ?? ''
      await expect.poll(externalId).not.toBe('')
      const theirs = await externalId()
      const told = await platform.triggers.finished(by === 'ours' ? id : theirs, 'failed', {
        url: 'https://logs.example/1',
        error: 'The build broke',
      })
      expect(told).toBe(true)
      const status = await fetch(new URL(response.headers.get('location') ?? '', url))
      expect(await jsonOf(status)).toMatchObject({
        deployment: { id, status: 'failed', url: 'https://logs.example/1', error: 'The build broke' },
      })
    }
    expect(await platform.triggers.finished('dep_unknown', 'failed')).toBe(false)
  })

  it('may show its token in a header, and never two that differ', async () => {
    const platform = await startPlatform()
    const { token } = await platform.create()
    const other = await platform.create()
    for (const headers of [
      { authorization: `Bearer ${token}` },
      { 'x-deploy-hook-token': token },
      { 'x-gitlab-token': token },
    ])
      expect((await post(`${platform.origin}/`, { headers })).ok).toBe(true)
    expect(
      (await post(`${platform.origin}/${token}`, { headers: { authorization: `Bearer ${token}` } })).ok,
    ).toBe(true)
    const both = await post(`${platform.origin}/${token}`, {
      headers: { 'x-deploy-hook-token': other.token },
    })
    expect(both.status).toBe(400)
    expect(await jsonOf(both)).toMatchObject({ code: 'token_repeated' })
  })

  it('looks the same for a token that is unknown, revoked, rotated away or expired', async () => {
    let now = 1_800_000_000_000
    const platform = await startPlatform({ now: () => now })
    const revoked = await platform.create()
    const rotated = await platform.create()
    const expired = await platform.create({ expiresAt: now + 1000 })
    expect((await post(expired.url)).status).toBe(202)
    expect(await platform.triggers.revoke(revoked.id)).toBe(true)
    expect(await platform.triggers.revoke('trg_0')).toBe(false)
    const next = await platform.triggers.rotate(rotated.id, { overlapMs: 60_000 })
    expect((await post(rotated.url)).ok).toBe(true)
    expect((await post(next?.url ?? '')).ok).toBe(true)
    now += 60_001

    const answers = await Promise.all(
      [
        revoked.url,
        rotated.url,
        expired.url,
        `${platform.origin}/${createToken('dht')}`,
        `${platform.origin}/x`,
      ].map(async (url) => {
        const response = await post(url)
        const headers = Object.fromEntries(response.headers)
        return JSON.stringify([response.status, { ...headers, date: '' }, await response.text()])
      }),
    )

    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain('trigger_unknown')
    expect((await post(next?.url ?? '')).ok).toBe(true)
  })

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('starts nothing by %s', async (method) => {
    const platform = await startPlatform()
    const { url, id } = await platform.create()

    const response = await fetch(url, { method })

    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
    expect(await platform.triggers.calls(id)).toEqual([])
    expect(platform.started).toEqual([])
  })

  it('takes the parameters that are declared and allowed, and names them when it gets others', async () => {
    const params = { branch: z.string(), clear: z.stringbool(), note: z.string().max(5) }
    const platform = await startPlatform({ params })
    const { url } = await platform.create({ params: ['branch', 'clear'] })
    const none = await platform.create({ app: 'other' })

    const ok = await post(`${url}?branch=main`, {
      body: '{"clear":"yes"}',
      headers: { 'content-type': 'application/json' },
    })
    expect(ok.status).toBe(202)
    await platform.untilStarted(1)
    expect(platform.started[0]).toMatchObject({ params: { clear: true }, facts: { branch: 'main' } })

    const form = await post(url, { body: new URLSearchParams({ branch: 'a..b' }) })
    expect(form.status).toBe(422)
    const other = await post(`${url}?note=hello`)
    expect(other.status).toBe(422)
    expect(await jsonOf(other)).toMatchObject({ code: 'params_invalid', allowed: ['branch', 'clear'] })
    expect((await post(`${none.url}?branch=main`)).status).toBe(422)
    expect((await post(url, { body: 'not json' })).status).toBe(400)
    expect(platform.started).toHaveLength(1)
  })

  it('is not taken over plain HTTP, but on loopback, or as a trusted proxy says', async () => {
    const platform = await startPlatform({ trustedProxies: ['192.0.2.0/24'] })
    const { token } = await platform.create()
    const from = async (url: string, address: string, proto?: string): Promise<boolean> => {
      const headers =
        proto === undefined ? {} : { 'x-forwarded-proto': proto, 'x-forwarded-for': '203.0.113.9' }
      const request = new Request(`${url}/${token}`, { method: 'POST', headers })
      const response = await platform.triggers.fetch(request, { address })
      if (!response.ok)
        expect([response.status, await jsonOf(response)]).toMatchObject([403, { code: 'https_required' }])
      return response.ok
    }
    expect(await from('http://api.example', '203.0.113.9')).toBe(false)
    expect(await from('http://api.example', '203.0.113.9', 'https')).toBe(false)
    expect(await from('http://api.example', '192.0.2.7', 'http')).toBe(false)
    expect(await from('http://api.example', '192.0.2.7', 'https')).toBe(true)
    expect(await from('https://api.example', '203.0.113.9')).toBe(true)
    expect(await from('http://api.example', '::1')).toBe(true)
  })

  it('is taken from the addresses that its trigger allows, whatever a caller writes', async () => {
    const platform = await startPlatform({ trustedProxies: ['192.0.2.1'] })
    const { id, token } = await platform.create({ allowFrom: ['203.0.113.0/24', '2001:db8::/32'] })
    const from = async (address: string, forwarded: string): Promise<boolean> => {
      const headers = { 'x-forwarded-for': forwarded, 'x-forwarded-proto': 'https' }
      const request = new Request(`https://api.example/${token}`, { method: 'POST', headers })
      return (await platform.triggers.fetch(request, { address })).ok
    }
    expect(await from('203.0.113.9', '')).toBe(true)
    expect(await from('198.51.100.1', '203.0.113.9')).toBe(false)
    expect(await from('192.0.2.1', '203.0.113.9, 198.51.100.1')).toBe(false)
    expect(await from('192.0.2.1', '198.51.100.1, 203.0.113.9')).toBe(true)
    expect(await from('::ffff:203.0.113.9', '')).toBe(true)
    const outcomes = (await platform.triggers.calls(id)).map(({ outcome, address }) => [outcome, address])
    expect(outcomes.filter(([outcome]) => outcome === 'source_refused')).toEqual([
      ['source_refused', '198.51.100.1'],
      ['source_refused', '198.51.100.1'],
    ])
  })

  it('is refused before its body is read, and the connection is closed', async () => {
    const platform = await startPlatform()
    let pulled = 0
    const body = new ReadableStream({
      pull(controller) {
        pulled += 1
        controller.enqueue(new Uint8Array(1024))
      },
    })
    const request = new Request(`https://api.example/${createToken('dht')}`, {
      method: 'POST',
      body,
      duplex: 'half',
    })

    const response = await platform.triggers.fetch(request)

    expect(response.status).toBe(404)
    expect(response.headers.get('connection')).toBe('close')
    expect(pulled).toBeLessThanOrEqual(1)
  })

  it('has a body of 64 KiB at most', async () => {
    const platform = await startPlatform()
    const { url } = await platform.create()
    expect((await post(url, { body: 'x'.repeat(65_537) })).status).toBe(413)
    expect((await post(url, { body: JSON.stringify({ x: 'y'.repeat(65_000) }) })).status).toBe(422)
  })

  it('has ten seconds for its body, of which a byte may come at any time', async () => {
    const platform = await startPlatform()
    const { url } = await platform.create()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const reading = Promise.withResolvers<void>()
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array([0x20]))
        reading.resolve()
        return new Promise<void>((resolve) => void setTimeout(resolve, 1000))
      },
    })
    const answered = platform.triggers.fetch(new Request(url, { method: 'POST', body, duplex: 'half' }))
    await reading.promise
    await vi.advanceTimersByTimeAsync(9999)
    expect(await Promise.race([answered, Promise.resolve('none yet')])).toBe('none yet')
    await vi.advanceTimersByTimeAsync(1001)

    expect((await answered).status).toBe(408)
  })

  it('is counted, ten in a minute, and says when there will be more', async () => {
    let now = 1_800_000_000_000
    const platform = await startPlatform({ now: () => now, overlap: 'queue' })
    const { url } = await platform.create()
    for (let left = 9; left >= 0; left -= 1) {
      const response = await post(url)
      expect(response.status).toBe(202)
      expect(response.headers.get('ratelimit-policy')).toBe('"calls";q=10;w=60')
      expect(response.headers.get('ratelimit')).toMatch(new RegExp(`^"calls";r=${left};t=`, 'u'))
      now += 1000
    }

    const refused = await post(url)
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('50')
    now += 50_000
    expect((await post(url)).status).toBe(202)
    expect((await post(url)).status).toBe(429)
  })

  it('tells what would be, and starts nothing, when it is a dry run', async () => {
    const platform = await startPlatform({ params: { branch: z.string() } })
    const { url, id } = await platform.create({ params: ['branch'] })
    const response = await post(`${url}?branch=main&dry_run=1`)
    expect(await jsonOf(response)).toEqual({ dryRun: true, would: { branch: 'main', params: {} } })
    expect((await post(url, { headers: { 'x-dry-run': 'true' } })).status).toBe(200)
    expect(await platform.triggers.calls(id)).toEqual([])
  })

  it('is the same call again by its Idempotency-Key, for a day', async () => {
    let now = 1_800_000_000_000
    const platform = await startPlatform({ now: () => now, params: { branch: z.string() }, overlap: 'queue' })
    const { url } = await platform.create({ params: ['branch'] })
    const call = (key: string, branch: string): Promise<Response> =>
      post(`${url}?branch=${branch}`, { headers: { 'idempotency-key': key } })

    const first = await jsonOf(await call('"k"', 'main'))
    const again = await call('k', 'main')
    expect(again.status).toBe(200)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect((await jsonOf(again))['deployment']).toMatchObject({
      id: (first['deployment'] as { id: string }).id,
    })
    expect((await call('k', 'other')).status).toBe(422)
    expect((await call('l', 'main')).status).toBe(202)
    now += 24 * 3600 * 1000
    expect((await call('k', 'other')).status).toBe(202)
  })
})
