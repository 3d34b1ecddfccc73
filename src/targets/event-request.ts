import { oneOf } from '../option-shapes.ts'
import { cutToBytes } from '../cut.ts'
import type { TargetContext, TargetRequest } from './shape.ts'
import type { TargetShape } from './target-options.ts'

/** How events go over HTTP. */
export interface EventOptions {
  /** `binary` has the attributes in headers, `structured` in the body. @default 'binary' */
  readonly mode?: 'binary' | 'structured' | undefined
  /** Sent as `Authorization: Bearer …`, as the webhook specification of CloudEvents has it. @default none */
  readonly token?: string | undefined
}

export const eventShape: TargetShape = { mode: oneOf(['binary', 'structured']).optional() }

/** One event, before it is encoded. */
export interface Event {
  readonly id: string
  readonly source: string
  readonly type: string
  /** @default none */
  readonly subject?: string | undefined
  /** RFC 3339 */
  readonly time: string
  readonly data: unknown
}

/** The source of an app's events, of a length that servers take in a header. */
export function appSource({ release: { app } }: TargetContext): string {
  return `/apps/${encodeURIComponent(cutToBytes(app, 500))}`
}

/** The request that carries an event: CloudEvents 1.0 over HTTP. */
export function eventRequest(
  { mode = 'binary', token }: EventOptions,
  eventOf: (context: TargetContext) => Event,
): TargetRequest {
  const authorization = token === undefined ? undefined : `Bearer ${token}`
  const answers = {
    accepts: [200, 201, 202, 204],
    meanings: { 401: 'final', 403: 'final', 404: 'final', 415: 'final' },
    error: ['/error', '/error/message', '/message', '/detail'],
  } as const
  if (mode === 'structured') {
    return {
      headers: { authorization, 'content-type': 'application/cloudevents+json; charset=utf-8' },
      body: (context) => ({
        json: { specversion: '1.0', datacontenttype: 'application/json', ...eventOf(context) },
      }),
      ...answers,
    }
  }
  return {
    headers: (context) => {
      const { data: _data, ...attributes } = eventOf(context)
      const pairs = Object.entries({ specversion: '1.0', ...attributes })
      const headers = pairs.map(([name, value]) => [`ce-${name}`, value && encoded(value)] as const)
      return { authorization, ...Object.fromEntries(headers) }
    },
    body: (context) => ({ json: eventOf(context).data }),
    ...answers,
  }
}

/** What an attribute may hold: no control characters and no noncharacters (CloudEvents 1.0, type system). */
export function eventText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Noncharacter_Code_Point}]/gu, '\u{FFFD}')
}

/** Space, quote, percent and all but printable ASCII are percent-encoded, and nothing else (HTTP binding 3.1.3.2). */
function encoded(value: string): string {
  return value.replaceAll(/[^!#$&-~]/gu, (character) => {
    const bytes = Buffer.from(character).toString('hex').toUpperCase()
    return bytes.replaceAll(/../gu, '%$&')
  })
}
