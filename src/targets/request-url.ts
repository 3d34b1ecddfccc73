import { quotePlus, rawName, rawPairs, unquotePlus } from '../signing/query.ts'
import type { HookUrl } from '../signing/hook-url.ts'
import type { Fields, RequestShape } from './shape.ts'

/** What is added to the path of the base. */
export interface UrlPath {
  readonly segments: readonly string[]
  readonly trailingSlash?: boolean | undefined
}

/**
 * The URL of a request: the base, with the segments behind its path, and the parameters merged into those it has. What the hook's URL
 * has of its own stays as it is, to the byte.
 *
 * @throws {TypeError} for a segment that would be lost or climb
 */
export function requestUrl(
  hook: HookUrl,
  base: RequestShape['base'],
  { segments, trailingSlash = false }: UrlPath,
  query: Fields,
): string {
  const { base: start, query: own } = baseOf(hook, base)
  const joined =
    segments.length === 0 ? start : [start.replace(/\/$/u, ''), ...segments.map(segment)].join('/')
  const whole = trailingSlash && !joined.endsWith('/') ? `${joined}/` : joined
  const pairs = merged(rawPairs(own ?? ''), query)
  return pairs.length === 0 ? whole : `${whole}?${pairs.join('&')}`
}

function baseOf(hook: HookUrl, base: RequestShape['base']): HookUrl['wire'] {
  if (base === undefined || base === 'hook') return hook.wire
  const url = new URL(base === 'origin' ? hook.wire.base : base)
  if (base === 'origin') return { base: `${url.origin}/`, query: undefined }
  return { base: url.origin + url.pathname, query: url.search === '' ? undefined : url.search.slice(1) }
}

function segment(text: string): string {
  // URL parsers take these for steps, also when their dots are escaped.
  if (text === '' || text === '.' || text === '..')
    throw new TypeError(`Expected a path segment, got \`${text}\``)
  return encodeURIComponent(text)
}

function merged(own: readonly string[], query: Fields): readonly string[] {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const names = new Set(given.map(([name]) => name))
  return [
    ...own.filter((pair) => pair !== '' && !names.has(unquotePlus(rawName(pair)) ?? '')),
    ...given.map(([name, value]) => `${quotePlus(name)}=${quotePlus(value)}`),
  ]
}
