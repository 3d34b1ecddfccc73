import { format, inspect } from 'node:util'

const whole = {
  showHidden: true,
  getters: true,
  depth: Infinity,
  maxArrayLength: null,
  maxStringLength: null,
} as const

/** What a value shows when it is printed or serialised, in all ways that do not look past what it wants to show. */
export function printedOf(value: unknown): readonly string[] {
  return [
    inspect(value, whole),
    inspect(value),
    format('%o %O %j %s', value, value, value, value),
    attempt(() => String(value)),
    attempt(() => JSON.stringify(value)),
  ]
}

/** All that can be seen of a value by looking at it: printed, serialised, copied, or walked through. */
export function seenOf(value: unknown): readonly string[] {
  return [
    ...printedOf(value),
    inspect(value, { ...whole, customInspect: false, showProxy: true }),
    attempt(() => inspect(structuredClone(value), whole)),
    ...walked(value, new Set()),
  ]
}

function attempt(look: () => string | undefined): string {
  try {
    return look() ?? ''
  } catch {
    return '' // it cannot be looked at in this way
  }
}

/** Texts in every property, whether enumerable or not, of it and of what it inherits from; and names, entries and sources. */
function walked(value: unknown, met: Set<unknown>): string[] {
  if (typeof value === 'string') return [value]
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || met.has(value))
    return []
  met.add(value)
  if (ArrayBuffer.isView(value))
    return [Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')]
  const entries = value instanceof Map || value instanceof Set ? [...value] : []
  const source = typeof value === 'function' ? [Function.prototype.toString.call(value)] : []
  const properties = Reflect.ownKeys(value).flatMap((key) => {
    const descriptor = Reflect.getOwnPropertyDescriptor(value, key)
    const held = [descriptor?.value, descriptor?.get && get(value, key)] as const
    return [String(key), ...held.flatMap((each) => walked(each, met))]
  })
  const parent: unknown = Object.getPrototypeOf(value)
  const inherited = isBuiltIn(parent) ? [] : walked(parent, met)
  return [...source, ...properties, ...entries.flatMap((each) => walked(each, met)), ...inherited]
}

function get(value: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(value, key)
  } catch {
    return undefined // it gives nothing to who is not its own
  }
}

function isBuiltIn(prototype: unknown): boolean {
  if (prototype === null) return true
  const { constructor } = prototype as { readonly constructor?: unknown }
  return (
    typeof constructor !== 'function' ||
    Function.prototype.toString.call(constructor).includes('[native code]')
  )
}
