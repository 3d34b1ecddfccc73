import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEgressGuard } from '../../src/http/egress.ts'
import {
  ipv4Ranges,
  ipv4Spellings,
  ipv6Embeddings,
  ipv6Ranges,
  metadataAddresses,
  type RangeRow,
} from './egress-urls.ts'
import { runs } from '../runs.ts'

/*
 * A second implementation, of numbers: an address is its bits as a bigint. It shares with the first one nothing but what the tables in
 * `egress-urls.ts` say, which were written by hand.
 */
interface Family {
  readonly width: 32 | 128
  readonly text: (bits: bigint) => string
  readonly bits: (text: string) => bigint
  readonly ranges: readonly RangeRow[]
}

const numberOf = (groups: readonly number[], size: bigint): bigint =>
  groups.reduce((sum, group) => (sum << size) | BigInt(group), 0n)

const groupsOf = (bits: bigint, count: number, size: number): readonly number[] =>
  Array.from({ length: count }, (_, index) =>
    Number((bits >> BigInt(size * (count - 1 - index))) & ((1n << BigInt(size)) - 1n)),
  )

const ipv4: Family = {
  width: 32,
  text: (bits) => groupsOf(bits, 4, 8).join('.'),
  bits: (text) => numberOf(text.split('.').map(Number), 8n),
  ranges: ipv4Ranges,
}

const ipv6: Family = {
  width: 128,
  text: (bits) =>
    groupsOf(bits, 8, 16)
      .map((group) => group.toString(16))
      .join(':'),
  bits: (text) => {
    const [head = [], tail = []] = text
      .split('::')
      .map((side) => (side === '' ? [] : side.split(':').map((group) => Number.parseInt(group, 16))))
    const zeros = text.includes('::') ? 8 - head.length - tail.length : 0
    return numberOf([...head, ...Array.from({ length: zeros }, () => 0), ...tail], 16n)
  },
  ranges: ipv6Ranges,
}

const metadata: ReadonlyMap<Family, ReadonlySet<bigint>> = new Map(
  [ipv4, ipv6].map((family) => [
    family,
    new Set(
      metadataAddresses
        .filter((address) => address.includes(':') === (family === ipv6))
        .map((address) => family.bits(address)),
    ),
  ]),
)

/** The rule for an address, ISATAP and embedded metadata services aside. */
function ruleFor(family: Family, bits: bigint): string | undefined {
  if (metadata.get(family)?.has(bits) === true) return 'EGRESS_METADATA'
  return family.ranges.find(({ first, last }) => family.bits(first) <= bits && bits <= family.bits(last))
    ?.code
}

/** Addresses of every kind: anywhere, and on both sides of both ends of every range, and around metadata services. */
const near = (family: Family): fc.Arbitrary<bigint> => {
  const top = (1n << BigInt(family.width)) - 1n
  const edges = [
    ...family.ranges.flatMap(({ first, last }) => [family.bits(first), family.bits(last)]),
    ...(metadata.get(family) ?? []),
  ]
  return fc
    .oneof(
      fc.bigInt({ min: 0n, max: top }),
      fc
        .tuple(fc.constantFrom(...edges), fc.bigInt({ min: -3n, max: 3n }))
        .map(([edge, offset]) => edge + offset),
      fc
        .tuple(fc.constantFrom(...edges), fc.bigInt({ min: 0n, max: top }), fc.nat({ max: family.width }))
        .map(([edge, any, kept]) => edge ^ (any >> BigInt(kept))),
    )
    .filter((bits) => bits >= 0n && bits <= top)
}

/** An address, and a range that holds it, or nearly. */
const addressAndRange = (family: Family): fc.Arbitrary<{ bits: bigint; base: bigint; length: number }> =>
  fc
    .tuple(
      near(family),
      near(family),
      fc.nat({ max: family.width }),
      fc.nat({ max: family.width - 1 }),
      fc.nat(2),
    )
    .map(([bits, any, length, flipped, kind]) => {
      const shift = BigInt(family.width - length)
      const around = kind === 0 ? any : kind === 1 ? bits : bits ^ (1n << BigInt(flipped))
      return { bits, base: (around >> shift) << shift, length }
    })

const ipv4Text = near(ipv4).map((bits) => ipv4.text(bits))
const guard = createEgressGuard()
const isPlain = (code: string | undefined): boolean =>
  code !== 'EGRESS_EMBEDDED' && code !== 'EGRESS_METADATA'

/** The interface identifier of ISATAP makes any address an embedding one. */
const isIsatap = (bits: bigint): boolean =>
  [0x0000_5efen, 0x0200_5efen].includes((bits >> 32n) & 0xffff_ffffn)

describe('whatever the address', () => {
  it('a text never makes the guard throw, and only an address can pass', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdefx:.%/[]*\0 ')) }),
      fc.ipV4(),
      fc.ipV4Extended(),
      fc.ipV6(),
      fc.tuple(fc.ipV6(), fc.string()).map(([address, zone]) => `${address}%${zone}`),
    )
    const open = createEgressGuard({ allow: ['0.0.0.0/0', '::/0', '*.example'], deny: ['::1', '1.0.0.0/8'] })
    fc.assert(
      fc.property(text, text, (address, host) => {
        for (const each of [guard, open]) {
          const refusal = each.refusesAddress(address, host)
          if (!/^[\da-f:.]+$/iu.test(address)) expect(refusal?.code).toBeTypeOf('string')
          if (refusal !== undefined)
            expect(refusal).toEqual({
              code: expect.stringMatching(/^EGRESS_[A-Z_]+$/u),
              message: expect.any(String),
            })
        }
      }),
      runs(600),
    )
  })

  it.each([ipv4, ipv6])('of $width bits, its rule is that of the tables', (family) => {
    fc.assert(
      fc.property(near(family), (bits) => {
        const expected = ruleFor(family, bits)
        const code = guard.refusesAddress(family.text(bits), 'hooks.example')?.code
        if (expected === 'EGRESS_EMBEDDED') expect(['EGRESS_EMBEDDED', 'EGRESS_METADATA']).toContain(code)
        else if (family === ipv6 && expected === undefined && isIsatap(bits)) expect(code).toBeDefined()
        else expect(code).toBe(expected)
      }),
      runs(1000),
    )
  })

  it.each([ipv4, ipv6])('of $width bits, an allowed range opens it if and only if it holds it', (family) => {
    fc.assert(
      fc.property(addressAndRange(family), ({ bits, base, length }) => {
        const text = family.text(bits)
        const before = guard.refusesAddress(text, text)?.code
        const shift = BigInt(family.width - length)
        const held = bits >> shift === base >> shift
        const allowed = createEgressGuard({ allow: [`${family.text(base)}/${length}`] })
        const opened = allowed.refusesAddress(text, text) === undefined
        const expected =
          before === undefined || (held && (before !== 'EGRESS_METADATA' || length === family.width))
        expect(opened).toBe(expected)
      }),
      runs(1000),
    )
  })

  it.each([ipv4, ipv6])('of $width bits, a denied range forbids it if and only if it holds it', (family) => {
    fc.assert(
      fc.property(addressAndRange(family), ({ bits, base, length }) => {
        const text = family.text(bits)
        const range = `${family.text(base)}/${length}`
        const shift = BigInt(family.width - length)
        const held = bits >> shift === base >> shift
        const code = createEgressGuard({ allow: [range, text], deny: [range] }).refusesAddress(
          text,
          text,
        )?.code
        expect(code).toBe(held ? 'EGRESS_DENIED' : undefined)
      }),
      runs(400),
    )
  })

  it('a range of one family says nothing of the other', () => {
    fc.assert(
      fc.property(near(ipv4), near(ipv6), (four, six) => {
        const guardFour = createEgressGuard({ allow: ['0.0.0.0/0'] })
        const guardSix = createEgressGuard({ allow: ['::/0'] })
        const textFour = ipv4.text(four)
        const textSix = ipv6.text(six)
        expect(guardFour.refusesAddress(textSix, textSix)).toEqual(guard.refusesAddress(textSix, textSix))
        expect(guardSix.refusesAddress(textFour, textFour)).toEqual(guard.refusesAddress(textFour, textFour))
      }),
    )
  })

  it('the verdict on an IPv4 host never depends on its spelling', () => {
    fc.assert(
      fc.property(ipv4Text, (address) => {
        const refusal = guard.refusesAddress(address, address)
        for (const spelling of ipv4Spellings(address)) {
          expect([spelling, guard.refusesUrl(new URL(`http://${spelling}/`))]).toEqual([spelling, refusal])
        }
      }),
      runs(100),
    )
  })

  it('what embeds an IPv4 address is refused, even where that address is allowed, and as metadata where it is that', () => {
    fc.assert(
      fc.property(ipv4Text, (address) => {
        const opened = createEgressGuard({ allow: [address, '0.0.0.0/0'] })
        const isMetadata = guard.refusesAddress(address, address)?.code === 'EGRESS_METADATA'
        for (const embedding of ipv6Embeddings(address)) {
          for (const each of [guard, opened]) {
            const code = each.refusesAddress(embedding, 'hooks.example')?.code
            expect([embedding, isPlain(code)]).toEqual([embedding, false])
            if (isMetadata) expect([embedding, code]).toEqual([embedding, 'EGRESS_METADATA'])
          }
        }
      }),
      runs(100),
    )
  })
})
