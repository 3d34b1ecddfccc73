import { randomUUID } from 'node:crypto'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { killPlatform } from '../proofs/torture/triggers/kills.ts'
import { askOddly } from '../proofs/torture/triggers/odd.ts'
import type { Place } from '../proofs/torture/triggers/place.ts'
import { temporaryFolder } from './stores/temporary.ts'

const seed = 20_261_201
const say = (): void => undefined

const places: Readonly<Record<Place['name'], () => Promise<Place>>> = {
  SQLite: async () => {
    const folder = await temporaryFolder()
    onTestFinished(() => folder[Symbol.asyncDispose]())
    return { name: 'SQLite', path: folder.file('triggers.db') }
  },
  Postgres: () => {
    const schema = `torture_${randomUUID().replaceAll('-', '')}`
    return Promise.resolve({ name: 'Postgres', connectionString: inject('postgres'), schema })
  },
}

// The short form of `npm run proofs -- torture/triggers`.
describe.each(Object.entries(places))('triggers in a %s store', (_, placeOf) => {
  it('start whatever was answered 2xx, once but for kills, and take nothing that was revoked', async () => {
    const place = await placeOf()
    const options = { place, kills: 2, calls: 60, seed, settlingMs: 90_000, say }
    const { figures, violations } = await killPlatform(options)

    expect(violations).toEqual([])
    expect(figures).toMatchObject({ SIGKILLs: 2, 'started again, for no reason': 0 })
    expect(figures['starts']).toBeGreaterThan(10)
  })

  it('say what they have to say to odd requests, and keep no token of them', async () => {
    const { figures, violations } = await askOddly({ place: await placeOf(), requests: 150, seed, say })

    expect(violations).toEqual([])
    expect(figures).toMatchObject({
      'bodies read before the token was right': 0,
      'left unanswered': 0,
      'exceptions and rejections': 0,
      'tokens found': 0,
    })
    expect(figures['answered 202']).toBeGreaterThan(0)
  })
})
