import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

export type Address = ipaddr.IPv4 | ipaddr.IPv6

/** The addresses whose first `bits` bits are those of `base`. */
export interface Range<A extends Address> {
  readonly base: A
  readonly bits: number
}

/**
 * Reads an address in the spelling of RFC 4001, as `getaddrinfo` and the URL parser write it; undefined for anything else: `127.1`, `0x7f.1`,
 * `fe80::1%eth0`, which ipaddr.js would read too.
 */
export function parseAddress(text: string): Address | undefined {
  const family = isIP(text)
  if (family === 0 || text.includes('%')) return undefined
  if (family === 4) return ipaddr.IPv4.parse(text)
  // ipaddr.js takes ::127.0.0.1 for ::ffff:127.0.0.1. The URL parser writes the dotted end in hexadecimal, and does not err.
  return ipaddr.IPv6.parse(text.includes('.') ? withoutBrackets(new URL(`http://[${text}]`).hostname) : text)
}

/** `[::1]` as an address is spelled where no port can follow: `::1`. */
export function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}

/** A range that is known to be right: `10.0.0.0/8`. */
export function knownRange(text: string): Range<Address> {
  const [base, bits] = ipaddr.parseCIDR(text)
  return { base, bits }
}

/** An address, or those that have its first bits, as `10.0.0.0/8`: bits behind them say nothing. Undefined for what is neither. */
export function parseRange(text: string): Range<Address> | undefined {
  const [start = '', length, ...more] = text.split('/')
  const base = parseAddress(start)
  if (base === undefined || more.length > 0) return undefined
  if (length === undefined) return { base, bits: width(base) }
  const bits = /^\d{1,3}$/u.test(length) ? Number(length) : Number.NaN
  return bits <= width(base) ? { base: networkOf(base, bits), bits } : undefined
}

/** How many bits an address of that family has. */
export function width(address: Address): number {
  return address instanceof ipaddr.IPv4 ? 32 : 128
}

/** The families are strangers: no IPv6 range holds an IPv4 address, whatever it embeds. */
export function isIn(address: Address, range: Range<Address>): boolean {
  return address.kind() === range.base.kind() && address.match(range.base, range.bits)
}

/** The first address of the range of that many bits around an address: 10.0.0.0 for 10.1.2.3 and 8. */
export function networkOf(address: Address, bits: number): Address {
  const bytes = address.toByteArray().map((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - 8 * index))
    return byte & (0xff << (8 - kept))
  })
  return ipaddr.fromByteArray(bytes)
}

/** As people write it: `2001:db8::`. */
export function spelled(address: Address): string {
  return address instanceof ipaddr.IPv4 ? address.toString() : address.toRFC5952String()
}

/** Where an IPv6 address holds an IPv4 address: the places of its bytes, by the range. */
const embeddings: readonly (readonly [range: Range<Address>, ...places: readonly (readonly number[])[]])[] = [
  [knownRange('::/96'), [12, 13, 14, 15]],
  [knownRange('::ffff:0:0/96'), [12, 13, 14, 15]],
  [knownRange('::ffff:0:0:0/96'), [12, 13, 14, 15]],
  [knownRange('64:ff9b::/96'), [12, 13, 14, 15]],
  // Its operator chooses how long the prefix is: RFC 6052 section 2.2 has the places. Byte 8 is always skipped.
  [knownRange('64:ff9b:1::/48'), [6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12], [12, 13, 14, 15]],
  [knownRange('2002::/16'), [2, 3, 4, 5]],
  [knownRange('2001::/32'), [4, 5, 6, 7]],
]
const teredo = knownRange('2001::/32')
// The one bit between :: and ::1, which are in ::/96 and embed nothing (RFC 4291 section 2.5.5.1).
const unspecifiedAndLoopback = knownRange('::/127')

/** Every IPv4 address that an IPv6 address may stand for: where a translator or a tunnel would send the packets. */
export function embeddedIn(address: Address): readonly ipaddr.IPv4[] {
  if (address instanceof ipaddr.IPv4 || isIn(address, unspecifiedAndLoopback)) return []
  const bytes = address.toByteArray()
  const at = (places: readonly number[], mask = 0): ipaddr.IPv4 =>
    new ipaddr.IPv4(places.map((place) => (bytes[place] ?? 0) ^ mask))
  const found = embeddings
    .filter(([range]) => isIn(address, range))
    .flatMap(([, ...places]) => places.map((place) => at(place)))
  // Teredo holds its server, and the client with every bit turned round (RFC 4380 section 4).
  if (isIn(address, teredo)) found.push(at([12, 13, 14, 15], 0xff))
  if (isIsatap(address)) found.push(at([12, 13, 14, 15]))
  return found
}

/** Tunnels to the IPv4 address in its last four bytes, under whatever prefix (RFC 5214 section 6.1). */
export function isIsatap(address: Address): boolean {
  if (address instanceof ipaddr.IPv4) return false
  const [, , , , first, second] = address.parts
  return (first === 0 || first === 0x0200) && second === 0x5efe
}
