import { HookVerificationError } from '../errors.ts'
import { split } from '../signing/hook-url.ts'

/**
 * Anything that carries a request: a Node `IncomingMessage` (Express's and Fastify's too: `originalUrl` wins over
 * `url`, which routers shorten), a Fetch `Request`, or a plain object.
 */
export interface RequestLike {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly originalUrl?: string | undefined
  readonly headers: HeadersLike | Readonly<Record<string, string | readonly string[] | undefined>>
  /** Node's headers as they came: `headers` keeps only the first of two `Authorization` headers. */
  readonly rawHeaders?: readonly string[] | undefined
  /** Fastify's `request.raw`, for its `rawHeaders`. */
  readonly raw?: { readonly rawHeaders?: readonly string[] | undefined } | undefined
}

interface HeadersLike {
  get(name: string): string | null
}

/** What verification takes from a request: nothing parsed, nothing decoded. */
export interface ReadRequest {
  /** Before the `?`: used by `explain()` alone, since a proxy or router may have changed it. */
  readonly base: string
  /** Everything after the request's first `?`, untouched; absent without a `?`. */
  readonly query: string | undefined
  readonly authorization: readonly string[]
  /** Values of Host. */
  readonly host: readonly string[]
}

/** Five values of 2,000 characters are 90,000 once encoded; a hook URL has at most 4,096. */
const maxUrlLength = 100_000

/**
 * Reads a request of any make.
 *
 * @throws {@link HookVerificationError} `request_malformed`, `request_too_long`; never anything else, whatever it is given
 */
export function readRequest(request: RequestLike): ReadRequest {
  const { url, authorization, host } = guarded(() => ({
    url: request.originalUrl ?? request.url,
    authorization: headerValues(request, 'authorization'),
    host: headerValues(request, 'host'),
  }))
  if (typeof url !== 'string') throw new HookVerificationError('request_malformed')
  if (url.length > maxUrlLength) throw new HookVerificationError('request_too_long')
  return { ...split(url), authorization, host }
}

/** @throws {@link HookVerificationError} `request_malformed`; never anything else, whatever it is given */
export function readMethod(request: RequestLike): string | undefined {
  return guarded(() => request.method)
}

// A request may be a proxy, have getters that throw, or be no object: that is malformed, not a TypeError.
function guarded<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (cause) {
    throw new HookVerificationError('request_malformed', { cause })
  }
}

/** All values of a header, by its lower-case name. */
export function headerValues(request: RequestLike, name: string): readonly string[] {
  const raw = request.rawHeaders ?? request.raw?.rawHeaders
  if (raw !== undefined) return checked(fromRawHeaders(raw, name))
  const { headers } = request
  if (isHeadersLike(headers)) return checked([headers.get(name) ?? []].flat())
  const entries = Object.entries(headers).filter(([key]) => key.toLowerCase() === name)
  return checked(entries.flatMap(([, value]) => value ?? []))
}

function fromRawHeaders(raw: readonly unknown[], name: string): readonly unknown[] {
  if (!Array.isArray(raw)) throw new HookVerificationError('request_malformed')
  return raw.filter((_value, index) => index % 2 === 1 && isNamed(raw[index - 1], name))
}

function isNamed(key: unknown, name: string): boolean {
  return typeof key === 'string' && key.length === name.length && key.toLowerCase() === name
}

function isHeadersLike(headers: RequestLike['headers']): headers is HeadersLike {
  return typeof headers['get'] === 'function'
}

function checked(values: readonly unknown[]): readonly string[] {
  if (values.every((value) => typeof value === 'string')) return values
  throw new HookVerificationError('request_malformed')
}
