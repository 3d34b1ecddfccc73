import { shownText } from '../shown-text.ts'
import { embeddedIn, isIn, isIsatap, type Address } from '../address.ts'
import type { Entry } from './egress-entries.ts'
import type { MetadataAddress } from './egress-metadata.ts'
import type { Refusal } from './refusal.ts'
import { specialRanges, type SpecialRange } from './special-ranges.ts'

type Special = Omit<SpecialRange, 'range'>

const isatap: Special = { code: 'EGRESS_EMBEDDED', what: 'an ISATAP address', source: 'RFC 5214' }

/** Why an address is not on the public Internet; undefined when it is. */
export function specialRangeOf(address: Address): Special | undefined {
  return specialRanges.find(({ range }) => isIn(address, range)) ?? (isIsatap(address) ? isatap : undefined)
}

/** What a message is about: the address, and the name that it came of. */
export function subjectOf(address: string, name: string | undefined): string {
  return name === undefined ? address : `${name} (${address})`
}

export function refusedSpecial(
  text: string,
  name: string | undefined,
  address: Address,
  { code, what, source }: Special,
): Refusal {
  const [ipv4, ...more] = embeddedIn(address)
  const embedded =
    code === 'EGRESS_EMBEDDED' && ipv4 !== undefined && more.length === 0 ? ` for ${ipv4.toString()}` : ''
  const remedy = `name ${name === undefined ? 'it' : 'either'} in \`egress.allow\` if it is meant`
  return { code, message: `${isAt(text, name)} ${what}${embedded} (${source}): ${remedy}.` }
}

export function refusedMetadata(
  text: string,
  name: string | undefined,
  { whose, embedded }: MetadataAddress,
): Refusal {
  const what = `${embedded === undefined ? '' : `another form of ${embedded}, `}a metadata service of ${whose}`
  const opener = name === undefined ? 'this very address' : 'this very address or name'
  return {
    code: 'EGRESS_METADATA',
    message: `${isAt(text, name)} ${what}: only ${opener} in \`egress.allow\` opens it.`,
  }
}

export function refusedMetadataName(name: string, whose: string): Refusal {
  return {
    code: 'EGRESS_METADATA',
    message: `${name} is a metadata service of ${whose}: only this very name in \`egress.allow\` opens it.`,
  }
}

export function refusedByEntry(subject: string, entry: Entry): Refusal {
  return {
    code: 'EGRESS_DENIED',
    message: `${subject} is forbidden by ${entry.text} in \`egress.deny\`, whatever \`egress.allow\` says.`,
  }
}

export function refusedText(text: string, name: string | undefined): Refusal {
  const got = JSON.stringify(shownText(text.slice(0, 60)))
  return {
    code: 'EGRESS_NOT_AN_ADDRESS',
    message: `Expected an IP address without a zone${name === undefined ? '' : ` for ${name}`}, got ${got}: nothing opens it.`,
  }
}

export function refusedPort(port: number, ports: ReadonlySet<number>): Refusal {
  return {
    code: 'EGRESS_PORT',
    message: `Port ${port} is not among \`egress.ports\` (${[...ports].join(', ')}): name it there if it is meant.`,
  }
}

export function refusedScheme(scheme: string, httpsOnly: boolean): Refusal {
  return {
    code: 'EGRESS_SCHEME',
    message: httpsOnly
      ? `Expected https, since \`egress.httpsOnly\` is set, got ${scheme}.`
      : `Expected http or https, got ${scheme}.`,
  }
}

function isAt(address: string, name: string | undefined): string {
  return name === undefined ? `${address} is` : `${name} is at ${address},`
}
