import { parseAddress, withoutBrackets } from '../address.ts'
import {
  entryBeing,
  entryCovering,
  entryHolding,
  entryNaming,
  entryReaching,
  withoutDot,
  type Entry,
} from './egress-entries.ts'
import { metadataAt, metadataNamed } from './egress-metadata.ts'
import type { EgressRules } from './egress-options.ts'
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
import { portOf } from './port.ts'
import type { Refusal } from './refusal.ts'

/** What is allowed, and what is forbidden. */
interface Lists {
  readonly allow: readonly Entry[]
  readonly deny: readonly Entry[]
}

export function refusalOfUrl(url: URL, rules: EgressRules): Refusal | undefined {
  return refusalOfEndpoint(url, rules) ?? refusalOfHost(url.hostname, rules)
}

function refusalOfEndpoint(url: URL, { ports, httpsOnly }: EgressRules): Refusal | undefined {
  const scheme = url.protocol.slice(0, -1)
  if (scheme !== 'https' && (scheme !== 'http' || httpsOnly)) return refusedScheme(scheme, httpsOnly)
  const port = portOf(url)
  return ports === undefined || ports.has(port) ? undefined : refusedPort(port, ports)
}

function refusalOfHost(hostname: string, lists: Lists): Refusal | undefined {
  const name = nameOf(hostname)
  if (name === undefined) return refusalOfAddress(withoutBrackets(hostname), hostname, lists)
  const refused = refusalOfName(name, lists)
  if (refused !== undefined || !isLocalhost(name)) return refused
  // What the name stands for is known without a look-up (RFC 6761 section 6.3), which a proxy would do elsewhere.
  return refusalOfAddress('::1', name, lists) === undefined
    ? undefined
    : refusalOfAddress('127.0.0.1', name, lists)
}

function refusalOfName(name: string, { allow, deny }: Lists): Refusal | undefined {
  const denied = entryCovering(deny, name)
  if (denied !== undefined) return refusedByEntry(name, denied)
  const whose = metadataNamed(name)
  return whose === undefined || entryNaming(allow, name) !== undefined
    ? undefined
    : refusedMetadataName(name, whose)
}

/** @param host what the address was looked up for, or is */
export function refusalOfAddress(text: string, host: string, lists: Lists): Refusal | undefined {
  const { allow, deny } = lists
  const name = nameOf(host)
  const refused = name === undefined ? undefined : refusalOfName(name, lists)
  if (refused !== undefined) return refused
  const address = parseAddress(text)
  if (address === undefined) return refusedText(text, name)
  const denied = entryReaching(deny, address)
  if (denied !== undefined) return refusedByEntry(subjectOf(text, name), denied)
  if (name !== undefined && entryNaming(allow, name) !== undefined) return undefined
  const metadata = metadataAt(address)
  if (metadata !== undefined)
    return entryBeing(allow, address) === undefined ? refusedMetadata(text, name, metadata) : undefined
  if (name !== undefined && entryCovering(allow, name) !== undefined) return undefined
  if (entryHolding(allow, address) !== undefined) return undefined
  const special = specialRangeOf(address)
  return special === undefined ? undefined : refusedSpecial(text, name, address, special)
}

/** The host in lower case, without a dot at the end; undefined when it is an address. */
function nameOf(host: string): string | undefined {
  return parseAddress(withoutBrackets(host)) === undefined ? withoutDot(host.toLowerCase()) : undefined
}

function isLocalhost(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost')
}
