import { promises, type LookupAddress } from 'node:dns'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf } from './connection-error.ts'

type NameResolver = Pick<promises.Resolver, 'resolve4' | 'resolve6' | 'cancel'>

/** Milliseconds for a name server's answer, and twice as many when it is asked once more. */
const patience = { timeout: 2500, tries: 2 }
/** So long the addresses of one family wait for those of the other: as long as a connection to the first waits for one to the second. */
const otherFamilyMs = 250

/** Made for each look-up: it reads which name servers there are, which changes while processes run. Takes 40 µs. */
function newResolver(): NameResolver {
  return new promises.Resolver(patience)
}

/**
 * Asks the name servers of the system, over sockets: a name that hangs takes no thread. For the name as it is, in no other domain.
 *
 * @throws an error with a `code` of `node:dns`: `ETIMEOUT` also when only one family got no answer, and the other has no address
 */
export async function askNameServers(
  name: string,
  resolver: NameResolver = newResolver(),
): Promise<readonly LookupAddress[]> {
  const found: LookupAddress[] = []
  const ask = async (family: 4 | 6): Promise<void> => {
    const addresses = await (family === 4 ? resolver.resolve4(name) : resolver.resolve6(name))
    for (const address of addresses) found.push({ address, family })
  }
  const asked = [ask(4), ask(6)]
  const answered = Promise.allSettled(asked)
  try {
    await Promise.any(asked)
  } catch (error) {
    throw gravest((error as AggregateError).errors)
  }
  const waiting = new AbortController()
  await Promise.race([answered, sleep(otherFamilyMs, undefined, { signal: waiting.signal })])
  waiting.abort()
  resolver.cancel()
  return inOrder(found)
}

function gravest(errors: readonly unknown[]): unknown {
  return errors.find((error) => codeOf(error, '') === 'ETIMEOUT') ?? errors[0]
}

/** IPv6 first where this machine has a global address to connect from (RFC 6724 section 6, rules 1 and 6). */
export function inOrder(addresses: readonly LookupAddress[]): readonly LookupAddress[] {
  const first = hasGlobalIPv6() ? 6 : 4
  return addresses.toSorted((one, other) => Number(other.family === first) - Number(one.family === first))
}

/** Asked for anew after so many milliseconds: it takes half a one. */
const familiesMs = 10_000
let families = { isGlobal: false, until: -Infinity }

function hasGlobalIPv6(): boolean {
  const now = performance.now()
  if (now >= families.until) families = { isGlobal: findGlobalIPv6(), until: now + familiesMs }
  return families.isGlobal
}

function findGlobalIPv6(): boolean {
  try {
    return Object.values(networkInterfaces()).some((addresses) =>
      addresses?.some(({ address, internal }) => !internal && /^[23][\da-f]{3}:/u.test(address)),
    )
  } catch {
    return false // where a sandbox does not tell
  }
}
