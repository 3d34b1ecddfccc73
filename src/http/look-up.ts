import type { LookupAddress, LookupOptions } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { onRejection } from '../rejection.ts'

interface LookUp {
  readonly startedAt: number
  readonly addresses: Promise<readonly LookupAddress[]>
}

/** One that is older is not joined any more: a look-up of one's own may never call back. The system's gives up sooner. */
const joinedForMs = 30_000

const underWay = new WeakMap<LookupFunction, Map<string, LookUp>>()

/** Every address of a name. Whoever asks for the same name meanwhile shares the answer: a look-up that hangs cannot be ended. */
export function lookUpAll(
  lookup: LookupFunction,
  name: string,
  options: LookupOptions,
): Promise<readonly LookupAddress[]> {
  const names = underWay.get(lookup) ?? new Map<string, LookUp>()
  underWay.set(lookup, names)
  const shared = names.get(name)
  const now = performance.now()
  if (shared !== undefined && now - shared.startedAt < joinedForMs) return shared.addresses
  const lookUp: LookUp = { startedAt: now, addresses: ask(lookup, name, options) }
  names.set(name, lookUp)
  const forget = (): void => {
    if (names.get(name) === lookUp) names.delete(name)
  }
  lookUp.addresses.then(forget, forget)
  return lookUp.addresses
}

/** One look-up. A function that gives a promise may tell by it what went wrong. */
export function ask(
  lookup: LookupFunction,
  name: string,
  options: LookupOptions,
): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    const returned: unknown = lookup(name, { ...options, all: true }, (error, addresses, family) => {
      if (error !== null && error !== undefined) reject(error)
      // One that does not know `all` gives one address. What is no address at all, `net.connect` would look up again.
      else resolve(listOf(addresses, family).filter(({ address }) => isIP(address) !== 0))
    })
    onRejection(returned, reject)
  })
}

function listOf(addresses: string | LookupAddress[], family = 0): LookupAddress[] {
  return Array.isArray(addresses) ? addresses : [{ address: addresses, family }]
}
