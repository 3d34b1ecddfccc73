/** A URL, and what the guard says of it without options. */
export interface EgressUrl {
  readonly url: string
  /** The rule that refuses it; undefined when it is public. */
  readonly code: string | undefined
  /** True when the URL parser refuses it, so that no guard ever sees it. */
  readonly unparsable: boolean
}

/** A range, by its ends, with one address inside, and the neighbours on both sides with the rule that they fall under. */
export interface RangeRow {
  readonly code: string
  readonly first: string
  readonly inside: string
  readonly last: string
  readonly before?: readonly [address: string, code?: string]
  readonly after?: readonly [address: string, code?: string]
}

const r = (
  code: string,
  [first, inside, last]: readonly [string, string, string],
  before?: RangeRow['before'],
  after?: RangeRow['after'],
): RangeRow => ({
  code,
  first,
  inside,
  last,
  ...(before === undefined ? {} : { before }),
  ...(after === undefined ? {} : { after }),
})

/** Every IPv4 range that is not public, ends written by hand. */
export const ipv4Ranges: readonly RangeRow[] = [
  r('EGRESS_UNSPECIFIED', ['0.0.0.0', '0.1.2.3', '0.255.255.255'], undefined, ['1.0.0.0']),
  r('EGRESS_PRIVATE', ['10.0.0.0', '10.1.2.3', '10.255.255.255'], ['9.255.255.255'], ['11.0.0.0']),
  r('EGRESS_CGNAT', ['100.64.0.0', '100.99.1.1', '100.127.255.255'], ['100.63.255.255'], ['100.128.0.0']),
  r('EGRESS_LOOPBACK', ['127.0.0.0', '127.0.0.1', '127.255.255.255'], ['126.255.255.255'], ['128.0.0.0']),
  r(
    'EGRESS_LINK_LOCAL',
    ['169.254.0.0', '169.254.1.1', '169.254.255.255'],
    ['169.253.255.255'],
    ['169.255.0.0'],
  ),
  r('EGRESS_PRIVATE', ['172.16.0.0', '172.17.0.1', '172.31.255.255'], ['172.15.255.255'], ['172.32.0.0']),
  r('EGRESS_NOT_GLOBAL', ['192.0.0.0', '192.0.0.9', '192.0.0.255'], ['191.255.255.255'], ['192.0.1.0']),
  r('EGRESS_DOCUMENTATION', ['192.0.2.0', '192.0.2.80', '192.0.2.255'], ['192.0.1.255'], ['192.0.3.0']),
  r(
    'EGRESS_NOT_GLOBAL',
    ['192.31.196.0', '192.31.196.1', '192.31.196.255'],
    ['192.31.195.255'],
    ['192.31.197.0'],
  ),
  r(
    'EGRESS_NOT_GLOBAL',
    ['192.52.193.0', '192.52.193.1', '192.52.193.255'],
    ['192.52.192.255'],
    ['192.52.194.0'],
  ),
  r(
    'EGRESS_NOT_GLOBAL',
    ['192.88.99.0', '192.88.99.1', '192.88.99.255'],
    ['192.88.98.255'],
    ['192.88.100.0'],
  ),
  r(
    'EGRESS_PRIVATE',
    ['192.168.0.0', '192.168.1.1', '192.168.255.255'],
    ['192.167.255.255'],
    ['192.169.0.0'],
  ),
  r(
    'EGRESS_NOT_GLOBAL',
    ['192.175.48.0', '192.175.48.6', '192.175.48.255'],
    ['192.175.47.255'],
    ['192.175.49.0'],
  ),
  r(
    'EGRESS_BENCHMARKING',
    ['198.18.0.0', '198.18.5.5', '198.19.255.255'],
    ['198.17.255.255'],
    ['198.20.0.0'],
  ),
  r(
    'EGRESS_DOCUMENTATION',
    ['198.51.100.0', '198.51.100.7', '198.51.100.255'],
    ['198.51.99.255'],
    ['198.51.101.0'],
  ),
  r(
    'EGRESS_DOCUMENTATION',
    ['203.0.113.0', '203.0.113.7', '203.0.113.255'],
    ['203.0.112.255'],
    ['203.0.114.0'],
  ),
  r(
    'EGRESS_MULTICAST',
    ['224.0.0.0', '224.0.0.251', '239.255.255.255'],
    ['223.255.255.255'],
    ['240.0.0.0', 'EGRESS_RESERVED'],
  ),
  r(
    'EGRESS_RESERVED',
    ['240.0.0.0', '250.1.2.3', '255.255.255.254'],
    ['239.255.255.255', 'EGRESS_MULTICAST'],
    ['255.255.255.255', 'EGRESS_BROADCAST'],
  ),
  r('EGRESS_BROADCAST', ['255.255.255.255', '255.255.255.255', '255.255.255.255']),
]

const ones = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff'
const other = 'EGRESS_NOT_GLOBAL'

/** Every IPv6 range that is not public. A range inside of another stands before it. */
export const ipv6Ranges: readonly RangeRow[] = [
  r('EGRESS_UNSPECIFIED', ['::', '0:0:0:0:0:0:0:0', '::'], undefined, ['::1', 'EGRESS_LOOPBACK']),
  r('EGRESS_LOOPBACK', ['::1', '0:0::1', '::1'], undefined, ['::2', 'EGRESS_EMBEDDED']),
  r('EGRESS_EMBEDDED', ['::2', '::808:808', '::ffff:ffff'], undefined, ['::1:0:0', other]),
  r(
    'EGRESS_EMBEDDED',
    ['::ffff:0:0', '::ffff:808:808', '::ffff:ffff:ffff'],
    ['::fffe:ffff:ffff', other],
    ['::1:0:0:0', other],
  ),
  r(
    'EGRESS_EMBEDDED',
    ['::ffff:0:0:0', '::ffff:0:808:808', '::ffff:0:ffff:ffff'],
    ['::fffe:ffff:ffff:ffff', other],
    ['::ffff:1:0:0', other],
  ),
  r(
    'EGRESS_EMBEDDED',
    ['64:ff9b::', '64:ff9b::808:808', '64:ff9b::ffff:ffff'],
    [`64:ff9a:${ones.slice(5)}`, other],
    ['64:ff9b::1:0:0', other],
  ),
  r(
    'EGRESS_EMBEDDED',
    ['64:ff9b:1::', '64:ff9b:1:abcd::808:808', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff'],
    ['64:ff9b:0:ffff:ffff:ffff:ffff:ffff', other],
    ['64:ff9b:2::', other],
  ),
  r(other, ['100::', '100::1', '100::ffff:ffff:ffff:ffff'], [`ff:${ones}`, other], ['100:0:0:1::', other]),
  r(other, ['100:0:0:1::', '100:0:0:1::1', '100:0:0:1:ffff:ffff:ffff:ffff'], undefined, [
    '100:0:0:2::',
    other,
  ]),
  r(
    'EGRESS_EMBEDDED',
    ['2001::', '2001:0:4136:e378:8000:63bf:3fff:fdd2', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff'],
    [`2000:${ones}`],
    ['2001:1::', other],
  ),
  r(
    'EGRESS_BENCHMARKING',
    ['2001:2::', '2001:2:0:1::1', '2001:2:0:ffff:ffff:ffff:ffff:ffff'],
    ['2001:1:ffff:ffff:ffff:ffff:ffff:ffff', other],
    ['2001:2:1::', other],
  ),
  r(other, ['2001:10::', '2001:15::1', '2001:1f:ffff:ffff:ffff:ffff:ffff:ffff'], ['2001:f::', other]),
  r(other, ['2001:20::', '2001:2a::1', '2001:2f:ffff:ffff:ffff:ffff:ffff:ffff'], undefined, [
    '2001:30::',
    other,
  ]),
  r(other, ['2001:1::', '2001:4:112::1', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'], undefined, [
    '2001:200::',
  ]),
  r(
    'EGRESS_DOCUMENTATION',
    ['2001:db8::', '2001:db8:85a3::8a2e:370:7334', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2001:db7:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2001:db9::'],
  ),
  r('EGRESS_EMBEDDED', ['2002::', '2002:808:808::1', `2002:${ones}`], [`2001:${ones}`], ['2003::']),
  r(
    other,
    ['2620:4f:8000::', '2620:4f:8000::6', '2620:4f:8000:ffff:ffff:ffff:ffff:ffff'],
    ['2620:4f:7fff:ffff:ffff:ffff:ffff:ffff'],
    ['2620:4f:8001::'],
  ),
  r(
    'EGRESS_DOCUMENTATION',
    ['3fff::', '3fff:abc::1', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
    [`3ffe:${ones}`],
    ['3fff:1000::'],
  ),
  r(other, ['4000::', '5000::1', `5eff:${ones}`], [`3fff:${ones}`], ['5f00::', other]),
  r(other, ['5f00::', '5f00:1::1', `5f00:${ones}`], undefined, ['5f01::', other]),
  r(other, ['5f01::', '5fab::1', `5fff:${ones}`], undefined, ['6000::', other]),
  r(other, ['6000::', '8000::1', `fbff:${ones}`], undefined, ['fc00::', 'EGRESS_PRIVATE']),
  r('EGRESS_PRIVATE', ['fc00::', 'fd12:3456:789a::1', `fdff:${ones}`], undefined, ['fe00::', other]),
  r(other, ['fe00::', 'fe12::1', `fe7f:${ones}`]),
  r(
    'EGRESS_LINK_LOCAL',
    ['fe80::', 'fe80::1', `febf:${ones}`],
    [`fe7f:${ones}`, other],
    ['fec0::', 'EGRESS_PRIVATE'],
  ),
  r('EGRESS_PRIVATE', ['fec0::', 'fec0::1:1', `feff:${ones}`], undefined, ['ff00::', 'EGRESS_MULTICAST']),
  r('EGRESS_MULTICAST', ['ff00::', 'ff02::1', `ffff:${ones}`]),
  // What none of the above holds, below 2000::/3, which is public.
  r(other, ['::1:0:0', '1fff::1', `1fff:${ones}`], undefined, ['2000::']),
]

/** Where clouds give credentials out. */
export const metadataAddresses: readonly string[] = [
  '169.254.169.254',
  '169.254.169.252',
  '169.254.169.250',
  '169.254.170.2',
  '169.254.170.23',
  '169.254.42.42',
  '169.254.0.23',
  '168.63.129.16',
  '100.100.100.200',
  '100.88.222.5',
  '100.96.0.96',
  '192.0.0.192',
  '192.80.8.124',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  'fd00:42::42',
  'fd00:c1::a9fe:a9fe',
  'fd00:a9fe:a9fe::1',
  'fd00:100::100:200',
  'fe80::a9fe:a9fe',
]

const metadataNames = [
  'metadata',
  'metadata.goog',
  'metadata.google.internal',
  'instance-data',
  'instance-data.ec2.internal',
  'metadata.azure.internal',
  'metadata.tencentyun.com',
  'metadata.packet.net',
  'metadata.platformequinix.com',
  'api.metadata.cloud.ibm.com',
  'rancher-metadata',
]

/** Every way to write an IPv4 address that the URL parser reads. */
export function ipv4Spellings(address: string): readonly string[] {
  const parts = address.split('.').map(Number) as [number, number, number, number]
  const [a, b, c, d] = parts
  const low16 = c * 2 ** 8 + d
  const low24 = b * 2 ** 16 + low16
  const all = a * 2 ** 24 + low24
  const hex = (value: number): string => `0x${value.toString(16)}`
  const octal = (value: number): string => `0${value.toString(8)}`
  const wide = (text: string): string =>
    text.replaceAll(/\d/gu, (digit) => String.fromCodePoint(0xff10 + Number(digit)))
  return [
    address,
    `${address}.`,
    String(all),
    hex(all),
    hex(all).toUpperCase(),
    octal(all),
    `${a}.${low24}`,
    `${a}.${b}.${low16}`,
    `${hex(a)}.${low24}`,
    `${octal(a)}.${b}.${hex(low16)}`,
    parts.map(hex).join('.'),
    parts.map(octal).join('.'),
    parts.map((part) => `000${part.toString(8)}`).join('.'),
    parts.map((part) => `0x0000${part.toString(16).toUpperCase()}`).join('.'),
    `${hex(a)}.${octal(b)}.${c}.${d}`,
    wide(address),
    wide(String(all)),
    parts.join('\u3002'),
    parts.join('\uFF0E'),
    parts.join('\uFF61'),
    parts.join('%2E'),
    parts.join('%E3%80%82'),
    Array.from(address, (character) => `%${character.charCodeAt(0).toString(16)}`).join(''),
    `\u00AD${address}`,
  ]
}

/** Every IPv6 address that stands for an IPv4 address, however it is written. */
export function ipv6Embeddings(address: string): readonly string[] {
  const bytes = address.split('.').map(Number) as [number, number, number, number]
  const pair = (high: number, low: number): string => (high * 256 + low).toString(16)
  const [a, b, c, d] = bytes
  const groups = `${pair(a, b)}:${pair(c, d)}`
  const inverted = `${pair(255 - a, 255 - b)}:${pair(255 - c, 255 - d)}`
  return [
    `::ffff:${address}`,
    `::ffff:${groups}`,
    `::FFFF:${groups.toUpperCase()}`,
    `0:0:0:0:0:ffff:${address}`,
    `0000:0000:0000:0000:0000:ffff:${groups}`,
    `::ffff:0:${address}`,
    `::ffff:0:${groups}`,
    `64:ff9b::${address}`,
    `64:ff9b::${groups}`,
    `0064:ff9b:0:0:0:0:${groups}`,
    `64:ff9b:1::${groups}`,
    `64:ff9b:1:${pair(a, b)}:${pair(0, c)}:${pair(d, 0)}::`,
    `64:ff9b:1:${pair(0, a)}:${pair(0, b)}:${pair(c, d)}::`,
    `64:ff9b:1:0:${pair(0, a)}:${pair(b, c)}:${pair(d, 0)}:0`,
    `2002:${groups}::`,
    `2002:${groups}::1`,
    `2002:${groups}:0:0:0:${groups}`,
    `2001:0:${groups}::`,
    `2001:0:4136:e378:8000:63bf:${inverted}`,
    `2a00:1450:4001:81b:0:5efe:${groups}`,
    `2a00:1450:4001:81b:200:5efe:${groups}`,
    `2a00:1450:4001:81b:0:5efe:${address}`,
  ]
}

/** Public addresses that are near to no range. */
const publicIPv4 = [
  '8.8.8.8',
  '1.1.1.1',
  '93.184.216.34',
  '151.101.1.69',
  '45.60.7.9',
  '169.252.169.254',
  '101.100.100.200',
]
const publicIPv6 = [
  '2606:4700:4700::1111',
  '2A00:1450:4001:081B:0000:0000:0000:200E',
  '2a00:1450:4001:81b::200e',
  '2001:4860:4860::8888',
  '2620:fe::fe',
  '2003::1',
  '2400:cb00::0:1',
  '2600:1f18::7f00:1',
  '2a00::ffff:7f00:1',
  '2a00::5eff:7f00:1',
]

/** Every way to write an IPv6 address: [as short as can be, others]. */
const ipv6Spellings: readonly (readonly [code: string, ...spellings: readonly string[]])[] = [
  [
    'EGRESS_LOOPBACK',
    '::1',
    '0::1',
    '::0:1',
    '0:0:0:0:0:0:0:1',
    '0000:0000:0000:0000:0000:0000:0000:0001',
    '::0.0.0.1',
    '0:0:0:0:0:0:0.0.0.1',
  ],
  ['EGRESS_UNSPECIFIED', '::', '0::', '::0', '0::0', '0:0:0:0:0:0:0:0', '::0.0.0.0'],
  ['EGRESS_LINK_LOCAL', 'fe80::1', 'FE80::1', 'fe80:0:0:0::1', 'fe80:0000::0001', 'Fe80::0.0.0.1'],
  ['EGRESS_PRIVATE', 'fd00::1', 'FD00::1', 'fd00:0:0:0:0:0:0:1', 'fd00::0.0.0.1', 'fC00::'],
  ['EGRESS_METADATA', 'fd00:ec2::254', 'FD00:0EC2::0254', 'fd00:ec2:0:0:0:0:0:254', 'fd00:ec2::0.0.2.84'],
  ['EGRESS_EMBEDDED', '::127.0.0.1', '::7f00:1', '0:0:0:0:0:0:7F00:0001', '0::127.0.0.1'],
]

/** What the URL parser takes for no address and no name. */
const unparsableHosts = [
  '',
  '127.0.0.256',
  '127.0.0.1.1',
  '256.0.0.1',
  '4294967296',
  '0x100000000',
  '08.0.0.1',
  '1.2.3.4.5',
  '127.0.0.1%00',
  '127.0.0.1%20',
  '127.0.0.1%2f',
  'a.127',
  'example.0x7f',
  '[::1',
  '::1',
  '[::1%25eth0]',
  '[fe80::1%eth0]',
  '[fe80::1%25eth0]',
  '[127.0.0.1]',
  '[::ffff:127.1]',
  '[::ffff:0x7f.0.0.1]',
  '[::ffff:127.0.0.01]',
  '[1::2::3]',
  '[12345::]',
  '[:::1]',
  '[::1]a',
  '127.0.0.1:99999',
  '127.0.0.1:80a',
  'exa<mple.com',
]

const at = (
  code: string | undefined,
  ...hosts: readonly string[]
): readonly (readonly [string, string | undefined])[] =>
  hosts.map((host) => [host.includes(':') ? `[${host}]` : host, code])

const sides = ({ before, after }: RangeRow): readonly (readonly [string, string | undefined])[] =>
  [before, after].flatMap((side) => (side === undefined ? [] : at(side[1], side[0])))

/** Hosts, and the rule for each. */
const hosts: readonly (readonly [host: string, code: string | undefined])[] = [
  ...[...ipv4Ranges, ...ipv6Ranges].flatMap((row) => [
    ...at(row.code, row.first, row.inside, row.last),
    ...sides(row),
  ]),

  ...ipv4Spellings('127.0.0.1').flatMap((host) => at('EGRESS_LOOPBACK', host)),
  ...ipv4Spellings('0.0.0.0').flatMap((host) => at('EGRESS_UNSPECIFIED', host)),
  ...ipv4Spellings('10.0.0.1').flatMap((host) => at('EGRESS_PRIVATE', host)),
  ...ipv4Spellings('192.168.1.1').flatMap((host) => at('EGRESS_PRIVATE', host)),
  ...ipv4Spellings('169.254.169.254').flatMap((host) => at('EGRESS_METADATA', host)),
  ...ipv4Spellings('168.63.129.16').flatMap((host) => at('EGRESS_METADATA', host)),
  ...ipv4Spellings('93.184.216.34').flatMap((host) => at(undefined, host)),
  ...ipv6Spellings.flatMap(([code, ...spellings]) => at(code, ...spellings)),

  ...ipv6Embeddings('127.0.0.1').flatMap((host) => at('EGRESS_EMBEDDED', host)),
  ...ipv6Embeddings('10.0.0.1').flatMap((host) => at('EGRESS_EMBEDDED', host)),
  ...ipv6Embeddings('8.8.8.8').flatMap((host) => at('EGRESS_EMBEDDED', host)),
  ...ipv6Embeddings('169.254.169.254').flatMap((host) => at('EGRESS_METADATA', host)),
  ...ipv6Embeddings('168.63.129.16').flatMap((host) => at('EGRESS_METADATA', host)),

  ...at('EGRESS_METADATA', ...metadataAddresses, ...metadataNames),
  ...at(
    'EGRESS_METADATA',
    ...metadataNames.map((name) => `${name}.`),
    'METADATA.Google.Internal',
    'metadat\uFF41',
  ),
  ...at(
    'EGRESS_LOOPBACK',
    'localhost',
    'LOCALHOST',
    'localhost.',
    'app.localhost',
    '\uFF4Cocalhost',
    'l%6Fcalhost',
  ),

  ...at(undefined, ...publicIPv4, ...publicIPv6),
  ...at(
    undefined,
    'example.com',
    'example.com.',
    'b\u00FCcher.example',
    'a_b.example',
    'localhost.example.com',
  ),
  ...at(
    undefined,
    'notlocalhost',
    'metadata.example.com',
    'xmetadata',
    '127.0.0.1.example.com',
    '10.0.0.1.nip.io',
  ),
]

/** With a port, credentials, or a path that looks like a host: they change nothing. */
const around: readonly (readonly [url: string, code: string | undefined])[] = [
  ['http://127.0.0.1:80/', 'EGRESS_LOOPBACK'],
  ['http://127.0.0.1:443/', 'EGRESS_LOOPBACK'],
  ['http://127.0.0.1:0/', 'EGRESS_LOOPBACK'],
  ['https://127.0.0.1:65535/', 'EGRESS_LOOPBACK'],
  ['https://[::1]:8443/', 'EGRESS_LOOPBACK'],
  ['http://[::ffff:127.0.0.1]:8080/', 'EGRESS_EMBEDDED'],
  ['http://0x7f.1:8080/', 'EGRESS_LOOPBACK'],
  ['http://2130706433:22/', 'EGRESS_LOOPBACK'],
  ['http://localhost:3000/', 'EGRESS_LOOPBACK'],
  ['http://169.254.169.254:80/latest/meta-data/', 'EGRESS_METADATA'],
  ['http://metadata.google.internal:80/computeMetadata/v1/', 'EGRESS_METADATA'],
  ['https://example.com@127.0.0.1/', 'EGRESS_LOOPBACK'],
  ['https://example.com:443@10.0.0.1/', 'EGRESS_PRIVATE'],
  ['https://127.0.0.1@example.com/', undefined],
  ['https://example.com/@127.0.0.1/', undefined],
  ['https://example.com?@127.0.0.1', undefined],
  ['https://example.com#@127.0.0.1', undefined],
  ['http://127.0.0.1\\@example.com/', 'EGRESS_LOOPBACK'],
  ['http:\\\\127.0.0.1\\', 'EGRESS_LOOPBACK'],
  ['http:127.0.0.1', 'EGRESS_LOOPBACK'],
  ['http:///127.0.0.1/', 'EGRESS_LOOPBACK'],
  ['http://127.0.0.1?x', 'EGRESS_LOOPBACK'],
  ['http://127.0.0.1#x', 'EGRESS_LOOPBACK'],
  ['http://127.0.\t0.1/', 'EGRESS_LOOPBACK'],
  [' http://127.0.0.1/ ', 'EGRESS_LOOPBACK'],
  ['HTTP://127.0.0.1/', 'EGRESS_LOOPBACK'],
  ['https://8.8.8.8:8443/', undefined],
  ['https://[2606:4700:4700::1111]:8443/', undefined],
  ['https://example.com:8443/', undefined],
  ['ftp://example.com/', 'EGRESS_SCHEME'],
  ['ws://example.com/', 'EGRESS_SCHEME'],
  ['wss://127.0.0.1/', 'EGRESS_SCHEME'],
  ['file:///etc/passwd', 'EGRESS_SCHEME'],
  ['gopher://127.0.0.1:6379/_x', 'EGRESS_SCHEME'],
  ['unix:/var/run/docker.sock', 'EGRESS_SCHEME'],
  ['data:text/plain,x', 'EGRESS_SCHEME'],
  ['javascript:alert(1)', 'EGRESS_SCHEME'],
  ['blob:https://example.com/x', 'EGRESS_SCHEME'],
]

const schemes = ['http', 'https']

/** Every URL once: what the guard makes of it without options. */
export const egressUrls: readonly EgressUrl[] = [
  ...new Map(
    [
      ...schemes.flatMap((scheme) =>
        hosts.map(([host, code]) => ({ url: `${scheme}://${host}/hook`, code, unparsable: false })),
      ),
      ...schemes.flatMap((scheme) =>
        unparsableHosts.map((host) => ({
          url: `${scheme}://${host === '' ? '' : `${host}/hook`}`,
          code: undefined,
          unparsable: true,
        })),
      ),
      ...around.map(([url, code]) => ({ url, code, unparsable: false })),
    ].map((row) => [row.url, row]),
  ).values(),
]
