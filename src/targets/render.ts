import type { TransportRequest } from '../http/transport.ts'
import { noPromise } from '../rejection.ts'
import type { HookUrl } from '../signing/hook-url.ts'
import { shownName } from '../shown-value.ts'
import { urlOfRelease } from '../signing/release-url.ts'
import type { Dialect } from '../signing/dialect.ts'
import { version } from '../version.ts'
import { made } from './made.ts'
import { requestUrl } from './request-url.ts'
import type {
  Fields,
  Made,
  RequestShape,
  TargetBody,
  TargetContext,
  TargetPoll,
  TargetRequest,
} from './shape.ts'
import type { RequestSigner } from './signers.ts'

/** What is sent for a release: all but the deadline, the connection and the signal. */
export interface RenderedRequest extends Pick<TransportRequest, 'method' | 'url' | 'headers' | 'body'> {
  /** What proves it, which is no business of whoever reads the receiver's answer. */
  readonly proof?: string | undefined
}

export interface Rendering {
  readonly url: HookUrl
  readonly dialect: Dialect
  readonly signer: RequestSigner | undefined
  /** Epoch milliseconds, for signatures that hold a time. */
  readonly now: number
}

/** Without the second, any coding may come (RFC 9110, section 12.5.3), and none is read. */
const ownHeaders = { 'user-agent': `deploy-hooks/${version}`, 'accept-encoding': 'identity' }
const none: Fields = {}
const defaultMaxBodyBytes = 1024 * 1024
const sendable = /^[\t\x20-\x7E\x80-\xFF]*$/u

/**
 * Makes the request of one step of a delivery.
 *
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) carries the delivery's id, so that a receiver can tell a repeat.
 *
 * @throws what a function of the target throws, {@link ReleaseError} `url_too_long`, and a {@link TypeError} for what else cannot be sent
 */
export function renderRequest(
  request: TargetRequest,
  step: number,
  context: TargetContext,
  { url: hookUrl, dialect, signer, now }: Rendering,
): RenderedRequest {
  const { url, signed } = urlsOf(request, context, hookUrl, dialect)
  const [body, type, isJson = false] = bodyOf(request, context)
  const { deliveryId } = context
  const key = step === 1 ? `"${deliveryId}"` : `"${deliveryId}/${step}"`
  const signature = signer?.({ url: signed, body: body ?? '', isJson, deliveryId, now })
  const headers: Record<string, string> = { ...ownHeaders, 'idempotency-key': key }
  if (type !== undefined) headers['content-type'] = type
  if (request.headers !== undefined) Object.assign(headers, headersOf(request.headers, context))
  if (signature !== undefined) Object.assign(headers, signature.headers)
  return { method: request.method ?? 'POST', url, headers, body, proof: signature?.proof }
}

/** Makes the request that asks how it went. */
export function renderPoll(
  poll: TargetPoll,
  context: TargetContext,
  { url: hookUrl, dialect }: Pick<Rendering, 'url' | 'dialect'>,
): RenderedRequest {
  const { url } = urlsOf(poll, context, hookUrl, dialect)
  const [body, type] = bodyOf(poll, context)
  const headers = {
    ...ownHeaders,
    ...(type === undefined ? undefined : { 'content-type': type }),
    ...headersOf(poll.headers ?? none, context),
  }
  return { method: poll.method ?? 'GET', url, headers, body }
}

function urlsOf(
  { base, path, trailingSlash, query }: RequestShape,
  context: TargetContext,
  hook: HookUrl,
  dialect: Dialect,
): { readonly url: string; readonly signed: string } {
  if (query === 'release') {
    const { release, again = false, deliveryId } = context
    const { sent, signed } = urlOfRelease(hook, release, dialect, again ? deliveryId : undefined)
    return { url: sent, signed }
  }
  const segments = made(path, context) ?? []
  const url = requestUrl(hook, base, { segments, trailingSlash }, made(query, context) ?? none)
  return { url, signed: url }
}

function bodyOf(
  { body: given, maxBodyBytes = defaultMaxBodyBytes }: RequestShape & Pick<TargetRequest, 'maxBodyBytes'>,
  context: TargetContext,
): readonly [body?: string, type?: string, isJson?: boolean] {
  const body = made(given, context)
  if (body === undefined) return []
  const [text, type] = encoded(body)
  if (text.length * 3 > maxBodyBytes && Buffer.byteLength(text) > maxBodyBytes)
    throw new TypeError(`Expected a body of at most ${maxBodyBytes} bytes, got ${Buffer.byteLength(text)}`)
  return [text, type, 'json' in body]
}

function encoded(body: TargetBody): readonly [text: string, type: string] {
  if ('json' in body) return [JSON.stringify(noPromise(body.json, '`json`')), 'application/json']
  if ('text' in body) return [body.text, body.type ?? 'text/plain; charset=utf-8']
  const pairs = Object.entries(body.form).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return [new URLSearchParams(pairs).toString(), 'application/x-www-form-urlencoded']
}

/** With names in lower case, so that none is sent twice. */
function headersOf(given: Made<Fields>, context: TargetContext): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(made(given, context))) {
    if (value === undefined) continue
    if (!sendable.test(value))
      throw new TypeError(`Expected a header \`${shownName(name)}\` of Latin-1 characters`)
    headers[name.toLowerCase()] = value
  }
  return headers
}
