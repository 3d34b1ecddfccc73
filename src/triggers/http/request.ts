import { headerValues, readMethod, type RequestLike } from '../../verify/request.ts'
import { bodyOfFetch, bodyOfNode } from '../../verify/standard/read-body.ts'
import { TriggerRefusal } from '../refusal.ts'

/** A request, whoever serves it. */
export interface TriggerRequest {
  readonly method: string
  /** As it came, with what a router has taken off its front. */
  readonly path: string
  readonly query: URLSearchParams
  /** The URL as it came: path and query, or all of it. */
  readonly target: string
  /** Where it came in: `https://api.example.com`, by its Host header. */
  readonly origin: string
  /** Values of a header, by its lower-case name. */
  header(name: string): readonly string[]
  /** The peer's address, when it is known. */
  readonly address: string | undefined
  /** It came by https, or to this machine by its own name, when no address is known. */
  readonly isPrivate: boolean
  /** Reads it. Rejects with a {@link TriggerRefusal}. */
  body(): Promise<Buffer>
  /** Whether there may be one. */
  readonly hasBody: boolean
}

/** As much of Node's request as this takes. */
export interface NodeRequestLike extends RequestLike {
  readonly socket?: Socket | undefined
}

interface Socket {
  readonly remoteAddress?: string | undefined
  readonly encrypted?: boolean | undefined
}

const mostBytes = 64 * 1024
const bodyMs = 10_000
const longestUrl = 8192
const localNames = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/u

export function ofNode(request: NodeRequestLike): TriggerRequest {
  // Fastify's own request has the socket in its `raw`.
  const peer = request.socket ?? (request.raw as { readonly socket?: Socket } | undefined)?.socket
  const isEncrypted = peer?.encrypted === true
  const target = request.originalUrl ?? request.url ?? ''
  const url = urlOf(target)
  const header = (name: string): readonly string[] => headerValues(request, name)
  return {
    method: readMethod(request) ?? '',
    ...partsOf(url),
    target,
    origin: `${isEncrypted ? 'https' : 'http'}://${header('host')[0] ?? 'localhost'}`,
    header,
    address: peer?.remoteAddress,
    isPrivate: isEncrypted,
    hasBody: hasBody(header),
    body: () => inTime(bodyOfNode(request, mostBytes)),
  }
}

/** @param address the peer's, which a Fetch request does not tell */
export function ofFetch(request: Request, address: string | undefined): TriggerRequest {
  const url = urlOf(request.url)
  const header = (name: string): readonly string[] => headerValues(request, name)
  return {
    method: request.method,
    ...partsOf(url),
    target: request.url,
    origin: url.origin,
    header,
    address,
    isPrivate: url.protocol === 'https:' || (address === undefined && localNames.test(url.hostname)),
    hasBody: request.body !== null,
    body: () => inTime(bodyOfFetch(request, mostBytes)),
  }
}

function urlOf(text: unknown): URL {
  if (typeof text !== 'string' || text.length > longestUrl) throw new TriggerRefusal('url_too_long')
  // A path of two slashes at its front would be read as a host.
  const url = text.startsWith('/') ? `http://localhost${text}` : text
  if (!URL.canParse(url)) throw new TriggerRefusal('request_malformed')
  return new URL(url)
}

function partsOf({ pathname, searchParams }: URL): Pick<TriggerRequest, 'path' | 'query'> {
  return { path: pathname, query: searchParams }
}

function hasBody(header: TriggerRequest['header']): boolean {
  return Number(header('content-length')[0] ?? 0) > 0 || header('transfer-encoding').length > 0
}

async function inTime(body: Promise<Buffer>): Promise<Buffer> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new TriggerRefusal('body_too_slow')), bodyMs)
  try {
    return await Promise.race([body, promise])
  } catch (error) {
    throw error instanceof TriggerRefusal ? error : refusalOf(error)
  } finally {
    clearTimeout(timer)
  }
}

function refusalOf(error: unknown): TriggerRefusal {
  const isTooLarge = (error as { readonly code?: unknown }).code === 'body_too_large'
  return new TriggerRefusal(isTooLarge ? 'body_too_large' : 'body_incomplete')
}
