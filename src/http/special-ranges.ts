import { knownRange, type Address, type Range } from '../address.ts'

/** A range that is no place on the public Internet. */
export interface SpecialRange {
  readonly code: string
  /** Completes "10.1.2.3 is …". */
  readonly what: string
  /** Where that is written. */
  readonly source: string
  readonly range: Range<Address>
}

type Row = readonly [range: string, code: string, what: string, source: string]

/*
 * The IANA special-purpose registries (RFC 6890, RFC 8190) and the multicast and reserved spaces, which have registries of their own.
 * The first row that holds an address names it: a narrower range stands before the wider one.
 *
 * The registries call some ranges globally reachable, and they are refused all the same: AS112, AMT, PCP and TURN are anycast, so that the
 * answer comes from the nearest node, which any network may run for itself, inside; and no receiver of hooks lives at a DNS sink or a
 * relay. ORCHIDs and drone tags are identifiers, which no router forwards.
 */
const ipv4: readonly Row[] = [
  ['0.0.0.0/8', 'EGRESS_UNSPECIFIED', 'an address of "this" network, mostly this very host', 'RFC 1122'],
  ['10.0.0.0/8', 'EGRESS_PRIVATE', 'a private address', 'RFC 1918'],
  ['100.64.0.0/10', 'EGRESS_CGNAT', "a shared address behind a carrier's NAT", 'RFC 6598'],
  ['127.0.0.0/8', 'EGRESS_LOOPBACK', 'a loopback address', 'RFC 1122'],
  ['169.254.0.0/16', 'EGRESS_LINK_LOCAL', 'a link-local address', 'RFC 3927'],
  ['172.16.0.0/12', 'EGRESS_PRIVATE', 'a private address', 'RFC 1918'],
  ['192.0.0.0/24', 'EGRESS_NOT_GLOBAL', 'an address for IETF protocols', 'RFC 6890'],
  ['192.0.2.0/24', 'EGRESS_DOCUMENTATION', 'an address for documentation', 'RFC 5737'],
  ['192.31.196.0/24', 'EGRESS_NOT_GLOBAL', 'an AS112 anycast address', 'RFC 7535'],
  ['192.52.193.0/24', 'EGRESS_NOT_GLOBAL', 'an AMT anycast address', 'RFC 7450'],
  ['192.88.99.0/24', 'EGRESS_NOT_GLOBAL', 'a 6to4 relay anycast address', 'RFC 7526'],
  ['192.168.0.0/16', 'EGRESS_PRIVATE', 'a private address', 'RFC 1918'],
  ['192.175.48.0/24', 'EGRESS_NOT_GLOBAL', 'an AS112 anycast address', 'RFC 7534'],
  ['198.18.0.0/15', 'EGRESS_BENCHMARKING', 'an address for benchmarks', 'RFC 2544'],
  ['198.51.100.0/24', 'EGRESS_DOCUMENTATION', 'an address for documentation', 'RFC 5737'],
  ['203.0.113.0/24', 'EGRESS_DOCUMENTATION', 'an address for documentation', 'RFC 5737'],
  ['224.0.0.0/4', 'EGRESS_MULTICAST', 'a multicast address', 'RFC 5771'],
  ['255.255.255.255/32', 'EGRESS_BROADCAST', 'the broadcast address', 'RFC 919'],
  ['240.0.0.0/4', 'EGRESS_RESERVED', 'a reserved address', 'RFC 1112'],
]

const ipv6: readonly Row[] = [
  ['::/128', 'EGRESS_UNSPECIFIED', 'the unspecified address, mostly this very host', 'RFC 4291'],
  ['::1/128', 'EGRESS_LOOPBACK', 'the loopback address', 'RFC 4291'],
  ['::/96', 'EGRESS_EMBEDDED', 'an IPv4-compatible address', 'RFC 4291'],
  ['::ffff:0:0/96', 'EGRESS_EMBEDDED', 'an IPv4-mapped address', 'RFC 4291'],
  ['::ffff:0:0:0/96', 'EGRESS_EMBEDDED', 'an IPv4-translated address', 'RFC 2765'],
  ['64:ff9b::/96', 'EGRESS_EMBEDDED', 'a NAT64 address', 'RFC 6052'],
  ['64:ff9b:1::/48', 'EGRESS_EMBEDDED', 'a local NAT64 address', 'RFC 8215'],
  ['100::/64', 'EGRESS_NOT_GLOBAL', 'a discarded address', 'RFC 6666'],
  ['100:0:0:1::/64', 'EGRESS_NOT_GLOBAL', 'a dummy address', 'RFC 9780'],
  ['2001::/32', 'EGRESS_EMBEDDED', 'a Teredo address', 'RFC 4380'],
  ['2001:2::/48', 'EGRESS_BENCHMARKING', 'an address for benchmarks', 'RFC 5180'],
  ['2001:3::/32', 'EGRESS_NOT_GLOBAL', 'an AMT anycast address', 'RFC 7450'],
  ['2001:4:112::/48', 'EGRESS_NOT_GLOBAL', 'an AS112 anycast address', 'RFC 7535'],
  ['2001:10::/28', 'EGRESS_NOT_GLOBAL', 'an ORCHID', 'RFC 4843'],
  ['2001:20::/28', 'EGRESS_NOT_GLOBAL', 'an ORCHID', 'RFC 7343'],
  ['2001:30::/28', 'EGRESS_NOT_GLOBAL', "a drone's tag", 'RFC 9374'],
  ['2001::/23', 'EGRESS_NOT_GLOBAL', 'an address for IETF protocols', 'RFC 2928'],
  ['2001:db8::/32', 'EGRESS_DOCUMENTATION', 'an address for documentation', 'RFC 3849'],
  ['2002::/16', 'EGRESS_EMBEDDED', 'a 6to4 address', 'RFC 3056'],
  ['2620:4f:8000::/48', 'EGRESS_NOT_GLOBAL', 'an AS112 anycast address', 'RFC 7534'],
  ['3fff::/20', 'EGRESS_DOCUMENTATION', 'an address for documentation', 'RFC 9637'],
  ['5f00::/16', 'EGRESS_NOT_GLOBAL', 'a segment identifier', 'RFC 9602'],
  ['fc00::/7', 'EGRESS_PRIVATE', 'a unique local address', 'RFC 4193'],
  ['fe80::/10', 'EGRESS_LINK_LOCAL', 'a link-local address', 'RFC 4291'],
  ['fec0::/10', 'EGRESS_PRIVATE', 'a site-local address', 'RFC 3879'],
  ['ff00::/8', 'EGRESS_MULTICAST', 'a multicast address', 'RFC 4291'],
  // What is left of the outside of 2000::/3, which alone is handed out.
  ['::/3', 'EGRESS_NOT_GLOBAL', 'an address outside of 2000::/3, where the public ones are', 'RFC 3587'],
  ['4000::/2', 'EGRESS_NOT_GLOBAL', 'an address outside of 2000::/3, where the public ones are', 'RFC 3587'],
  ['8000::/1', 'EGRESS_NOT_GLOBAL', 'an address outside of 2000::/3, where the public ones are', 'RFC 3587'],
]

export const specialRanges: readonly SpecialRange[] = [...ipv4, ...ipv6].map(
  ([text, code, what, source]) => ({
    code,
    what,
    source,
    range: knownRange(text),
  }),
)
