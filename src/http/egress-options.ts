import type { LookupFunction } from 'node:net'
import * as z from 'zod'
import { Problems } from '../option-problems.ts'
import { callable, flag, listOf, optionProblems, wholeNumber } from '../option-shapes.ts'
import { parseEntries, type Entry } from './egress-entries.ts'
import type { ProxyServer } from './egress-guard.ts'
import { parseProxy } from './egress-proxy.ts'
import { parseDirectEntries, type DirectEntry } from './no-proxy.ts'

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

/** What the options say, read once. */
export interface EgressRules {
  readonly allow: readonly Entry[]
  readonly deny: readonly Entry[]
  /** Absent: every port. */
  readonly ports: ReadonlySet<number> | undefined
  readonly httpsOnly: boolean
  /** By the protocol of a URL. */
  readonly proxies: Readonly<Record<string, ProxyServer | undefined>>
  /** Where no proxy is used. */
  readonly direct: readonly DirectEntry[]
  /** Absent: that of this library. */
  readonly lookup: LookupFunction | undefined
}

/** @throws {@link ConfigurationError} `option_invalid`, with all that is wrong: `egress.allow[1]` */
export function readEgressOptions(options: EgressOptions = {}): EgressRules {
  const problems = new Problems()
  problems.add(...optionProblems(schema, options, { of: 'egress', within: 'egress' }))
  problems.throwAny()
  const { ports, httpsOnly = false, lookup } = options
  const allow = problems.of(() => parseEntries(options.allow ?? [], 'egress.allow')) ?? []
  const deny = problems.of(() => parseEntries(options.deny ?? [], 'egress.deny')) ?? []
  const proxies = proxiesOf(options.proxy, problems)
  const direct = problems.of(() => parseDirectEntries(options.noProxy ?? [], 'egress.noProxy')) ?? []
  problems.throwAny()
  return { allow, deny, ports: ports && new Set(ports), httpsOnly, proxies, direct, lookup }
}

function proxiesOf(given: EgressOptions['proxy'], problems: Problems): EgressRules['proxies'] {
  const read = (text: string | undefined, option: string): ProxyServer | undefined =>
    text === undefined ? undefined : problems.of(() => parseProxy(text, option))
  if (typeof given === 'string') return forEveryScheme(read(given, 'egress.proxy'))
  return {
    'http:': read(given?.http, 'egress.proxy.http'),
    'https:': read(given?.https, 'egress.proxy.https'),
  }
}

export function forEveryScheme(proxy: ProxyServer | undefined): EgressRules['proxies'] {
  return { 'http:': proxy, 'https:': proxy }
}
