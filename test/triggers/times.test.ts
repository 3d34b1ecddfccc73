import { describe, expect, it } from 'vitest'
import { startPlatform } from './platform.ts'

describe('a time that is none', () => {
  it.each([Number.NaN, Infinity, new Date('nonsense')])('is not pruned by: %s', async (olderThan) => {
    const { triggers } = await startPlatform()
    await expect(triggers.prune({ olderThan })).rejects.toMatchObject({
      code: 'option_invalid',
      option: 'olderThan',
    })
  })

  it.each([Number.NaN, Infinity, -1])('is no overlap of tokens: %s', async (overlapMs) => {
    const platform = await startPlatform()
    const { id } = await platform.create()
    await expect(platform.triggers.rotate(id, { overlapMs })).rejects.toMatchObject({
      code: 'option_invalid',
      option: 'overlapMs',
    })
  })

  it.each([Number.NaN, Infinity, new Date('nonsense')])('is no end of a trigger: %s', async (expiresAt) => {
    const platform = await startPlatform()
    const wrong = { code: 'option_invalid', option: 'expiresAt' }
    await expect(platform.create({ expiresAt })).rejects.toMatchObject(wrong)
    const { id } = await platform.create()
    await expect(platform.triggers.update(id, { expiresAt })).rejects.toMatchObject(wrong)
  })
})
