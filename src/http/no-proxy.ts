import { Problems } from '../option-problems.ts'
import { isIn, parseAddress, parseRange, withoutBrackets, type Address, type Range } from '../address.ts'
import { asciiName, withoutDot } from './egress-entries.ts'
import { portOf } from './port.ts'

/** Where no proxy is used: one entry of `egress.noProxy`, or of the environment's `NO_PROXY`. */
export interface DirectEntry {
  /** Absent: whatever the host is. */
  readonly host?:
    | { readonly range: Range<Address> }
    | {
        /** Without a dot at its beginning. */
        readonly name: string
        /** Not the name itself, but those below it. */
        readonly belowOnly: boolean
      }
  /** Absent: every port. */
  readonly port?: number
}

const forms =
  '*, a host name (it stands for those below it too), *. and a host name, an address, or a range like 10.0.0.0/8, each with a port or without'

/**
 * Reads an entry as curl and Go do: `example.com` and `.example.com` are that host and all below it, `*.example.com` those below it alone,
 * `*` is every host; addresses and ranges are those that stand in a URL, since no name is looked up for it. `:8080` may follow each.
 *
 * @returns undefined for what is none
 */
export function parseDirectEntry(text: string): DirectEntry | undefined {
  const { host, port } = splitPort(text)
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined
  const at = port === undefined ? {} : { port }
  if (host === '*') return at
  const range = parseRange(host)
  if (range !== undefined) return { host: { range }, ...at }
  const belowOnly = host.startsWith('*.')
  const name = asciiName(host.replace(/^\*?\./u, ''))
  if (name === undefined || name === '' || parseAddress(name) !== undefined) return undefined
  return { host: { name, belowOnly }, ...at }
}

/** @throws {@link ConfigurationError} `option_invalid`, with the place of each entry that is none: `egress.noProxy[1]` */
export function parseDirectEntries(texts: readonly string[], option: string): readonly DirectEntry[] {
  const problems = new Problems()
  const entries = texts.map(parseDirectEntry)
  for (const [index, entry] of entries.entries())
    if (entry === undefined) problems.refuse(`${option}[${index}]`, `Expected ${forms}, got none of them.`)
  problems.throwAny()
  return entries as readonly DirectEntry[]
}

/** Whether one of the entries is about the URL, by what stands in it. */
export function isDirect(entries: readonly DirectEntry[], url: URL): boolean {
  const name = withoutDot(url.hostname)
  const address = parseAddress(withoutBrackets(name))
  return entries.some(({ host, port }) => {
    if (port !== undefined && port !== portOf(url)) return false
    if (host === undefined) return true
    if ('range' in host) return address !== undefined && isIn(address, host.range)
    if (address !== undefined) return false
    return name.endsWith(`.${host.name}`) || (name === host.name && !host.belowOnly)
  })
}

/** An IPv6 address alone has colons of its own. */
function splitPort(text: string): { readonly host: string; readonly port?: number } {
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/u.exec(text) ?? [text, text]
  const bare = withoutBrackets(host)
  return port === undefined ? { host: bare } : { host: bare, port: Number(port) }
}
