import ipaddr from 'ipaddr.js'
import { isIn, parseAddress, parseRange, width, type Address, type Range } from '../../address.ts'
import { mismatch, Problems } from '../../option-problems.ts'
import type { TriggerRequest } from './request.ts'

/** Addresses of callers. */
export type Sources = readonly Range<Address>[]

/** @throws {@link ConfigurationError} `option_invalid` */
export function parseRanges(texts: readonly string[], option: string): Sources {
  const problems = new Problems()
  const ranges = texts.map((text) => (typeof text === 'string' ? parseRange(text) : undefined))
  for (const [index, range] of ranges.entries()) {
    if (range !== undefined) continue
    const expected = 'an address or a range such as 203.0.113.0/24'
    problems.refuse(`${option}[${index}]`, mismatch(expected, texts[index], 'correct it'))
  }
  problems.throwAny()
  return (ranges as Sources).map(unmapped)
}

/** An IPv4 address that is written as an IPv6 one, as sockets for both do, is that IPv4 address. */
function unmapped({ base, bits }: Range<Address>): Range<Address> {
  return base instanceof ipaddr.IPv6 && base.isIPv4MappedAddress() && bits >= 96
    ? { base: base.toIPv4Address(), bits: bits - 96 }
    : { base, bits }
}

export function isWithin(text: string | undefined, sources: Sources): boolean {
  // A link-local peer's has a zone, which says by which interface it came.
  const address = text === undefined ? undefined : parseAddress(text.replace(/%.*$/su, ''))
  if (address === undefined) return false
  const { base } = unmapped({ base: address, bits: width(address) })
  return sources.some((range) => isIn(base, range))
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
export function sourceOf(request: TriggerRequest, trustedProxies: Sources): Source {
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
