import { lookup, type LookupAddress, type LookupOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { codeOf } from './connection-error.ts'
import { HostsFile, systemHosts } from './hosts-file.ts'
import { askNameServers, inOrder } from './name-servers.ts'
import { SystemLine } from './system-line.ts'

export interface NamesOptions {
  readonly hosts: Pick<HostsFile, 'addressesOf'>
  /** Over sockets. */
  readonly askServers: (name: string) => Promise<readonly LookupAddress[]>
  /** In threads. */
  readonly system: LookupFunction
}

/** A name server has answered, and knows no address: the system may know the name from elsewhere. */
const notFound = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME', 'EBADQUERY', 'EFORMERR'])

const lines = new WeakMap<LookupFunction, SystemLine>()

/**
 * Looks names up so that one that hangs holds up no other: in the hosts file, then by the name servers, over sockets. Threads are taken for
 * what only the system can tell: a name without a dot, or one that the name servers do not know, which may be in one of its search domains, of
 * mDNS, or of whatever else it asks.
 */
export function createLookUp({ hosts, askServers, system }: NamesOptions): LookupFunction {
  const line = new SystemLine(system)
  /** Whether they have ever answered. What does not look like a network with name servers is left to the system. */
  let isServed = false

  const addressesOf = async (name: string): Promise<readonly LookupAddress[]> => {
    const pinned = hosts.addressesOf(name)
    if (pinned.length > 0) return inOrder(pinned)
    if (!name.includes('.') || line.hasFound(name)) return line.lookUp(name)
    try {
      const addresses = await askServers(name)
      isServed = true
      return addresses
    } catch (error) {
      if (notFound.has(codeOf(error, ''))) isServed = true
      else if (isServed) throw error // the system would ask the same servers, in a thread
      return line.lookUp(name)
    }
  }

  const lookUp: LookupFunction = (name, options, callback) => {
    addressesOf(name).then(
      (addresses) => give(addresses, options, callback),
      (error: NodeJS.ErrnoException) => callback(error, []),
    )
  }
  lines.set(lookUp, line)
  return lookUp
}

/** As `dns.lookup` does. */
function give(
  addresses: readonly LookupAddress[],
  { all, family }: LookupOptions,
  callback: Parameters<LookupFunction>[2],
): void {
  const wanted = family === 4 || family === 6 ? addresses.filter((each) => each.family === family) : addresses
  if (all === true) return callback(null, [...wanted])
  const [first] = wanted
  if (first === undefined) callback(Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' }), '')
  else callback(null, first.address, first.family)
}

/** True while a name waits for others that the system looks up, by no fault of its own. */
export function isHeldUp(lookup: LookupFunction, name: string): boolean {
  return lines.get(lookup)?.isHeldUp(name) ?? false
}

/** One for the process, as the threads are. */
export const lookUpName: LookupFunction = createLookUp({
  hosts: new HostsFile(systemHosts),
  askServers: askNameServers,
  system: lookup,
})
