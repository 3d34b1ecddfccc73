import type { Chance } from '../../../src/testing/store/chance.ts'
import type { Made } from './text.ts'

function thrower(): never {
  throw new URIError('an odd value threw')
}

const throwing: object = new Proxy(
  {},
  { get: thrower, has: thrower, ownKeys: thrower, getPrototypeOf: thrower },
)

const odd: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => 0,
  () => Number.NaN,
  () => 10n ** 30n,
  () => true,
  () => Symbol('odd'),
  () => [],
  () => [[['x']]],
  () => Array.from({ length: 50_000 }, () => 'x'),
  () => ({}),
  () => Object.create(null),
  () => new Map([['authorization', 'x']]),
  () => new Date(Number.NaN),
  () => new Uint8Array(100_000),
  () => new Float64Array(1000),
  () => new DataView(new ArrayBuffer(1000), 10),
  () => new Uint8Array(new SharedArrayBuffer(1000)),
  () => thrower,
  () => throwing,
  () => Object.create(throwing),
  () => ({ toString: thrower, [Symbol.toPrimitive]: thrower }),
  () => Object.defineProperty({}, 'length', { get: thrower }),
  () => Promise.resolve('x'),
]

/** A value of a type that nobody expects. */
export function oddValue(chance: Chance): Made<unknown> {
  const index = chance.below(odd.length)
  return { value: odd[index]?.(), like: `odd value ${index}` }
}

/** The same request, with one of its parts changed for an odd one, in a few of 100 cases. */
export function perhapsOdd<Part extends object>(
  { value, like }: Made<Part>,
  cases: number,
  chance: Chance,
): Made<Part> {
  if (!chance.percent(cases)) return { value, like }
  const name = chance.pick(Object.keys(value))
  const other = oddValue(chance)
  return { value: { ...value, [name]: other.value }, like: `${like}; ${name}: ${other.like}` }
}
