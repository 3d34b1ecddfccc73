import type { LookupFunction } from 'node:net'

/** Where requests may go. The default is the public Internet alone: global unicast addresses, over http and https, at any port. */
export interface EgressOptions {
  /**
   * What is allowed although it is not public: an address, a range (`10.0.0.0/8`, `fd00::/8`), or a host name, which allows whatever
   * address it has. Each opens just itself. The metadata addresses of clouds are opened only by the address itself, or its name.
   */
  readonly allow?: readonly string[] | undefined
  /** What is forbidden, in the same forms. It wins over `allow`. */
  readonly deny?: readonly string[] | undefined
  /** The only ports. @default every port */
  readonly ports?: readonly number[] | undefined
  /** Forbids http. @default false */
  readonly httpsOnly?: boolean | undefined
  /**
   * An HTTP proxy that tunnels every request (CONNECT): `http://user:password@proxy.internal:3128`. The names of hooks are then resolved by
   * the proxy, so that it decides about their addresses; the guard decides about all that the URL shows.
   */
  readonly proxy?: string | undefined
  /** Resolves names, as `dns.lookup` does. @default dns.lookup */
  readonly lookup?: LookupFunction | undefined
}

/** Why a request may not be sent. */
export interface Refusal {
  /** Stable name of the rule, for programs: `EGRESS_PRIVATE`. It is the `code` of the attempt. */
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
  readonly proxy: URL | undefined
  readonly lookup: LookupFunction
}
