import { describe, expect, it } from 'vitest'
import { createEgressGuard } from '../../src/http/egress.ts'
import type { EgressOptions } from '../../src/http/egress-options.ts'
import {
  egressUrls,
  ipv4Ranges,
  ipv6Embeddings,
  ipv6Ranges,
  metadataAddresses,
  type EgressUrl,
} from './egress-urls.ts'

const guard = createEgressGuard()

const codeOf = (options: EgressOptions, url: string): string | undefined =>
  createEgressGuard(options).refusesUrl(new URL(url))?.code

const addressCode = (options: EgressOptions, address: string, host = address): string | undefined =>
  createEgressGuard(options).refusesAddress(address, host)?.code

/** Of a URL as the guard sees it: what is refused before, and what after the parser. */
const verdictOn = (url: string): Omit<EgressUrl, 'url'> =>
  URL.canParse(url)
    ? { code: guard.refusesUrl(new URL(url))?.code, unparsable: false }
    : { code: undefined, unparsable: true }

describe('without options', () => {
  it('every URL of the table gets its verdict', () => {
    expect(egressUrls.length).toBeGreaterThanOrEqual(1000)
    const wrong = egressUrls
      .map(({ url, ...expected }) => ({ url, expected, got: verdictOn(url) }))
      .filter(({ expected, got }) => expected.code !== got.code || expected.unparsable !== got.unparsable)
    expect(wrong).toEqual([])
  })

  it('an address gets the same verdict when a name leads to it as when the URL shows it', () => {
    for (const row of [...ipv4Ranges, ...ipv6Ranges]) {
      for (const [address, code] of [
        ...[row.first, row.inside, row.last].map((address) => [address, row.code] as const),
        ...[row.before, row.after].flatMap((side) => (side === undefined ? [] : [side])),
      ]) {
        expect([address, addressCode({}, address)]).toEqual([address, code])
        expect([address, addressCode({}, address, 'hooks.example')]).toEqual([address, code])
      }
    }
  })

  it('a literal host is the same with and without brackets', () => {
    expect(guard.refusesAddress('::1', '[::1]')).toEqual(guard.refusesAddress('::1', '::1'))
  })

  it.each([
    '',
    'localhost',
    '127.1',
    '0x7f.0.0.1',
    '010.0.0.1',
    '2130706433',
    '127.0.0.1.',
    ' 127.0.0.1',
    '127.0.0.1/32',
    '8.8.8.8:80',
    '[::1]',
    '[2606:4700:4700::1111]',
    '::1%lo',
    'fe80::1%eth0',
    '2606:4700:4700::1111%eth0',
    '2606:4700:4700::1111%',
    '::ffff:127.1',
    '1::2::3',
    '8.8.8.8\0',
    '８.８.８.８',
  ])('%j is no address, and refused', (address) => {
    expect(addressCode({}, address, 'hooks.example')).toBe('EGRESS_NOT_AN_ADDRESS')
    expect(addressCode({ allow: ['0.0.0.0/0', '::/0', 'hooks.example'] }, address, 'hooks.example')).toBe(
      'EGRESS_NOT_AN_ADDRESS',
    )
  })

  it('names of this host are refused unless an address of it is allowed', () => {
    expect(codeOf({}, 'http://localhost:3000/')).toBe('EGRESS_LOOPBACK')
    expect(codeOf({ allow: ['127.0.0.1'] }, 'http://localhost:3000/')).toBeUndefined()
    expect(codeOf({ allow: ['::1'] }, 'http://app.localhost/')).toBeUndefined()
    expect(codeOf({ allow: ['localhost'] }, 'http://localhost/')).toBeUndefined()
    expect(codeOf({ allow: ['localhost'] }, 'http://app.localhost/')).toBe('EGRESS_LOOPBACK')
    expect(codeOf({ allow: ['127.0.0.1', '::1'], deny: ['127.0.0.0/8', '::1'] }, 'http://localhost/')).toBe(
      'EGRESS_DENIED',
    )
  })
})

describe('an allowed range', () => {
  it('opens the addresses in it, and no others', () => {
    const options = { allow: ['10.1.0.0/16', 'fd00:1::/32'] }
    expect(addressCode(options, '10.1.0.0')).toBeUndefined()
    expect(addressCode(options, '10.1.255.255', 'ci.example')).toBeUndefined()
    expect(addressCode(options, '10.0.255.255')).toBe('EGRESS_PRIVATE')
    expect(addressCode(options, '10.2.0.0')).toBe('EGRESS_PRIVATE')
    expect(addressCode(options, 'fd00:1:ffff::1')).toBeUndefined()
    expect(addressCode(options, 'fd00:2::')).toBe('EGRESS_PRIVATE')
    expect(addressCode(options, '127.0.0.1')).toBe('EGRESS_LOOPBACK')
  })

  it('opens no IPv6 address that embeds one of it', () => {
    for (const address of ipv6Embeddings('10.0.0.1')) {
      expect([address, addressCode({ allow: ['10.0.0.0/8', '0.0.0.0/0'] }, address)]).toEqual([
        address,
        'EGRESS_EMBEDDED',
      ])
    }
  })

  it('of IPv6 opens the embedding addresses that it holds, and not what they embed', () => {
    expect(addressCode({ allow: ['64:ff9b::/96'] }, '64:ff9b::8.8.8.8')).toBeUndefined()
    expect(addressCode({ allow: ['::ffff:0:0/96'] }, '::ffff:10.0.0.1')).toBeUndefined()
    expect(addressCode({ allow: ['::ffff:10.0.0.0/104'] }, '::ffff:a00:1')).toBeUndefined()
    expect(addressCode({ allow: ['::ffff:0:0/96'] }, '10.0.0.1')).toBe('EGRESS_PRIVATE')
    // ipaddr.js alone would read this entry as ::ffff:127.0.0.1.
    expect(addressCode({ allow: ['::127.0.0.1'] }, '::ffff:127.0.0.1')).toBe('EGRESS_EMBEDDED')
    expect(addressCode({ allow: ['::127.0.0.1'] }, '::7f00:1')).toBeUndefined()
  })

  it('of length 0 opens a whole family but the metadata services', () => {
    expect(addressCode({ allow: ['0.0.0.0/0'] }, '127.0.0.1')).toBeUndefined()
    expect(addressCode({ allow: ['0.0.0.0/0'] }, '::1')).toBe('EGRESS_LOOPBACK')
    expect(addressCode({ allow: ['::/0'] }, '::1')).toBeUndefined()
    expect(addressCode({ allow: ['::/0'] }, '::ffff:127.0.0.1')).toBeUndefined()
    expect(addressCode({ allow: ['::/0'] }, '127.0.0.1')).toBe('EGRESS_LOOPBACK')
  })

  it('opens literal hosts in URLs, however they are spelled there', () => {
    for (const host of ['10.0.0.1', '0xa.1', '167772161', '012.0.0.1', '１０.0.0.1']) {
      expect(codeOf({ allow: ['10.0.0.0/8'] }, `https://${host}/`)).toBeUndefined()
    }
    expect(codeOf({ allow: ['fd00::/8'] }, 'https://[FD00:0:0::1]/')).toBeUndefined()
  })
})

describe('a metadata service', () => {
  it.each(metadataAddresses)('%s is not opened by any range around it', (address) => {
    const ranges = ['0.0.0.0/0', '::/0', '169.254.0.0/16', '169.254.169.254/31', '100.64.0.0/10', 'fd00::/8']
    expect(addressCode({ allow: ranges }, address)).toBe('EGRESS_METADATA')
    expect(addressCode({ allow: ranges }, address, 'hooks.example')).toBe('EGRESS_METADATA')
  })

  it.each(metadataAddresses)(
    '%s is opened by the very address, and by the name that leads to it',
    (address) => {
      const full = address.includes(':') ? 128 : 32
      expect(addressCode({ allow: [address] }, address)).toBeUndefined()
      expect(addressCode({ allow: [`${address}/${full}`] }, address, 'hooks.example')).toBeUndefined()
      expect(addressCode({ allow: ['hooks.example'] }, address, 'hooks.example')).toBeUndefined()
      expect(addressCode({ allow: ['hooks.example'] }, address)).toBe('EGRESS_METADATA')
      expect(addressCode({ allow: ['*.example'] }, address, 'hooks.example')).toBe('EGRESS_METADATA')
      expect(addressCode({ allow: [address], deny: [address] }, address)).toBe('EGRESS_DENIED')
    },
  )

  it('embedded in an IPv6 address is opened by that address alone', () => {
    for (const ipv4 of metadataAddresses.filter((address) => !address.includes(':'))) {
      for (const address of ipv6Embeddings(ipv4)) {
        expect([address, addressCode({}, address)]).toEqual([address, 'EGRESS_METADATA'])
        expect(
          addressCode({ allow: [ipv4, `${ipv4}/32`, '0.0.0.0/0', '::/0', '64:ff9b::/96'] }, address),
        ).toBe('EGRESS_METADATA')
        expect(addressCode({ allow: [address] }, address)).toBeUndefined()
      }
    }
  })

  it('called by its name is opened by the very name alone', () => {
    const url = 'http://metadata.google.internal/computeMetadata/v1/'
    expect(codeOf({ allow: ['*.google.internal', '0.0.0.0/0', '::/0', '169.254.169.254'] }, url)).toBe(
      'EGRESS_METADATA',
    )
    expect(codeOf({ allow: ['Metadata.Google.Internal.'] }, url)).toBeUndefined()
    const options = { allow: ['metadata.google.internal'] }
    expect(addressCode(options, '169.254.169.254', 'metadata.google.internal')).toBeUndefined()
    expect(addressCode({}, '8.8.8.8', 'metadata.google.internal')).toBe('EGRESS_METADATA')
    expect(codeOf({ deny: ['metadata'] }, 'http://metadata/')).toBe('EGRESS_DENIED')
  })
})

describe('an allowed name', () => {
  it('opens whatever address it has', () => {
    const options = { allow: ['ci.internal.example'] }
    for (const address of ['10.0.0.1', '127.0.0.1', '::1', '::ffff:10.0.0.1', '224.0.0.1']) {
      expect(addressCode(options, address, 'ci.internal.example')).toBeUndefined()
      expect(addressCode(options, address, 'CI.Internal.Example.')).toBeUndefined()
      expect(addressCode(options, address, 'x.ci.internal.example')).toBeDefined()
      expect(addressCode(options, address, 'xci.internal.example')).toBeDefined()
      expect(addressCode(options, address, 'internal.example')).toBeDefined()
      expect(addressCode(options, address)).toBeDefined()
    }
  })

  it('after *. opens every name below, and not that name', () => {
    const options = { allow: ['*.Internal.Example'] }
    expect(addressCode(options, '10.0.0.1', 'ci.internal.example')).toBeUndefined()
    expect(addressCode(options, '10.0.0.1', 'a.b.internal.example.')).toBeUndefined()
    expect(addressCode(options, '10.0.0.1', 'internal.example')).toBe('EGRESS_PRIVATE')
    expect(addressCode(options, '10.0.0.1', '.internal.example')).toBe('EGRESS_PRIVATE')
    expect(addressCode(options, '10.0.0.1', 'xinternal.example')).toBe('EGRESS_PRIVATE')
    expect(addressCode(options, '10.0.0.1', 'ci.internal.example.evil.example')).toBe('EGRESS_PRIVATE')
  })

  it('is compared in ASCII, as URLs carry it', () => {
    const options = { allow: ['Bücher.example', '*.xn--bcher-kva.example.'] }
    expect(addressCode(options, '10.0.0.1', new URL('http://BÜCHER.example').hostname)).toBeUndefined()
    expect(addressCode(options, '10.0.0.1', 'a.xn--bcher-kva.example')).toBeUndefined()
  })

  it('does not open what is denied', () => {
    const options = { allow: ['ci.internal.example'], deny: ['10.0.0.0/8'] }
    expect(addressCode(options, '10.0.0.1', 'ci.internal.example')).toBe('EGRESS_DENIED')
    expect(addressCode(options, '192.168.0.1', 'ci.internal.example')).toBeUndefined()
  })
})

describe('deny', () => {
  it('forbids public addresses and names', () => {
    const options = { deny: ['93.184.216.0/24', '2606:4700::/32', 'evil.example', '*.bad.example'] }
    expect(codeOf(options, 'https://93.184.216.34/')).toBe('EGRESS_DENIED')
    expect(codeOf(options, 'https://0x5db8d822/')).toBe('EGRESS_DENIED')
    expect(codeOf(options, 'https://93.184.217.34/')).toBeUndefined()
    expect(codeOf(options, 'https://[2606:4700::1]/')).toBe('EGRESS_DENIED')
    expect(codeOf(options, 'https://EVIL.example./')).toBe('EGRESS_DENIED')
    expect(codeOf(options, 'https://a.evil.example/')).toBeUndefined()
    expect(codeOf(options, 'https://a.bad.example/')).toBe('EGRESS_DENIED')
    expect(codeOf(options, 'https://bad.example/')).toBeUndefined()
    expect(addressCode(options, '93.184.216.34', 'good.example')).toBe('EGRESS_DENIED')
    expect(addressCode(options, '8.8.8.8', 'evil.example')).toBe('EGRESS_DENIED')
  })

  it('wins over allow, whichever is narrower', () => {
    expect(addressCode({ allow: ['10.1.2.3'], deny: ['10.0.0.0/8'] }, '10.1.2.3')).toBe('EGRESS_DENIED')
    expect(addressCode({ allow: ['10.0.0.0/8'], deny: ['10.1.2.3'] }, '10.1.2.3')).toBe('EGRESS_DENIED')
    expect(addressCode({ allow: ['10.0.0.0/8'], deny: ['10.1.2.3'] }, '10.1.2.4')).toBeUndefined()
    expect(codeOf({ allow: ['a.example'], deny: ['*.example'] }, 'http://a.example/')).toBe('EGRESS_DENIED')
    expect(codeOf({ allow: ['*.example'], deny: ['a.example'] }, 'http://a.example/')).toBe('EGRESS_DENIED')
  })

  it('forbids the embedded forms of a denied IPv4 address too', () => {
    for (const address of ipv6Embeddings('8.8.8.8')) {
      const options = { allow: ['::/0'], deny: ['8.8.8.0/24'] }
      expect([address, addressCode(options, address)]).toEqual([address, 'EGRESS_DENIED'])
    }
    expect(addressCode({ allow: ['::1'], deny: ['0.0.0.0/0'] }, '::1')).toBeUndefined()
  })

  it('keeps an allowed translator from what is inside', () => {
    const options = { allow: ['64:ff9b::/96'], deny: ['10.0.0.0/8'] }
    expect(addressCode(options, '64:ff9b::8.8.8.8', 'hooks.example')).toBeUndefined()
    expect(addressCode(options, '64:ff9b::10.0.0.1', 'hooks.example')).toBe('EGRESS_DENIED')
    expect(addressCode(options, '64:ff9b::169.254.169.254', 'hooks.example')).toBe('EGRESS_METADATA')
  })
})

describe('of ports and schemes', () => {
  it.each([
    ['https://example.com/', undefined],
    ['https://example.com:443/', undefined],
    ['https://example.com:8443/', undefined],
    ['http://example.com:443/', undefined],
    ['http://example.com/', 'EGRESS_PORT'],
    ['https://example.com:80/', 'EGRESS_PORT'],
    ['https://example.com:22/', 'EGRESS_PORT'],
    ['https://127.0.0.1:22/', 'EGRESS_PORT'],
    ['https://127.0.0.1/', 'EGRESS_LOOPBACK'],
  ])('with the ports 443 and 8443: %s', (url, code) => {
    expect(codeOf({ ports: [443, 8443] }, url)).toBe(code)
  })

  it('port 80 is what http means without one', () => {
    expect(codeOf({ ports: [80] }, 'http://example.com/')).toBeUndefined()
    expect(codeOf({ ports: [80] }, 'https://example.com/')).toBe('EGRESS_PORT')
  })

  it('what is allowed still keeps to the ports and the scheme', () => {
    const options = { allow: ['ci.example', '10.0.0.0/8'], ports: [443], httpsOnly: true }
    expect(codeOf(options, 'https://ci.example/')).toBeUndefined()
    expect(codeOf(options, 'https://10.0.0.1:22/')).toBe('EGRESS_PORT')
    expect(codeOf(options, 'http://ci.example:443/')).toBe('EGRESS_SCHEME')
  })

  it('httpsOnly forbids http, at any port', () => {
    expect(codeOf({ httpsOnly: true }, 'http://example.com/')).toBe('EGRESS_SCHEME')
    expect(codeOf({ httpsOnly: true }, 'http://example.com:443/')).toBe('EGRESS_SCHEME')
    expect(codeOf({ httpsOnly: true }, 'https://example.com/')).toBeUndefined()
    expect(codeOf({ httpsOnly: false }, 'http://example.com/')).toBeUndefined()
  })
})

describe('a message', () => {
  const messageOf = (options: EgressOptions, address: string, host = address): string | undefined =>
    createEgressGuard(options).refusesAddress(address, host)?.message
  const urlMessage = (options: EgressOptions, url: string): string | undefined =>
    createEgressGuard(options).refusesUrl(new URL(url))?.message

  it('says what came, which rule forbids it and what to do', () => {
    expect(messageOf({}, '10.1.2.3')).toBe(
      '10.1.2.3 is a private address (RFC 1918): name it in `egress.allow` if it is meant.',
    )
    expect(messageOf({}, '10.1.2.3', 'ci.internal.example')).toBe(
      'ci.internal.example is at 10.1.2.3, a private address (RFC 1918): name either in `egress.allow` if it is meant.',
    )
    expect(messageOf({}, '64:ff9b::a00:1')).toBe(
      '64:ff9b::a00:1 is a NAT64 address for 10.0.0.1 (RFC 6052): name it in `egress.allow` if it is meant.',
    )
    expect(messageOf({}, '169.254.170.2')).toBe(
      '169.254.170.2 is a metadata service of AWS ECS: only this very address in `egress.allow` opens it.',
    )
    expect(messageOf({}, '2002:a9fe:aa02::', 'hooks.example')).toBe(
      'hooks.example is at 2002:a9fe:aa02::, another form of 169.254.170.2, a metadata service of AWS ECS: only this very address or name in `egress.allow` opens it.',
    )
    expect(messageOf({ deny: ['10.0.0.0/8'] }, '10.1.2.3', 'ci.example')).toBe(
      'ci.example (10.1.2.3) is forbidden by 10.0.0.0/8 in `egress.deny`, whatever `egress.allow` says.',
    )
    expect(messageOf({}, 'fe80::1%eth0', 'ci.example')).toBe(
      'Expected an IP address without a zone for ci.example, got "fe80::1%eth0": nothing opens it.',
    )
    expect(urlMessage({}, 'http://metadata/')).toBe(
      'metadata is a metadata service of Google Cloud: only this very name in `egress.allow` opens it.',
    )
    expect(urlMessage({ ports: [443, 8443] }, 'https://example.com:22/')).toBe(
      'Port 22 is not among `egress.ports` (443, 8443): name it there if it is meant.',
    )
    expect(urlMessage({ httpsOnly: true }, 'http://example.com/')).toBe(
      'Expected https, since `egress.httpsOnly` is set, got http.',
    )
    expect(urlMessage({}, 'ftp://example.com/')).toBe('Expected http or https, got ftp.')
  })

  it('shows of a URL no more than its host', () => {
    for (const url of ['https://s3cret:s3cret@127.0.0.1/s3cret?s3cret#s3cret', 'ftp://s3cret@x/s3cret']) {
      expect(urlMessage({}, url)).toBeDefined()
      expect(urlMessage({}, url)).not.toContain('s3cret')
    }
  })

  it('names what does open it', () => {
    const { message } = guard.refusesAddress('fd12::1', 'ci.example') ?? { message: '' }
    expect(message).toContain('name either')
    expect(addressCode({ allow: ['fd12::1'] }, 'fd12::1', 'ci.example')).toBeUndefined()
    expect(addressCode({ allow: ['ci.example'] }, 'fd12::1', 'ci.example')).toBeUndefined()
  })
})
