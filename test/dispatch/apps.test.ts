import fc from 'fast-check'
import { expect, it } from 'vitest'
import { matchesPattern } from '../../src/hooks/apps.ts'
import { runs } from '../runs.ts'

it.each([
  ['web', 'web', true],
  ['web', 'web-*', false],
  ['web-', 'web-*', true],
  ['web-1', 'web-*', true],
  ['my-web-1', 'web-*', false],
  ['anything', '*', true],
  ['', '*', true],
  ['api.eu', 'api.*', true],
  ['apixeu', 'api.*', false],
  ['a-b-c', 'a*c', true],
  ['ac', 'a*c', true],
  ['a', 'a*a', false],
  ['aa', 'a*a', true],
  ['abcb', 'a*b*b', true],
  ['ab', 'a*b*b', false],
  ['a-x-b-y-c', 'a*b*c', true],
  ['xx', '**', true],
  ['Web', 'web', false],
])('the name %j under the pattern %j: %s', (name, pattern, expected) => {
  expect(matchesPattern(name, pattern)).toBe(expected)
})

it('agrees with the regular expression it stands for', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 })
  const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 })
  fc.assert(
    fc.property(letters, patterns, (name, pattern) => {
      const regexp = new RegExp(
        `^${pattern
          .split('*')
          .map((part) => part.replaceAll('.', '\\.'))
          .join('.*')}$`,
        'u',
      )
      expect(matchesPattern(name, pattern)).toBe(regexp.test(name))
    }),
    runs(600),
  )
})
