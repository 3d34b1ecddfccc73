import { json, jsonOf, type PlatformRequest, type PlatformRules } from './platform.ts'
import { isObject } from './values.ts'

/**
 * A receiver of CloudEvents 1.0 over HTTP, in binary and structured mode; it refuses what the specification forbids. It needs no token; a
 * wrong one is refused.
 */
export const cloudEvents: PlatformRules = {
  credentials: { token: 'ce_5f0c1e9a7b2d' },
  hookPath: () => '/events',
  answer(request, { credentials }) {
    if (request.method !== 'POST') return json(405, { error: 'Method not allowed' })
    const expected = `Bearer ${credentials['token']}`
    if ((request.headers['authorization'] ?? expected) !== expected)
      return json(401, { error: 'Invalid token' })
    const type = request.headers['content-type'] ?? ''
    const isStructured = type.startsWith('application/cloudevents+json')
    if (!isStructured && !/^application\/json(?:;|$)/u.test(type))
      return json(415, { error: `Unsupported media type ${type}` })
    const event = isStructured ? jsonOf(request) : attributesOf(request)
    const error = jsonOf(request) === undefined ? 'data is no JSON' : faultOf(event)
    return error === undefined ? { status: 202 } : json(400, { error })
  },
}

type Attributes = Readonly<Record<string, unknown>>

const required = ['id', 'source', 'type'] as const

function attributesOf({ headers }: PlatformRequest): Attributes | undefined {
  const attributes = Object.entries(headers).filter(([name]) => name.startsWith('ce-'))
  if (attributes.some(([, value]) => !/^[!#-~]*$/u.test(value))) return undefined
  try {
    return Object.fromEntries(attributes.map(([name, value]) => [name.slice(3), decodeURIComponent(value)]))
  } catch {
    return undefined // no UTF-8 behind the percent signs
  }
}

function faultOf(event: unknown): string | undefined {
  if (event === undefined) return 'a header is not encoded as section 3.1.3.2 demands'
  if (!isObject(event)) return 'the event is no JSON object'
  const { specversion, data: _data, ...attributes } = event
  if (specversion !== '1.0') return 'specversion is not 1.0'
  const missing = required.find((name) => typeof attributes[name] !== 'string' || attributes[name] === '')
  if (missing !== undefined) return `${missing} is missing`
  const bad = Object.entries(attributes).find(
    ([name, value]) =>
      !/^[a-z\d]+$/u.test(name) || value === '' || /[\p{Cc}\p{Noncharacter_Code_Point}]/u.test(String(value)),
  )
  if (bad !== undefined) return `${bad[0]} is not allowed`
  if (!/^(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[\dA-F]{2})+$/iu.test(String(attributes['source'])))
    return 'source is no URI reference'
  const { time } = attributes as { readonly time?: string }
  const isTime = time === undefined || /^\d{4}-\d\d-\d\dT[\d:]{8}(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/u.test(time)
  return isTime ? undefined : 'time is no RFC 3339 timestamp'
}
