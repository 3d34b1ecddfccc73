import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shownName, shownValue } from '../src/shown-value.ts'

describe('a value that stands in the wrong place', () => {
  it.each([
    [7, 'the number 7'],
    [Number.NaN, 'the number NaN'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'a value of type undefined'],
    ['', 'an empty string'],
    ['s3cret', 'a string of length 6'],
    [['s3cret'], 'a list of length 1'],
    [{ key: 's3cret' }, 'a value of type object'],
    [() => 's3cret', 'a value of type function'],
    [Symbol('s3cret'), 'a value of type symbol'],
    [10n, 'a value of type bigint'],
  ])('%o is told as %s', (value, shown) => {
    expect(shownValue(value)).toBe(shown)
  })

  it('is quoted in no part, whatever it is, unless it is a number', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        const mark = `\u{1F511}${text}`
        for (const value of [mark, [mark], { [mark]: mark }, new Error(mark)])
          expect(shownValue(value)).not.toContain('\u{1F511}')
      }),
    )
  })
})

describe('the name of an option that there is none of', () => {
  it.each([
    'verison',
    'deadlineMS',
    'x-api-key',
    'app.kubernetes.io',
    '$schema',
    '_id',
    'oauth2',
    'sha256',
    '404',
  ])('%s is shown', (name) => {
    expect(shownName(name)).toBe(name)
  })

  it.each([
    'sk_live_4eC39HqLyjWDarjtT1zdp7dc',
    'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'AKIAIOSFODNN7EXAMPLE',
    'https://hooks.example.com',
    'postgres://user:password@db',
    'hunter2!',
    '3f0c1e9a7b2d3c4e',
    '4111111111111111',
    'pass word',
    'x\u{202E}y',
    '',
    'a'.repeat(41),
  ])('%s is told by its length', (name) => {
    expect(shownName(name)).toBe(`<a name of length ${name.length}>`)
  })
})
