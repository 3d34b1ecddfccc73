import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { excerptOf, maskable } from '../../src/masking/excerpt.ts'
import { keptBytes } from '../../src/http/transport.ts'
import { shownText } from '../../src/shown-text.ts'
import { endsInEscape, isShownIn, readingsOf } from './masking-model.ts'
import { hostileText, mixture } from './spelling.ts'
import { runs } from '../runs.ts'

const excerpt = (text: string, secrets: readonly string[]): string =>
  excerptOf(Buffer.from(text), maskable(secrets))

/** Few characters, so that there are few ways to read them; and in all of them enough to be a secret. */
const secret = hostileText
  .map((text) => text.slice(0, 12).toWellFormed())
  .filter((text) => readingsOf(text)?.every(({ length }) => length >= 4) ?? false)
const surroundings = hostileText.map((text) => text.slice(0, 8).toWellFormed())

/** Of fewer bytes, base64 is looked for only where it begins with them. */
const bytesWithin = 7
const encodings: Readonly<Record<string, (text: string) => string>> = {
  'in hexadecimal': (text) => Buffer.from(text).toString('hex'),
  'in base64': (text) => Buffer.from(text).toString('base64'),
  'in base64url': (text) => Buffer.from(text).toString('base64url'),
  'in base64, with a user': (text) => Buffer.from(`u:${text}`).toString('base64'),
  'in base64, with another one': (text) => Buffer.from(`me:${text}`).toString('base64'),
  'in base64, with what is behind': (text) => Buffer.from(`${text}, it says`).toString('base64'),
}
/** From before a secret into it, in base64. */
const escapeInside = /^.{0,5}u[\da-f]{4}/iu
const encoding = fc.option(fc.constantFrom(...Object.keys(encodings)))
const spelling = fc.option(mixture)

describe('masking, held against a model that reads a text in every way', () => {
  it('shows no secret, however it is spelled, and whatever stands around it', () => {
    fc.assert(
      fc.property(
        secret,
        encoding,
        spelling,
        surroundings,
        surroundings,
        (secret, encoded, spelled, before, behind) => {
          fc.pre(encoded === null || Buffer.byteLength(secret) >= bytesWithin)
          const text = encoded === null ? secret : (encodings[encoded]?.(secret) ?? '')
          // What is not escaped is found beside anything, and what is where nothing before it makes an escape of its first characters.
          fc.pre(spelled === null || !(endsInEscape(before) || escapeInside.test(text)))
          fc.pre(isShownIn(before, secret) === false && isShownIn(behind, secret) === false)
          const between = spelled !== null && endsInEscape(text) ? '.' : ''
          const answer = `${before}${spelled?.(text) ?? text}${between}${behind}`
          fc.pre(Buffer.byteLength(answer) <= keptBytes)
          const shown = excerpt(answer, [secret])
          expect(shown).toContain('[masked]')
          expect(isShownIn(shown, secret)).not.toBe(true)
        },
      ),
      runs(200),
    )
  })

  it('leaves a text alone that shows no secret in any way to read it', () => {
    fc.assert(
      fc.property(secret, fc.array(surroundings, { maxLength: 3 }), (secret, parts) => {
        const text = parts.join('')
        fc.pre(isShownIn(text, secret) === false)
        expect(excerpt(text, [secret])).toBe(shownText(text))
      }),
      runs(600),
    )
  })
})
