import type { LookupFunction } from 'node:net'
import * as z from 'zod'
import { ConfigurationError } from '../errors.ts'
import { mismatch, Problems } from '../option-problems.ts'
import { callable, flag, listOf, optionProblems, wholeNumber } from '../option-shapes.ts'
import { parseAddress, withoutBrackets } from './egress-address.ts'
import {
  entryBeing,
  entryCovering,
  entryHolding,
  entryNaming,
  entryReaching,
  parseEntries,
  withoutDot,
  type Entry,
} from './egress-entries.ts'
import { metadataAt, metadataNamed } from './egress-metadata.ts'
import { parseProxy } from './egress-proxy.ts'
import {
  refusedByEntry,
  refusedMetadata,
  refusedMetadataName,
  refusedPort,
  refusedScheme,
  refusedSpecial,
  refusedText,
  specialRangeOf,
  subjectOf,
} from './egress-refusals.ts'
import { lookUpName } from './names.ts'
import { isDirect, parseDirectEntries } from './no-proxy.ts'

/** Where requests may go. The default is the public Internet alone: global unicast addresses, over http and https, at any port. */
export interface EgressOptions {
  /**
   * What is allowed although it is not public: an address, a range (`10.0.0.0/8`, `fd00::/8`), a host name (`ci.internal.example`), or every
   * name below one (`*.internal.example`). A name allows whatever address it has. Each opens just itself: no IPv4 range opens the IPv6
   * addresses that embed its own. The metadata services of clouds are opened only by the very address, or by the very name.
   *
   * In a network with DNS64, whose resolver gives `64:ff9b::/96` for receivers that have IPv4 alone, allow that range, and deny the IPv4
   * ranges that the translator reaches inside: `deny` looks into embedding addresses.
   * @default []
   * @example ['10.20.0.0/16', 'ci.internal.example']
   */
  readonly allow?: readonly string[] | undefined
  /**
   * What is forbidden, in the same forms. It wins over `allow`, and a denied IPv4 address is also denied as what an IPv6 address embeds.
   * @default []
   */
  readonly deny?: readonly string[] | undefined
  /** The only ports. @default every port */
  readonly ports?: readonly number[] | undefined
  /** Forbids http. @default false */
  readonly httpsOnly?: boolean | undefined
  /**
   * An HTTP proxy: `http://user:password@proxy.internal:3128`, one for all or by the scheme of the hook. Requests to https hooks go through
   * a tunnel (CONNECT), those to http hooks are sent to the proxy in absolute form, as curl does. The names of hooks are then resolved by
   * the proxy, so that it decides about their addresses; the guard decides about all that the URL shows. A hook may have another one, or none.
   * @default none
   */
  readonly proxy?: string | ProxyByScheme | undefined
  /**
   * Where no proxy is used, as `NO_PROXY` has it: `example.com` is that host and all below it, `*.example.com` those below it alone; an
   * address, or a range like `10.0.0.0/8`, is what stands in the URL; `*` is every host; `:8080` may follow each.
   * @default []
   */
  readonly noProxy?: readonly string[] | undefined
  /**
   * Resolves names, as `dns.lookup` does. That has two threads in all, so that two names that hang hold up every other.
   * @default the hosts file, the name servers, and then `dns.lookup`, for names that only the system knows
   */
  readonly lookup?: LookupFunction | undefined
}

/** For the hooks of each scheme; none for those of a scheme without one. */
export interface ProxyByScheme {
  readonly http?: string | undefined
  readonly https?: string | undefined
}

/** Why a request may not be sent. */
export interface Refusal {
  /**
   * Stable name of the rule, for programs. It is the `code` of the attempt.
   *
   * - `EGRESS_SCHEME` `EGRESS_PORT`: what the URL asks for is not http or https, or not among `ports`
   * - `EGRESS_DENIED`: `deny` names it
   * - `EGRESS_METADATA`: where a cloud gives credentials out
   * - `EGRESS_UNSPECIFIED` `EGRESS_LOOPBACK` `EGRESS_PRIVATE` `EGRESS_LINK_LOCAL` `EGRESS_CGNAT`: this host, or the networks around it
   * - `EGRESS_EMBEDDED`: an IPv6 address that stands for an IPv4 address: mapped, NAT64, 6to4, Teredo and the like
   * - `EGRESS_DOCUMENTATION` `EGRESS_BENCHMARKING` `EGRESS_MULTICAST` `EGRESS_BROADCAST` `EGRESS_RESERVED`
   * - `EGRESS_NOT_GLOBAL`: any other address that is not global unicast
   * - `EGRESS_NOT_AN_ADDRESS`: what a look-up gave is no address, or has a zone
   */
  readonly code: string
  /** For people: what came, which rule forbids it, and what to allow. */
  readonly message: string
}

/** Decides where requests may go. Pure: it resolves nothing and connects to nothing. */
export interface EgressGuard {
  /** What can be told of a URL alone: its scheme, its port, its host's name, and the address if the host is one. */
  refusesUrl(url: URL): Refusal | undefined
  /** Of an address that is about to be connected to for this host: what the name stands for, or the host itself. */
  refusesAddress(address: string, host: string): Refusal | undefined
  /** The proxy that requests to this URL go through; undefined for none. */
  proxyFor(url: URL): ProxyServer | undefined
  readonly lookup: LookupFunction
}

export interface ProxyServer {
  /** Where it is, without user and password. */
  readonly url: URL
  /** The user and the password that it wants, percent-encoded as a URL has them; empty for none. */
  readonly credentials: () => ProxyCredentials
}

export type ProxyCredentials = Pick<URL, 'username' | 'password'>

const entries = listOf(
  z.string({ error: 'an address, a range like 10.0.0.0/8, a host name, or *. and a host name' }),
  'addresses, ranges and host names',
)
const schema = z.strictObject({
  allow: entries.optional(),
  deny: entries.optional(),
  ports: listOf(wholeNumber(1, 65_535), 'ports', 1).optional(),
  httpsOnly: flag.optional(),
  proxy: z
    .union([z.string(), z.strictObject({ http: z.string().optional(), https: z.string().optional() })], {
      error:
        'an http URL without a path, like http://user:password@proxy.internal:3128, or one for each scheme: http, https',
    })
    .optional(),
  noProxy: entries.optional(),
  lookup: callable.optional(),
})

/**
 * Makes a guard. What `options` say is read once, here.
 *
 * Without options it refuses every address that is not global unicast, those that embed an IPv4 address (whichever), and the metadata
 * services of clouds. `allow` opens exactly what it names: a range no address that just embeds one of its addresses, and neither a range nor
 * `*.` a metadata service. `deny` forbids also what embeds a denied IPv4 address.
 *
 * @throws {@link ConfigurationError} `option_invalid`, with the option's path: `egress.allow[1]`
 *
 * @example
 * ```ts
 * const guard = createEgressGuard({ allow: ['10.20.0.0/16', 'ci.internal.example'], ports: [443] })
 * guard.refusesUrl(new URL('https://127.0.0.1/'))?.code // 'EGRESS_LOOPBACK'
 * ```
 */
export function createEgressGuard(options: EgressOptions = {}): EgressGuard {
  const { allow, deny } = checkedEntries(options)
  const ports = options.ports === undefined ? undefined : new Set(options.ports)
  const httpsOnly = options.httpsOnly ?? false
  const proxies = proxiesOf(options.proxy)
  const direct = parseDirectEntries(options.noProxy ?? [], 'egress.noProxy')

  const refusesEndpoint = (url: URL): Refusal | undefined => {
    const scheme = url.protocol.slice(0, -1)
    if (scheme !== 'https' && (scheme !== 'http' || httpsOnly)) return refusedScheme(scheme, httpsOnly)
    const port = url.port === '' ? (scheme === 'https' ? 443 : 80) : Number(url.port)
    return ports === undefined || ports.has(port) ? undefined : refusedPort(port, ports)
  }

  const refusesName = (name: string): Refusal | undefined => {
    const denied = entryCovering(deny, name)
    if (denied !== undefined) return refusedByEntry(name, denied)
    const whose = metadataNamed(name)
    return whose === undefined || entryNaming(allow, name) !== undefined
      ? undefined
      : refusedMetadataName(name, whose)
  }

  const refusesAddress = (text: string, host: string): Refusal | undefined => {
    const name = nameOf(host)
    const refused = name === undefined ? undefined : refusesName(name)
    if (refused !== undefined) return refused
    const address = parseAddress(text)
    if (address === undefined) return refusedText(text, name)
    const denied = entryReaching(deny, address)
    if (denied !== undefined) return refusedByEntry(subjectOf(text, name), denied)
    if (name !== undefined && entryNaming(allow, name) !== undefined) return undefined
    const metadata = metadataAt(address)
    if (metadata !== undefined) {
      return entryBeing(allow, address) === undefined ? refusedMetadata(text, name, metadata) : undefined
    }
    if (name !== undefined && entryCovering(allow, name) !== undefined) return undefined
    if (entryHolding(allow, address) !== undefined) return undefined
    const special = specialRangeOf(address)
    return special === undefined ? undefined : refusedSpecial(text, name, address, special)
  }

  const refusesHost = (hostname: string): Refusal | undefined => {
    const name = nameOf(hostname)
    if (name === undefined) return refusesAddress(withoutBrackets(hostname), hostname)
    const refused = refusesName(name)
    if (refused !== undefined || !isLocalhost(name)) return refused
    // What the name stands for is known without a look-up (RFC 6761 section 6.3), which a proxy would do elsewhere.
    return refusesAddress('::1', name) === undefined ? undefined : refusesAddress('127.0.0.1', name)
  }

  return {
    refusesUrl: (url) => {
      if (!(url instanceof URL)) throw refusedArgument('url', 'a URL object', url, 'give `new URL(text)`')
      return refusesEndpoint(url) ?? refusesHost(url.hostname)
    },
    refusesAddress: (address, host) => {
      for (const [name, text] of Object.entries({ address, host }))
        if (typeof text !== 'string') throw refusedArgument(name, 'a string', text, 'give one')
      return refusesAddress(address, host)
    },
    proxyFor: (url) => {
      const proxy = proxies[url.protocol]
      return proxy === undefined || isDirect(direct, url) ? undefined : proxy
    },
    lookup: options.lookup ?? lookUpName,
  }
}

function refusedArgument(name: string, expected: string, given: unknown, advice: string): ConfigurationError {
  return new ConfigurationError('option_invalid', name, mismatch(expected, given, advice))
}

/** The entries, if all options are right. */
function checkedEntries(options: EgressOptions): {
  readonly allow: readonly Entry[]
  readonly deny: readonly Entry[]
} {
  const problems = new Problems()
  problems.add(...optionProblems(schema, options, { of: 'egress', within: 'egress' }))
  if (problems.all.length > 0) throw ConfigurationError.of(problems.all)
  const allow = problems.of(() => parseEntries(options.allow ?? [], 'egress.allow'))
  const deny = problems.of(() => parseEntries(options.deny ?? [], 'egress.deny'))
  problems.of(() => proxiesOf(options.proxy))
  problems.of(() => parseDirectEntries(options.noProxy ?? [], 'egress.noProxy'))
  problems.throwAny()
  return { allow: allow ?? [], deny: deny ?? [] }
}

/** By the protocol of a URL. */
function proxiesOf(given: EgressOptions['proxy']): Readonly<Record<string, ProxyServer | undefined>> {
  if (given === undefined) return {}
  if (typeof given === 'string') {
    const proxy = parseProxy(given, 'egress.proxy')
    return { 'http:': proxy, 'https:': proxy }
  }
  const { http, https } = given
  return {
    'http:': http === undefined ? undefined : parseProxy(http, 'egress.proxy.http'),
    'https:': https === undefined ? undefined : parseProxy(https, 'egress.proxy.https'),
  }
}

/** The host in lower case, without a dot at the end; undefined when it is an address. */
function nameOf(host: string): string | undefined {
  return parseAddress(withoutBrackets(host)) === undefined ? withoutDot(host.toLowerCase()) : undefined
}

function isLocalhost(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost')
}
