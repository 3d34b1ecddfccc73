import type * as Crypto from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createStandardKeyPair } from '../../src/signing/standard-key-pair.ts'
import { Budget, BudgetSpent } from '../../src/verify/explain/budget.ts'
import type { Explanation } from '../../src/verify/explain/explain.ts'
import type { StandardRequest } from '../../src/verify/standard/request.ts'
import { createStandardVerifier } from '../../src/verify/standard/verifier.ts'
import { createVerifier } from '../../src/verify/verifier.ts'
import { delivery, hookUrl, secret } from './delivery.ts'
import { oddText } from './odd-requests.ts'
import { now, secret as standardSecret, webhook } from './standard/webhook.ts'
import { runs } from '../runs.ts'

const hashed = vi.hoisted(() => ({ bytes: 0 }))

// What is really hashed, wherever it is done.
vi.mock('node:crypto', async (importOriginal) => {
  const original = await importOriginal<typeof Crypto>()
  const sizeOf = (data: unknown): number =>
    typeof data === 'string' ? Buffer.byteLength(data) : (data as Uint8Array).byteLength
  return {
    ...original,
    hash: (...given: Parameters<typeof original.hash>) => {
      hashed.bytes += sizeOf(given[1])
      return original.hash(...given)
    },
    createHmac: (...given: Parameters<typeof original.createHmac>) => {
      const hmac = original.createHmac(...given)
      const update = hmac.update.bind(hmac)
      return Object.assign(hmac, {
        update: (data: Buffer) => {
          hashed.bytes += sizeOf(data)
          return update(data)
        },
      })
    },
    verify: (...given: Parameters<typeof original.verify>) => {
      hashed.bytes += sizeOf(given[1])
      return original.verify(...given)
    },
  }
})

const mostHashed = 64 * 1024 * 1024

beforeEach(() => {
  hashed.bytes = 0
})
afterEach(() => {
  vi.restoreAllMocks()
})

const urls = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, index) => `https://Internal-${index}.example/hooks/${index}?token=${index}`,
  )
const five = 'app=a&release=v1&release_summary=x+y%20z&sha=%2f~&user=b'
const long = (piece: string, length = 99_000): string => piece.repeat(Math.ceil(length / piece.length))
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

/** A delivery that nothing near makes verify. */
function unknown(query: string): ReturnType<typeof delivery> {
  const sent = delivery({ secret: 'another' })
  return { ...sent, url: `/hooks/deploy?${query}` }
}

/** A webhook that nothing near makes verify. */
function changed(body: string | Uint8Array): StandardRequest {
  return { headers: webhook().headers, body }
}

const keyPairs = Array.from({ length: 10 }, createStandardKeyPair)
const thirty = Array.from({ length: 30 }, () => `v1a,${Buffer.alloc(64, 9).toString('base64')}`).join(' ')
const secrets = (count: number): string[] => Array.from({ length: count }, (_, index) => `secret ${index}`)

const costly: readonly (readonly [what: string, explain: () => Explanation<string>])[] = [
  ...['a&?=~', '%2f', '~', '+', '&', '部', 'release=1&'].map(
    (piece) =>
      [
        `100 URLs and 99 KB of ${piece}`,
        () =>
          createVerifier({ url: urls(100), secret }).explain(
            unknown(`${long(piece).slice(0, 99_000)}&${five}`),
          ),
      ] as const,
  ),
  ['1,000 URLs', () => createVerifier({ url: urls(1000), secret }).explain(unknown(five))],
  ['1,000 secrets', () => createVerifier({ url: hookUrl, secret: secrets(1000) }).explain(unknown(five))],
  [
    'further secrets of megabytes',
    () =>
      createVerifier({ url: hookUrl, secret }).explain(unknown(five), {
        secrets: secrets(10).map((each) => each.repeat(1_000_000)),
      }),
  ],
  [
    'a long path',
    () =>
      createVerifier({ url: urls(100), secret }).explain({ ...unknown(five), url: `/${long('a/')}?${five}` }),
  ],
  ...['部', 'é', '<', '/', '[],', '{"é<":"/&"},'].map(
    (piece) =>
      [
        `a body of 256 KiB of ${piece}`,
        () => {
          const content = long(piece, 260_000 / (Buffer.byteLength(piece) / piece.length))
          const body = piece.length > 1 ? `[${content}1]` : JSON.stringify(content)
          return createStandardVerifier({ secret: standardSecret, now }).explain(changed(body))
        },
      ] as const,
  ),
  [
    'a body of 16 MiB',
    () => createStandardVerifier({ secret: standardSecret, now }).explain(changed(Buffer.alloc(16_777_216))),
  ],
  [
    'ten public keys and thirty signatures',
    () =>
      createStandardVerifier({ secret: keyPairs.map(({ publicKey }) => publicKey), now }).explain({
        headers: { ...webhook().headers, 'webhook-signature': thirty },
        body: Buffer.alloc(1_000_000, 0x20),
      }),
  ],
  [
    'ten public keys and thirty signatures of 16 MiB',
    () =>
      createStandardVerifier({ secret: keyPairs.map(({ publicKey }) => publicKey), now }).explain({
        headers: { ...webhook().headers, 'webhook-signature': thirty },
        body: Buffer.alloc(16_777_216),
      }),
  ],
]

describe('explain() of both verifiers', () => {
  it.each(costly)('hashes 64 MiB at most, and says where it stopped: %s', (_what, explain) => {
    const { ok, code, nearMisses, message, stopped } = explain()

    expect(hashed.bytes).toBeLessThanOrEqual(mostHashed)
    expect(ok).toBe(false)
    if (stopped === true) expect(message).toMatch(/bound.*, after \d+ signatures? over \d+\.\d MiB/u)
    else expect(message).toContain('No near miss matches')
    if (code === undefined) expect({ nearMisses, stopped }).toEqual({ nearMisses: [], stopped: true })
  })

  it('stops when the processor’s time is up, whatever is left to try', () => {
    let used = 0
    vi.spyOn(process, 'threadCpuUsage').mockImplementation(() => {
      used += 100_000
      return { user: used, system: 0 }
    })
    const ofUrls = createVerifier({ url: urls(100), secret }).explain(unknown(five))
    expect(ofUrls).toMatchObject({ code: 'signature_mismatch', stopped: true })
    expect(ofUrls.message).toContain('The search stopped at its bound')
    expect(used).toBe(500_000)

    const standard = createStandardVerifier({ secret: standardSecret, now })
    expect(standard.explain(changed(JSON.stringify('é'.repeat(100_000))))).toMatchObject({
      code: 'signature_mismatch',
      stopped: true,
    })
    expect(used).toBe(1_000_000)
  })

  it('finds what is likely all the same, among 100 URLs and in a long query', () => {
    const many = [...urls(100), `${hookUrl}/`]
    const verifier = createVerifier({ url: many, secret })
    expect(verifier.explain(delivery()).nearMisses).toEqual(['trailing-slash'])
    expect(verifier.explain(delivery({ secret: `${secret}\n`, url: `${hookUrl}/` })).nearMisses).toEqual([
      'secret-blanks',
    ])
    const summary = long('deployed again ', 30_000)
    const release = { app: 'web', version: 'v1', user: 'ci', summary }
    expect(createVerifier({ url: many.slice(96), secret }).explain(delivery({ release })).nearMisses).toEqual(
      ['trailing-slash'],
    )
  })

  it('shows 20 of the URLs that it compared', () => {
    const { message } = createVerifier({ url: urls(50), secret }).explain(unknown(five))
    expect(message).toContain('/hooks/19 and a query of its own\n  and 30 more\n')
  })

  it.each([
    ['arrays', nested(5000)],
    ['objects', '{"a":'.repeat(5000) + '1'.concat('}'.repeat(5000))],
    ['arrays beyond any writer', nested(130_000)],
  ])('never throws for JSON of depth 5,000: %s', (_what, body) => {
    const verifier = createStandardVerifier({ secret: standardSecret, now })
    expect(verifier.explain(webhook({ body }))).toMatchObject({ ok: true })
    expect(verifier.explain(changed(body))).toMatchObject({ ok: false, code: 'signature_mismatch' })
    expect(verifier.explain({ ...webhook({ body }), body: `${body}\n` }).nearMisses).toEqual(['body-newline'])
  })

  it('never throws for a clock that does', () => {
    const verifier = createStandardVerifier({
      secret: standardSecret,
      now: () => {
        throw new Error('no clock')
      },
    })
    const explanation = verifier.explain(webhook())
    expect(explanation).toMatchObject({ ok: false, nearMisses: [] })
    expect(explanation.message).toMatch(/^The request cannot be explained/u)
    expect(explanation.message).not.toContain('no clock')
  })

  it('never throws for secrets that are a list of no end, or that cannot be read', () => {
    const endless = new Proxy([], {
      get: (_target, name) => (name === 'length' ? 2 ** 50 : `secret ${String(name)}`),
    })
    const throwing = new Proxy(['x'], {
      get: (target, name) => {
        if (name === '0') throw new Error('no secret')
        return Reflect.get(target, name)
      },
    })
    for (const given of [endless, throwing]) {
      expect(createVerifier({ url: hookUrl, secret }).explain(unknown(five), { secrets: given }).ok).toBe(
        false,
      )
      const standard = createStandardVerifier({ secret: standardSecret, now })
      expect(standard.explain(changed('{}'), { secrets: given }).ok).toBe(false)
    }
  })

  it('does not parse megabytes that verify: it says that it did not get that far', () => {
    const body = nested(1_500_000)
    const verifier = createStandardVerifier({ secret: standardSecret, now })
    expect(verifier.explain(webhook({ body }))).toMatchObject({ ok: false, nearMisses: [], stopped: true })
    expect(verifier.verify(webhook({ body: nested(3000) }))).toMatchObject({ id: 'msg_1' })
  })

  it('keeps its bound for any query, document and configuration', () => {
    const text = fc.tuple(oddText, fc.constantFrom(1, 10, 1000)).map(([piece, times]) => piece.repeat(times))
    fc.assert(
      fc.property(
        text.filter(({ length }) => length < 300_000),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        (given, count, more) => {
          hashed.bytes = 0
          createVerifier({ url: urls(count), secret: secrets(more) }).explain(unknown(`${given}&${five}`))
          const ofUrls = hashed.bytes
          hashed.bytes = 0
          const standard = createStandardVerifier({ secret: standardSecret, now })
          for (const body of [given, JSON.stringify({ given })])
            standard.explain(changed(body), { secrets: secrets(more) })
          return ofUrls <= mostHashed && hashed.bytes <= 2 * mostHashed
        },
      ),
      runs(5),
    )
  })
})

describe('the budget of an explanation', () => {
  it('is spent by bytes, by signatures, by characters and by time, each alone', () => {
    const still = (): number => 0
    const spends: readonly ((budget: Budget) => void)[] = [
      (budget) => budget.hash(mostHashed + 1),
      (budget) => budget.sign(mostHashed),
      (budget) => budget.sign(0, 100_001),
      (budget) => budget.sign(0, 1, 100_001),
      (budget) => budget.read(32_000_001),
    ]
    for (const spend of spends) {
      expect(() => spend(new Budget(still))).toThrow(BudgetSpent)
    }
    let now = 0
    const budget = new Budget(() => now)
    budget.read(1_000_000)
    now = 301
    expect(() => budget.read(1_000_000)).toThrow(BudgetSpent)
  })

  it('says what was tried', () => {
    const budget = new Budget(() => 0)
    expect(budget.tried).toBe('0 signatures over 0.0 MiB')
    budget.sign(1024 * 1024)
    expect(budget.tried).toBe('1 signature over 1.0 MiB')
    budget.sign(1024 * 1024, 30)
    expect(budget.tried).toBe('31 signatures over 31.0 MiB')
  })
})
