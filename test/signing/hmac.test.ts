import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSigner } from '../../src/signing/hmac.ts'
import { runs } from '../runs.ts'

describe.each(['sha1', 'sha256'] as const)('the %s signer', (algorithm) => {
  it('agrees with node:crypto for any secret and message', () => {
    const secret = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.string({ minLength: 55, maxLength: 140 }),
    )
    const message = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme', minLength: 900, maxLength: 1600 }),
    )
    fc.assert(
      fc.property(secret, fc.array(message, { minLength: 1, maxLength: 4 }), (key, messages) => {
        const sign = createSigner(key, algorithm)
        for (const each of messages) {
          expect(sign(each)).toBe(
            createHmac(algorithm, Buffer.from(key, 'utf8')).update(each, 'utf8').digest('hex'),
          )
        }
      }),
      runs(400),
    )
  })

  it.each([1343, 1344, 1345, 4032, 4033, 100_000])(
    'agrees around the size of its buffer: %i characters',
    (length) => {
      for (const character of ['a', 'é', '部']) {
        const message = character.repeat(length)
        const expected = createHmac(algorithm, 'key').update(message, 'utf8').digest('hex')
        expect(createSigner('key', algorithm)(message)).toBe(expected)
      }
    },
  )
})
