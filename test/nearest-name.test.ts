import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nearestName } from '../src/nearest-name.ts'

const names = ['url', 'secret', 'secretPath', 'algorithm', 'allowedHosts', 'idempotencyKey', 'maxTimeout']

describe('the name that was meant', () => {
  it.each([
    ['secrte', 'secret'],
    ['Secret', 'secret'],
    ['secrets', 'secret'],
    ['secret_path', 'secretPath'],
    ['algoritm', 'algorithm'],
    ['allowed', 'allowedHosts'],
    ['idempotencykey', 'idempotencyKey'],
    ['max-timeout', 'maxTimeout'],
    ['uri', 'url'],
    ['urls', 'url'],
  ])('by %s is %s', (given, meant) => {
    expect(nearestName(given, names)).toBe(meant)
  })

  it.each(['', 'x', 'ur', 'hooks', 'retry', 'timeout', 's'.repeat(41), '\u{1F511}'])(
    'by %s is none',
    (given) => {
      expect(nearestName(given, names)).toBeUndefined()
    },
  )

  it('is itself, and what differs in two letters at most, whichever', () => {
    const letter = fc.stringMatching(/^[a-z]$/u)
    fc.assert(
      fc.property(fc.constantFrom('algorithm', 'allowedHosts'), letter, fc.nat(), (name, other, at) => {
        const place = at % name.length
        const changed = name.slice(0, place) + other + name.slice(place + 1)
        const longer = name.slice(0, place) + other + name.slice(place)
        const shorter = name.slice(0, place) + name.slice(place + 1)
        for (const given of [name, changed, longer, shorter]) expect(nearestName(given, names)).toBe(name)
      }),
    )
  })

  it('is one of the names or none, whatever is given', () => {
    fc.assert(
      fc.property(fc.string(), (given) => {
        expect([undefined, ...names]).toContain(nearestName(given, names))
      }),
    )
  })
})
