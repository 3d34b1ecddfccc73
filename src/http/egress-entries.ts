import { Problems } from '../option-problems.ts'
import {
  embeddedIn,
  isIn,
  networkOf,
  parseAddress,
  spelled,
  width,
  withoutBrackets,
  type Address,
  type Range,
} from '../address.ts'

/** One line of `egress.allow` or `egress.deny`. */
export type Entry =
  | {
      readonly kind: 'range'
      readonly text: string
      readonly range: Range<Address>
      readonly single: boolean
    }
  | { readonly kind: 'name'; readonly text: string; readonly name: string }
  | { readonly kind: 'below'; readonly text: string; readonly suffix: string }

/**
 * Reads the entries of `egress.allow` or `egress.deny`: addresses, ranges and host names.
 *
 * @param option names the option in errors: `egress.allow`
 * @throws {@link ConfigurationError} `option_invalid`, with the place of each entry that is wrong: `egress.allow[1]`
 */
export function parseEntries(texts: readonly string[], option: string): readonly Entry[] {
  const problems = new Problems()
  const entries = texts.map(parseEntry)
  for (const [index, entry] of entries.entries())
    if (typeof entry === 'string') problems.refuse(`${option}[${index}]`, entry)
  problems.throwAny()
  return entries as readonly Entry[]
}

/** The entry with exactly this name. */
export function entryNaming(entries: readonly Entry[], name: string): Entry | undefined {
  return entries.find((entry) => entry.kind === 'name' && entry.name === name)
}

/** The entry that covers a name: itself, or every name below another. */
export function entryCovering(entries: readonly Entry[], name: string): Entry | undefined {
  return (
    entryNaming(entries, name) ??
    entries.find((entry) => entry.kind === 'below' && name.endsWith(entry.suffix) && name !== entry.suffix)
  )
}

/** The entry whose range holds the address, and not just what it embeds. */
export function entryHolding(entries: readonly Entry[], address: Address): Entry | undefined {
  return entries.find((entry) => entry.kind === 'range' && isIn(address, entry.range))
}

/** The entry whose range holds the address, or an IPv4 address that it embeds. */
export function entryReaching(entries: readonly Entry[], address: Address): Entry | undefined {
  const reached = [address, ...embeddedIn(address)]
  return entries.find((entry) => entry.kind === 'range' && reached.some((at) => isIn(at, entry.range)))
}

/** The entry that is this very address. */
export function entryBeing(entries: readonly Entry[], address: Address): Entry | undefined {
  return entries.find((entry) => entry.kind === 'range' && entry.single && isIn(address, entry.range))
}

const forms = 'an address, a range like 10.0.0.0/8, a host name, or *. and a host name'

/** An entry, or what is wrong with its text. */
function parseEntry(text: string): Entry | string {
  const address = parseAddress(text)
  if (address !== undefined) return range(text, address, width(address))
  return misspelled(text) ?? (text.includes('/') ? parseRangeEntry(text) : parseName(text))
}

function range(text: string, base: Address, bits: number): Entry {
  return { kind: 'range', text, range: { base, bits }, single: bits === width(base) }
}

function parseRangeEntry(text: string): Entry | string {
  const slash = text.indexOf('/')
  const base = parseAddress(text.slice(0, slash))
  if (base === undefined)
    return unusualAddress(text.slice(0, slash)) ?? `Expected ${forms}, got a path: cut it off.`
  const length = text.slice(slash + 1)
  const bits = /^(?:0|[1-9]\d{0,2})$/u.test(length) ? Number(length) : Number.NaN
  if (!(bits <= width(base))) {
    return `Expected a prefix length of 0 to ${width(base)} after the address, in decimal, got another: correct it.`
  }
  const network = networkOf(base, bits)
  if (!isIn(base, { base: network, bits: width(base) })) {
    return `Expected a range without bits behind its prefix, got one with some: write ${spelled(network)}/${bits}, or ${spelled(base)} for that address alone.`
  }
  return range(text, base, bits)
}

function parseName(text: string): Entry | string {
  const below = text.startsWith('*.')
  const name = asciiName(below ? text.slice(2) : text)
  if (name === undefined) {
    return text === '*'
      ? `Expected ${forms}, got *: 0.0.0.0/0 and ::/0 stand for every address.`
      : `Expected ${forms}, got none of them: correct it.`
  }
  if (parseAddress(name) !== undefined) {
    return unusualAddress(text) ?? `Expected a host name after *., got an address: write it alone.`
  }
  return below ? { kind: 'below', text, suffix: `.${name}` } : { kind: 'name', text, name }
}

/** What can be told at sight of an entry that is none; it may be a URL or a secret, so that nothing of it is shown but an address. */
function misspelled(text: string): string | undefined {
  if (text === '') return `Expected ${forms}, got an empty string: remove it.`
  if (/[\s\p{Cc}]/u.test(text)) {
    const trimmed = text.trim()
    return parseAddress(trimmed) === undefined
      ? `Expected ${forms}, got white space or a control character: remove it.`
      : `Expected no white space, got some: write ${trimmed}.`
  }
  if (text.includes('://')) {
    const host = /^https?:/iu.test(text) ? withoutBrackets(URL.parse(text)?.hostname ?? '') : ''
    const isAddress = parseAddress(host) !== undefined
    return `Expected ${forms}, got a URL: write ${isAddress ? host : 'its host alone'}.`
  }
  if (text.includes('%')) {
    const bare = text.slice(0, text.indexOf('%'))
    return parseAddress(bare) === undefined
      ? `Expected ${forms}, got a % in it: remove it.`
      : `Expected an address without a zone, got one with it: write ${bare}.`
  }
  if (text.startsWith('[')) {
    const bare = text.slice(1, Math.max(1, text.indexOf(']')))
    return parseAddress(bare) === undefined
      ? `Expected ${forms}, got a bracket: remove it.`
      : `Expected an address without brackets and port, got one with them: write ${bare}.`
  }
  const colon = text.indexOf(':')
  if (colon !== -1 && colon === text.lastIndexOf(':')) {
    return `Expected no port, got one: it belongs into \`egress.ports\`.`
  }
  return undefined
}

/** `0x7f.1`, `010.0.0.1`, `127.1`: what the URL parser reads as an IPv4 address, and people read otherwise. */
function unusualAddress(text: string): string | undefined {
  const host = asciiName(text)
  if (host === undefined || parseAddress(host) === undefined) return undefined
  return `Expected an IPv4 address as four decimal numbers, got another spelling: this one means ${host}.`
}

/** A host name, or an address, as the URL parser writes it, without a dot at the end; undefined when it is neither. */
export function asciiName(text: string): string | undefined {
  // Whatever ends the host in a URL would hide the rest from what is checked.
  if (/[\s\p{Cc}/\\?#@:[\]%*]/u.test(text)) return undefined
  const url = URL.parse(`http://${text}`) // canParse takes hosts of 16 KiB that the constructor throws for, and quotes
  if (url === null) return undefined
  const name = withoutDot(url.hostname)
  return name.length <= 253 && name.split('.').every((label) => /^[a-z\d_-]{1,63}$/u.test(label))
    ? name
    : undefined
}

/** `example.com.` is the name `example.com`, written so that no search list is tried. */
export function withoutDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name
}
