import ipaddr from 'ipaddr.js'
import { mismatch, Problems } from '../../option-problems.ts'
import type { TriggerRequest } from './request.ts'

/** An address, or a range of addresses. */
export type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number]

/** @throws {@link ConfigurationError} `option_invalid` */
export function parseRanges(texts: readonly string[], option: string): readonly Range[] {
  const problems = new Problems()
  const ranges = texts.map(rangeOf)
  for (const [index, range] of ranges.entries()) {
    if (range !== undefined) continue
    const expected = 'an address or a range such as 203.0.113.0/24'
    problems.refuse(`${option}[${index}]`, mismatch(expected, texts[index], 'correct it'))
  }
  problems.throwAny()
  return ranges as readonly Range[]
}

function rangeOf(text: string): Range | undefined {
  if (typeof text !== 'string') return undefined
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text)
    const address = ipaddr.parse(text)
    return [address, address.kind() === 'ipv4' ? 32 : 128]
  } catch {
    return undefined // it is told by the caller, with the option's name
  }
}

/** The address, an IPv4 one in IPv6 as IPv4; `undefined` for what is none. */
function addressOf(text: string | undefined): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (text === undefined || !ipaddr.isValid(text)) return undefined
  return ipaddr.process(text)
}

export function isWithin(text: string | undefined, ranges: readonly Range[]): boolean {
  const address = addressOf(text)
  if (address === undefined) return false
  return ranges.some((range) => address.kind() === range[0].kind() && address.match(range[0], range[1]))
}

export interface Source {
  /** Of the caller; `undefined` when nobody tells. */
  readonly address: string | undefined
  /** Nobody between has read it. */
  readonly isPrivate: boolean
}

const loopback = parseRanges(['127.0.0.0/8', '::1'], 'loopback')
/** As many as a chain of proxies has. */
const mostHops = 20

/**
 * Where a request comes from, through proxies that are trusted: the right-most address of `X-Forwarded-For` that is none of
 * theirs, since what stands left of it is what the caller wrote. Whether it came encrypted, the nearest of them tells.
 */
export function sourceOf(request: TriggerRequest, trustedProxies: readonly Range[]): Source {
  const isLocal = isWithin(request.address, loopback)
  if (!isWithin(request.address, trustedProxies))
    return { address: request.address, isPrivate: request.isPrivate || isLocal }
  const hops = listOf(request.header('x-forwarded-for')).slice(-mostHops)
  const address = hops.findLast((hop) => !isWithin(hop, trustedProxies)) ?? hops[0]
  const proto = listOf(request.header('x-forwarded-proto')).at(-1)
  return { address, isPrivate: proto === undefined ? request.isPrivate : proto === 'https' }
}

function listOf(values: readonly string[]): readonly string[] {
  return values
    .join(',')
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '')
}
