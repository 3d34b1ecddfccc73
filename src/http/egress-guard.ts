import type { LookupFunction } from 'node:net'
import type { Refusal } from './refusal.ts'

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
