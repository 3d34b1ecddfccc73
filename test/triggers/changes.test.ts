import { describe, expect, it } from 'vitest'
import { stores } from '../dispatch/stores.ts'
import { startPlatform } from './platform.ts'

const secrets = (): readonly string[] => ['a secret of the platform']

describe.each(Object.entries(stores))('a trigger that is changed, in a %s store', (_, open) => {
  it('keeps what is not given, or given as undefined: no guard falls by a form without a field', async () => {
    const platform = await startPlatform({ store: (await open())(), secrets })
    const settings = {
      name: 'GitHub',
      branch: 'main',
      allowFrom: ['192.0.2.0/24'],
      signature: 'github',
    } as const
    const { id } = await platform.create(settings)
    await platform.triggers.update(id, {
      name: 'GitHub of web',
      branch: undefined,
      allowFrom: undefined,
      signature: undefined,
    })
    expect((await platform.triggers.get(id))?.settings).toEqual({ ...settings, name: 'GitHub of web' })
  })

  it('has no longer what is given as null', async () => {
    const platform = await startPlatform({ store: (await open())(), secrets })
    const expiresAt = Date.now() + 60_000
    const { id } = await platform.create({ branch: 'main', allowFrom: ['192.0.2.0/24'], expiresAt })
    await platform.triggers.update(id, { allowFrom: null, expiresAt: null })
    const changed = await platform.triggers.get(id)
    expect(changed?.settings).toEqual({ branch: 'main' })
    expect(changed?.expiresAt).toBeUndefined()
  })
})

describe('a trigger whose dialect', () => {
  it("is Flightcontrol's keeps a number in its URL, and no other one gets one", async () => {
    const platform = await startPlatform()
    const flightcontrol = await platform.create({ dialect: 'flightcontrol', environmentId: 7 })
    const native = await platform.create()
    await expect(platform.triggers.update(flightcontrol.id, { environmentId: null })).rejects.toMatchObject({
      code: 'option_invalid',
      option: 'environmentId',
    })
    await expect(platform.triggers.update(native.id, { environmentId: 7 })).rejects.toMatchObject({
      code: 'option_invalid',
      option: 'environmentId',
    })
    const changed = await platform.triggers.update(flightcontrol.id, { environmentId: 8 })
    expect(changed?.settings.environmentId).toBe(8)
  })
})
