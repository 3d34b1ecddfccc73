import { embeddedIn, knownRange, isIn, type Address, type Range } from '../address.ts'

/** Where the machines of clouds get their own credentials, without any: the first thing that a forged URL is aimed at. */
const addresses: readonly (readonly [address: string, whose: string])[] = [
  ['169.254.169.254', 'AWS, Azure, Google Cloud, OpenStack and others'],
  ['169.254.169.252', 'Google Kubernetes Engine'],
  ['169.254.169.250', 'Rancher'],
  ['169.254.170.2', 'AWS ECS'],
  ['169.254.170.23', 'AWS EKS'],
  ['169.254.42.42', 'Scaleway'],
  ['169.254.0.23', 'Tencent Cloud'],
  ['100.100.100.200', 'Alibaba Cloud'],
  ['100.88.222.5', 'Tencent Cloud'],
  ['100.96.0.96', 'Volcengine'],
  ['192.0.0.192', 'Oracle Cloud'],
  // These two are public addresses that clouds answer themselves.
  ['168.63.129.16', 'Azure'],
  ['192.80.8.124', 'Equinix Metal'],
  ['fd00:ec2::254', 'AWS'],
  ['fd00:ec2::23', 'AWS EKS'],
  ['fd20:ce::254', 'Google Cloud'],
  ['fd00:42::42', 'Scaleway'],
  ['fd00:c1::a9fe:a9fe', 'Oracle Cloud'],
  ['fd00:a9fe:a9fe::1', 'Akamai'],
  ['fd00:100::100:200', 'Alibaba Cloud'],
  ['fe80::a9fe:a9fe', 'OpenStack'],
]

/** Their names. Who resolves one gets an address of above; who sends through a proxy does not see it. */
const names: ReadonlyMap<string, string> = new Map([
  ['metadata', 'Google Cloud'],
  ['metadata.goog', 'Google Cloud'],
  ['metadata.google.internal', 'Google Cloud'],
  ['instance-data', 'AWS'],
  ['instance-data.ec2.internal', 'AWS'],
  ['metadata.azure.internal', 'Azure'],
  ['metadata.tencentyun.com', 'Tencent Cloud'],
  ['metadata.packet.net', 'Equinix Metal'],
  ['metadata.platformequinix.com', 'Equinix Metal'],
  ['api.metadata.cloud.ibm.com', 'IBM Cloud'],
  ['rancher-metadata', 'Rancher'],
])

/** A metadata service, as an address leads to it. */
export interface MetadataAddress {
  readonly whose: string
  /** The IPv4 address of the service, where the address only embeds it. */
  readonly embedded?: string
}

const services: readonly (readonly [range: Range<Address>, whose: string])[] = addresses.map(
  ([address, whose]) => [knownRange(`${address}/${address.includes(':') ? 128 : 32}`), whose],
)

/** Whose metadata service an address is, or embeds. */
export function metadataAt(address: Address): MetadataAddress | undefined {
  const own = serviceAt(address)
  if (own !== undefined) return { whose: own }
  for (const ipv4 of embeddedIn(address)) {
    const whose = serviceAt(ipv4)
    if (whose !== undefined) return { whose, embedded: ipv4.toString() }
  }
  return undefined
}

/** Whose metadata service a host name is: lower case, without a dot at the end. */
export function metadataNamed(name: string): string | undefined {
  return names.get(name)
}

function serviceAt(address: Address): string | undefined {
  return services.find(([range]) => isIn(address, range))?.[1]
}
