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

/** As much of a request as its headers take. */
export type HeadersOf = Pick<RequestLike, 'headers' | 'rawHeaders' | 'raw'>

interface HeadersLike {
  get(name: string): string | null
}

/** What verification takes from a request: nothing parsed, nothing decoded. */
export interface ReadRequest {
  /** Before the `?`: used by `explain()` alone, since a proxy or router may have changed it. */
  readonly base: string
  /** Everything after the request's first `?`, untouched; absent without a `?`. */
  readonly query: string | undefined
  /** Values of Authorization. */
  readonly authorization: readonly string[]
}

/** Seven values of 2,000 characters are 126,000 once encoded; a hook URL has at most 4,096. */
const maxUrlLength = 140_000

/**
 * Reads a request of any make.
 *
 * @throws {@link HookVerificationError} `request_malformed`, `request_too_long`; never anything else, whatever it is given
 */
export function readRequest(request: RequestLike): ReadRequest {
  const url = guarded(request, urlOf)
  if (typeof url !== 'string') throw new HookVerificationError('request_malformed')
  if (url.length > maxUrlLength) throw new HookVerificationError('request_too_long')
  const { base, query } = split(url)
  return { base, query, authorization: headerValues(request, 'authorization') }
}

function urlOf({ originalUrl, url }: RequestLike): unknown {
  return originalUrl ?? url
}

/** @throws {@link HookVerificationError} `request_malformed`; never anything else, whatever it is given */
export function readMethod(request: RequestLike): string | undefined {
  return guarded(request, methodOf)
}

function methodOf({ method }: RequestLike): string | undefined {
  return method
}

/**
 * All values of a header, by its lower-case name.
 *
 * @throws {@link HookVerificationError} `request_malformed`; never anything else, whatever it is given
 */
export function headerValues(request: HeadersOf, name: string): readonly string[] {
  return guarded(request, anyHeaderValues, name)
}

/**
 * Reads from a request that may be a proxy, have getters that throw, or be no object: that is malformed, not a TypeError.
 *
 * @throws {@link HookVerificationError} `request_malformed`; never anything else
 */
export function guarded<Request, Result, Detail>(
  request: Request,
  read: (request: Request, detail?: Detail) => Result,
  detail?: Detail,
): Result {
  try {
    return read(request, detail)
  } catch (cause) {
    throw new HookVerificationError('request_malformed', { cause })
  }
}

function anyHeaderValues(request: HeadersOf, name = ''): readonly string[] {
  const values: string[] = []
  const raw: readonly unknown[] | undefined = request.rawHeaders ?? request.raw?.rawHeaders
  const { headers } = request
  if (raw !== undefined) {
    if (!Array.isArray(raw)) throw new HookVerificationError('request_malformed')
    for (let index = 0; index + 1 < raw.length; index += 2) {
      if (isNamed(raw[index], name)) add(values, raw[index + 1])
    }
  } else if (isHeadersLike(headers)) {
    add(values, headers.get(name))
  } else {
    for (const key of Object.keys(headers)) if (isNamed(key, name)) add(values, headers[key])
  }
  return values
}

function add(values: string[], value: unknown): void {
  if (typeof value === 'string') values.push(value)
  else if (Array.isArray(value)) for (const one of value) add(values, one)
  else if (value !== undefined && value !== null) throw new HookVerificationError('request_malformed')
}

// The length first: that tells most headers apart without a lower-case copy of their names.
function isNamed(key: unknown, name: string): boolean {
  return typeof key === 'string' && key.length === name.length && key.toLowerCase() === name
}

function isHeadersLike(headers: RequestLike['headers']): headers is HeadersLike {
  return typeof headers['get'] === 'function'
}
