import type { TriggerRequest } from './http/request.ts'
import { TriggerRefusal } from './refusal.ts'

/** More than anybody writes by hand. Thousands of them end the stack of whoever copies, prints or checks what is in them. */
const mostLevels = 64

/** A body's fields: of JSON, or of a form, as its Content-Type says; without one, whichever it looks like. */
export function fieldsOf(
  bytes: Buffer,
  request: TriggerRequest,
): Readonly<Record<string, unknown>> | undefined {
  if (bytes.length === 0) return undefined
  const text = bytes.toString('utf8')
  const type = (request.header('content-type')[0] ?? '').toLowerCase()
  if (type.startsWith('application/x-www-form-urlencoded') && !text.trimStart().startsWith('{'))
    return Object.fromEntries(new URLSearchParams(text))
  return jsonOf(text)
}

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new TriggerRefusal('body_malformed') // what is wrong with it is the caller's to know, and not quoted
  }
  if (isDeeperThan(mostLevels, value))
    throw new TriggerRefusal('params_invalid', {
      problems: [{ path: 'body', message: `Expected at most ${mostLevels} levels of lists and objects.` }],
    })
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TriggerRefusal('body_malformed')
  return value as Readonly<Record<string, unknown>>
}

/** Level by level, and not by calls within calls. */
function isDeeperThan(levels: number, value: unknown): boolean {
  let layer: readonly unknown[] = [value].filter(hasParts)
  for (let level = 1; level <= levels && layer.length > 0; level += 1)
    layer = layer.flatMap((each) => Object.values(each as object)).filter(hasParts)
  return layer.length > 0
}

function hasParts(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
