import fc from 'fast-check'
import { delivery, hookUrl } from './delivery.ts'

/** Requests that no server makes, and some that attackers do. */

function thrower(): never {
  throw new URIError('an odd request threw')
}

const throwing = new Proxy({}, { get: thrower, has: thrower, ownKeys: thrower, getPrototypeOf: thrower })
const throwingArray = new Proxy(['Authorization', 'x'], { get: thrower, has: thrower, ownKeys: thrower })
const { proxy: revoked, revoke } = Proxy.revocable({}, {})
revoke()

/**
 * A value still to be made: fast-check looks into the values that it hands out, which would set the traps off.
 */
export type Make = () => unknown

/** Values that are hard to hold: any use of them may throw. */
const hostile: fc.Arbitrary<Make> = fc.constantFrom<Make[]>(
  () => undefined,
  () => null,
  () => throwing,
  () => throwingArray,
  () => revoked,
  () => thrower,
  () => Symbol('odd'),
  () => Symbol.iterator,
  () => ({ toString: thrower, valueOf: thrower, [Symbol.toPrimitive]: thrower }),
  () => ({ toString: () => 'a'.repeat(64) }),
  () => Object.defineProperty({}, 'length', { get: thrower }),
  () => ({ length: 3, 0: 'Authorization', 1: 'x' }),
  () => Object.create(null),
  () => Object.create(throwing),
  () => new Map([['authorization', 'x']]),
  () => new Set(['authorization']),
  () => new Date(Number.NaN),
  () => 10n ** 30n,
  () => Number.NaN,
  () => Array.from({ length: 3 }),
  () => Object.assign([], { 5: 'x' }),
  () => new Uint8Array(8),
  () => new Proxy(() => '', { apply: thrower }),
  () => globalThis,
  () => Reflect,
  () => Promise.resolve(),
)

const genuine = [
  delivery(),
  delivery({ algorithm: 'sha1' }),
  delivery({ secret: 'another' }),
  delivery({ url: `${hookUrl}?token=abc` }),
  delivery({ url: `${hookUrl}?token=abc`, dialect: 'deis' }),
]

const piece = fc.constantFrom(
  '?',
  '&',
  '=',
  '%',
  '%2',
  '%zz',
  '%00',
  '%ff',
  '%ED%A0%80',
  '%61pp=x',
  '+',
  '~',
  '#',
  '/',
  '\\',
  '//',
  '@',
  ':',
  ',',
  ' ',
  '\0',
  '\r\n',
  '\uD800',
  '\uDC00',
  '\uFEFF',
  '💥',
  '__proto__=1',
  'constructor=1',
  'app=1',
  'release_summary',
  'http://',
  'https://hooks.example.com',
  '[::1',
  'undefined',
)

const long = fc
  .tuple(piece, fc.constantFrom(100, 5_000, 60_000, 140_001))
  .map(([text, length]) => text.repeat(Math.ceil(length / text.length)))

/** Any UTF-16, unpaired surrogates too. */
function units(maxLength: number): fc.Arbitrary<string> {
  return fc.array(fc.nat(0xff_ff), { maxLength }).map((codes) => String.fromCharCode(...codes))
}

/** One of the texts, with something put in, or cut out, or both. */
function mutated(texts: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom(...texts),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(2),
      fc.oneof(piece, units(3)),
    )
    .map(([text, where, cut, inserted]) => {
      const at = Math.floor(where * text.length)
      return text.slice(0, at) + inserted + text.slice(at + cut)
    })
}

const mutatedUrl = mutated(genuine.map((request) => request.url))
const mutatedSignature = mutated(genuine.map((request) => request.headers.authorization))

/** Text for any place: pieces that parsers trip over, and genuine text with something put in or cut out. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  { weight: 20, arbitrary: fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')) },
  { weight: 10, arbitrary: units(30) },
  { weight: 30, arbitrary: mutatedUrl },
  {
    weight: 30,
    arbitrary: mutatedSignature,
  },
  { weight: 1, arbitrary: long },
)

function made<Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<() => Value> {
  return values.map((value) => () => value)
}

/** Any value at all. */
export const oddValue: fc.Arbitrary<Make> = fc.oneof(
  { weight: 4, arbitrary: hostile },
  { weight: 4, arbitrary: made(oddText) },
  {
    weight: 2,
    arbitrary: made(
      fc.anything({
        maxDepth: 2,
        maxKeys: 3,
        withBigInt: true,
        withDate: true,
        withMap: true,
        withNullPrototype: true,
        withSet: true,
        withSparseArray: true,
        withTypedArray: true,
      }),
    ),
  },
)

function list(values: fc.Arbitrary<Make>, maxLength: number): fc.Arbitrary<() => unknown[]> {
  return fc.array(values, { maxLength }).map((makes) => () => makes.map((make) => make()))
}

const headerName = fc.constantFrom(
  'authorization',
  'Authorization',
  'AUTHORIZATION',
  'host',
  'Host',
  'x-forwarded-host',
  'x-forwarded-prefix',
  '__proto__',
  'constructor',
  'get',
  'toString',
  '',
)
const signature = fc.constantFrom(...genuine.map(({ headers }) => headers.authorization))
const headerValue: fc.Arbitrary<Make> = fc.oneof(
  made(signature),
  made(fc.array(signature, { maxLength: 2 })),
  oddValue,
  list(oddValue, 3),
)
const header = fc.tuple(headerName, headerValue)

/** Own properties, whatever they are called. */
const record: fc.Arbitrary<Make> = fc.array(header, { maxLength: 4 }).map((entries) => () => {
  const headers = {}
  for (const [name, make] of entries) {
    Object.defineProperty(headers, name, { value: make(), enumerable: true, configurable: true })
  }
  return headers
})

const headers: fc.Arbitrary<Make> = fc.oneof(
  { weight: 4, arbitrary: record },
  { weight: 1, arbitrary: oddValue },
  { weight: 1, arbitrary: headerValue.map((make) => () => ({ get: () => make() })) },
  { weight: 1, arbitrary: headerValue.map((make) => () => new Map([['authorization', make()]])) },
  { weight: 1, arbitrary: fc.constant(() => ({ get: thrower })) },
  {
    weight: 1,
    arbitrary: fc.constant(() =>
      Object.defineProperty({}, 'authorization', { enumerable: true, get: thrower }),
    ),
  },
  { weight: 1, arbitrary: fc.array(header, { maxLength: 3 }).map((entries) => () => entries) },
)

const rawHeaders: fc.Arbitrary<Make> = fc.oneof(
  list(fc.oneof(made(headerName), headerValue), 7),
  fc
    .array(header, { maxLength: 3 })
    .map((entries) => () => entries.flatMap(([name, make]) => [name, make()])),
  oddValue,
)

const url: fc.Arbitrary<Make> = fc.oneof(
  { weight: 3, arbitrary: made(fc.constantFrom(...genuine.map((request) => request.url))) },
  { weight: 3, arbitrary: made(oddText) },
  { weight: 1, arbitrary: oddValue },
)

type Property = 'method' | 'url' | 'originalUrl' | 'headers' | 'rawHeaders' | 'raw'
type Parts = { readonly [Name in Property]?: Make | undefined }

function assembled(parts: Parts): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parts).map(([name, make]) => [name, make?.()]))
}

const parts: fc.Arbitrary<Parts> = fc.record(
  {
    method: fc.oneof(
      fc.constant(() => 'POST'),
      oddValue,
    ),
    url,
    originalUrl: url,
    headers,
    rawHeaders,
    raw: fc.oneof(
      oddValue,
      rawHeaders.map((make) => () => ({ rawHeaders: make() })),
    ),
  },
  { requiredKeys: ['url', 'headers'] },
)

const built: fc.Arbitrary<Make> = parts.map((each) => () => assembled(each))

/** The same, with one property that throws when it is read. */
const trapped: fc.Arbitrary<Make> = fc
  .tuple(parts, fc.constantFrom<Property[]>('method', 'url', 'originalUrl', 'headers', 'rawHeaders', 'raw'))
  .map(
    ([each, name]) =>
      () =>
        Object.defineProperty(assembled(each), name, { get: thrower }),
  )

/** A genuine request with one thing changed. */
const nearlyGenuine: fc.Arbitrary<Make> = fc
  .tuple(
    fc.constantFrom(...genuine),
    fc.oneof(
      made(mutatedUrl.map((url) => ({ url }))),
      made(mutatedSignature.map((authorization) => ({ headers: { authorization } }))),
      fc
        .tuple(signature, oddText)
        .map(([authorization, host]) => () => ({ headers: { authorization, host } })),
      oddValue.map((make) => () => ({ originalUrl: make() })),
      rawHeaders.map((make) => () => ({ rawHeaders: make() })),
    ),
  )
  .map(([request, change]) => () => ({ ...request, ...change() }))

/** A request as odd as can be, or nearly genuine. */
export const oddRequest: fc.Arbitrary<Make> = fc.oneof(
  { weight: 5, arbitrary: nearlyGenuine },
  { weight: 5, arbitrary: built },
  { weight: 1, arbitrary: trapped },
  { weight: 1, arbitrary: oddValue },
)
