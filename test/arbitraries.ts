import fc from 'fast-check'
import type { Release } from '../src/index.ts'

/** Text that a release may hold: any Unicode but NUL and unpaired surrogates. */
const text = fc.string({ unit: 'grapheme', maxLength: 40 }).map((value) => value.replaceAll('\0', '') || 'x')
const sentence = fc
  .string({ unit: 'binary', maxLength: 60 })
  .map((value) => value.toWellFormed().replaceAll('\0', ''))

/** Any release, as it stands once completed. */
export const release: fc.Arbitrary<Release> = fc.record({
  app: text,
  version: text,
  user: text,
  sha: fc.oneof(fc.constant('35b3726'), text),
  summary: sentence,
})

/** What a release may say besides; each may be absent. */
const furtherFacts: fc.Arbitrary<Pick<Release, 'stage' | 'environment' | 'deployment'>> = fc.record(
  {
    stage: fc.constantFrom('succeeded', 'failed', 'rolled-back'),
    environment: fc.oneof(fc.constantFrom('production', '~', 'a&release_stage=failed'), text),
    deployment: fc.oneof(fc.constantFrom('d-7', '?app=evil', 'undefined'), text),
  },
  { requiredKeys: [] },
)

/** Any release with any of them. */
export const fullRelease: fc.Arbitrary<Release> = fc
  .tuple(release, furtherFacts)
  .map(([five, further]) => ({ ...five, ...further }))

const host = fc.oneof(
  fc.domain(),
  fc.constantFrom('Deis.ROCKS', 'bücher.example', '10.0.0.7', '[::1]', 'localhost'),
)
const port = fc.constantFrom('', ':80', ':443', ':8080')
const odd = fc.constantFrom(
  '/a%2fb%41',
  '/hük',
  '//double',
  '/a/../b',
  "/it's",
  '/a|b',
  '/{x}',
  '/a;b=c',
  '/~x',
  '/部署',
  '\\back',
)
const path = fc.oneof(fc.webPath(), odd, fc.constant(''))
const ownName = fc.constantFrom('token', 'a-b', 'a', 'Zeta', 'x%5B%5D', 'ü', 'sga', 'releases')
const ownValue = fc.constantFrom('', '=1', '=abc', '=%7Ea', '=~', "='", '=ü', '=/x?y', '=a+b%20c', '=|')
const own = fc
  .array(fc.tuple(ownName, ownValue), { maxLength: 4 })
  .map((pairs) => pairs.map(([name, value]) => `${name}${value}`))

/** What may follow the host in a hook URL. */
export const pathAndQuery: fc.Arbitrary<string> = fc
  .tuple(path, own, fc.boolean())
  .map(
    ([route, parameters, question]) =>
      `${route}${parameters.length > 0 ? `?${parameters.join('&')}` : question ? '?' : ''}`,
  )
  .filter((text) => !/[\s#@]/u.test(text))

/** Any acceptable hook URL, the odd spellings included. */
export const hookUrl: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('http', 'https', 'HTTP'), host, port, pathAndQuery)
  .map(([scheme, name, suffix, rest]) => `${scheme}://${name}${suffix}${rest}`)
  .filter((url) => URL.canParse(url))
