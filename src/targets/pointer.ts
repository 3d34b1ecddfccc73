import type { Pointers } from './shape.ts'

/** The first text, number or boolean that one of the pointers (RFC 6901) finds. */
export function textAt(document: unknown, pointers: Pointers | undefined): string | undefined {
  for (const pointer of [pointers ?? []].flat()) {
    const value = valueAt(document, pointer)
    if (typeof value === 'string' && value !== '') return value
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  }
  return undefined
}

function valueAt(document: unknown, pointer: string): unknown {
  let value = document
  for (const token of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (!Object.hasOwn(value, key)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[key]
  }
  return value
}
