import type { HookUrl } from '../../signing/hook-url.ts'
import { longestEscape, withHost } from '../candidates.ts'
import { belongsTo, type SignedQuery } from '../signed-query.ts'
import type { Budget } from './budget.ts'
import { variantsOf, type Levels, type Variant } from './variants.ts'

/** What a request tells of the URL that its sender knows: it has been through proxies and routers. */
export interface Surroundings {
  /** The path that the request came for. */
  readonly path: string
  /** Host, X-Forwarded-Host, the host of an absolute URL. */
  readonly hosts: readonly string[]
  /** X-Forwarded-Prefix: what a proxy took from the path; empty when nothing is told. */
  readonly prefix: string
}

/** Spellings of scheme to path that the sender may have signed. */
export function baseVariants(
  urls: readonly HookUrl[],
  signed: SignedQuery,
  { path, hosts, prefix }: Surroundings,
  budget: Budget,
): Levels {
  const arrived = [path, prefix + path].filter((other) => other !== '')
  // What two changes can make, the more telling one makes first: a port alone rather than another host.
  return variantsOf(
    startsOf(urls, signed, budget),
    [
      { miss: 'scheme', apply: (base) => [otherScheme(base)] },
      { miss: 'port', apply: (base) => otherPorts(base, hosts) },
      { miss: 'host-case', apply: (base) => otherCases(base, hosts) },
      { miss: 'host', apply: (base) => hosts.flatMap((host) => atHost(base, host)) },
      { miss: 'trailing-slash', apply: (base) => [otherSlash(base)] },
      { miss: 'path-prefix', apply: (base) => otherPrefixes(base, arrived) },
      { miss: 'path', apply: (base) => arrived.map((other) => originOf(base) + other) },
    ],
    3,
    budget,
  )
}

// To compare the parameters of a URL with those of the request, both are decoded and put in order.
const perParameter = 500

function* startsOf(urls: readonly HookUrl[], signed: SignedQuery, budget: Budget): Generator<Variant> {
  const length = signed.own.join('&').length
  for (const url of urls) {
    const longest = longestEscape * (url.typed.query ?? '').length
    if (length <= longest) budget.read(longest + perParameter * signed.own.length)
    const differs: Pick<Variant, 'misses' | 'distance'> =
      length <= longest && belongsTo(url, signed)
        ? { misses: [], distance: 0 }
        : { misses: ['own-parameters'], distance: 1 }
    yield { text: url.wire.base, ...differs }
    yield { text: url.typed.base, ...differs }
  }
}

function originOf(base: string): string {
  return base.split('/', 3).join('/')
}

function pathOf(base: string): string {
  return base.slice(originOf(base).length)
}

function hostOf(base: string): string {
  return base.split('/', 3)[2] ?? ''
}

const port = /:\d+$/u

function otherScheme(base: string): string {
  return /^https:/iu.test(base) ? base.replace(/^https/iu, 'http') : base.replace(/^http/iu, 'https')
}

/** Without a port, with the default one of either scheme, with the ports that the request names. */
function otherPorts(base: string, hosts: readonly string[]): readonly string[] {
  const name = hostOf(base).replace(port, '')
  const named = hosts.map((host) => port.exec(host)?.[0] ?? '')
  return ['', ':80', ':443', ...named].map((suffix) => withHost(base, name + suffix))
}

function otherCases(base: string, hosts: readonly string[]): readonly string[] {
  const lower = hostOf(base).toLowerCase()
  const named = hosts.filter((host) => host.toLowerCase() === lower)
  return [lower, lower.toUpperCase(), ...named].map((host) => withHost(base, host))
}

function atHost(base: string, host: string): readonly string[] {
  return [withHost(base, host), withHost(base, host.replace(port, ''))]
}

function otherSlash(base: string): string {
  return base.endsWith('/') ? base.slice(0, -1) : `${base}/`
}

const mostSegments = 8

/** `/api/hooks/deploy` as `/hooks/deploy` and `/deploy`, and the other way round where the request has the longer path. */
function otherPrefixes(base: string, arrived: readonly string[]): readonly string[] {
  const path = pathOf(base)
  const segments = path.split('/')
  const shorter = segments
    .slice(2, mostSegments)
    .map((_segment, index) => `/${segments.slice(index + 2).join('/')}`)
  const longer = path === '' || path === '/' ? [] : arrived.filter((other) => other.endsWith(path))
  return [...shorter, ...longer].map((other) => originOf(base) + other)
}
