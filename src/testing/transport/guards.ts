import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { EgressGuard, ProxyServer } from '../../http/egress-guard.ts'
import type { Refusal } from '../../http/refusal.ts'

/** Names of these tests, which have these addresses whoever asks. Others are not found. */
export function lookUpIn(names: Readonly<Record<string, readonly string[]>>): LookupFunction {
  return lookUpBy((name) => names[name.replace(/\.$/u, '')] ?? [])
}

/** Answers like `dns.lookup` with `all`. */
export function lookUpBy(addressesOf: (name: string) => readonly string[]): LookupFunction {
  return (name, _options, callback) => {
    const addresses = addressesOf(name).map((address): LookupAddress => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }))
    const notFound = Object.assign(new Error('not found'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' })
    setImmediate(() => callback(addresses.length === 0 ? notFound : null, addresses))
  }
}

/** A name server that does not answer. */
export const lookUpHangs: LookupFunction = () => undefined

/** `receiver.test`, where the tests' receivers listen. */
const lookUpReceiver: LookupFunction = lookUpIn({
  'receiver.test': ['127.0.0.1'],
  localhost: ['127.0.0.1'],
})

const refusal: Refusal = { code: 'EGRESS_TEST', message: 'Forbidden by the test' }

/** Allows all but what is given. */
export function guardOf(given: Partial<EgressGuard> = {}): EgressGuard {
  return {
    refusesUrl: () => undefined,
    refusesAddress: () => undefined,
    proxyFor: () => undefined,
    lookup: lookUpReceiver,
    ...given,
  }
}

/** A proxy for every URL, with the user and the password that its own has. */
export function proxyAt(origin: string): () => ProxyServer {
  const { username, password, host } = new URL(origin)
  return () => ({ url: new URL(`http://${host}`), credentials: () => ({ username, password }) })
}

/** Forbids these addresses, and allows the others. */
export function guardAgainst(addresses: readonly string[], given: Partial<EgressGuard> = {}): EgressGuard {
  return guardOf({
    refusesAddress: (address) => (addresses.includes(address) ? refusal : undefined),
    ...given,
  })
}

/** Forbids every URL. */
export const guardAgainstUrls: EgressGuard = guardOf({ refusesUrl: () => refusal })
