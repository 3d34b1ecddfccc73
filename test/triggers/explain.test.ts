import { channel } from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createToken } from '../../src/triggers/token.ts'
import { post, startPlatform } from './platform.ts'

describe('explain()', () => {
  it('tells what would be, and takes nothing', async () => {
    const platform = await startPlatform()
    const { id, url } = await platform.create({ branch: 'main' })
    const told = await platform.triggers.explain(new Request(url, { method: 'POST' }))
    expect(told).toMatchObject({ takes: true, facts: { branch: 'main' }, trigger: { id } })
    expect(await platform.triggers.calls(id)).toEqual([])
    expect(platform.started).toEqual([])
  })

  it('tells why a token is not known, which no stranger is told', async () => {
    let now = 1_800_000_000_000
    const platform = await startPlatform({ now: () => now })
    const revoked = await platform.create()
    await platform.triggers.revoke(revoked.id)
    const rotated = await platform.create()
    await platform.triggers.rotate(rotated.id, { overlapMs: 0 })
    const expired = await platform.create({ expiresAt: now + 1 })
    const other = await platform.create({ dialect: 'stackblaze' })
    now += 1000
    const why = async (url: string): Promise<string> => {
      const { takes, code, words } = await platform.triggers.explain({
        method: 'POST',
        url,
        headers: {},
        socket: { remoteAddress: '::1' },
      })
      expect([takes, code]).toEqual([false, 'trigger_unknown'])
      for (const { token } of [revoked, rotated, expired, other]) expect(words).not.toContain(token)
      return words
    }
    expect(await why('/')).toContain('It shows no token')
    expect(await why('/hello')).toContain('does not begin with dht_')
    expect(await why(`/${rotated.token.slice(0, -1)}x`)).toContain('checksum')
    expect(await why(`/${createToken('dht')}`)).toContain('Nobody was ever given')
    expect(await why(`/${revoked.token}`)).toContain(`${revoked.id} was revoked`)
    expect(await why(`/${rotated.token}`)).toContain('rotated away')
    expect(await why(`/${expired.token}`)).toContain('has expired')
    expect(await why(`/${other.token}`)).toContain('dialect stackblaze')
  })

  it('tells which parameter is wrong', async () => {
    const platform = await startPlatform()
    const { url } = await platform.create()
    const told = await platform.triggers.explain(new Request(`${url}?branch=x`, { method: 'POST' }))
    expect(told).toMatchObject({
      takes: false,
      code: 'params_invalid',
      words: expect.stringContaining('branch: '),
    })
  })
})

describe('events', () => {
  it('tell of calls, starts and ends, to listeners and to diagnostics channels', async () => {
    const platform = await startPlatform()
    const seen: string[] = []
    const subscriber = (): void => {
      seen.push('channel')
    }
    channel('deploy-hooks:trigger-called').subscribe(subscriber)
    onTestFinished(() => {
      channel('deploy-hooks:trigger-called').unsubscribe(subscriber)
    })
    platform.triggers.on('trigger-called', ({ call: { outcome } }) => seen.push(outcome))
    platform.triggers.on('trigger-refused', ({ call: { outcome } }) => seen.push(outcome))
    const off = platform.triggers.on('deployment-finished', ({ deployment: { status } }) => seen.push(status))
    const started = Promise.withResolvers<string>()
    platform.triggers.on('deployment-started', ({ deployment: { id } }) => started.resolve(id))
    const { url } = await platform.create()

    await post(url)
    const id = await started.promise
    await post(`${url}?x=1`)
    await platform.triggers.finished(id, 'succeeded')
    await platform.triggers.finished(id, 'failed')
    off()

    expect(seen).toEqual(['started', 'channel', 'params_invalid', 'succeeded'])
    expect(() => platform.triggers.on('other' as never, () => undefined)).toThrow(
      expect.objectContaining({ code: 'option_invalid', option: 'event' }),
    )
  })

  it('tell of a start that fails', async () => {
    const platform = await startPlatform({
      onTrigger: () => {
        throw new Error('no cluster')
      },
    })
    const failed = Promise.withResolvers<unknown>()
    platform.triggers.on('deployment-not-started', failed.resolve)
    const { url } = await platform.create()
    await post(url)
    expect(await failed.promise).toMatchObject({ error: 'Error: no cluster', again: true })
  })
})
