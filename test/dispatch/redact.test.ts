import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { excerptOf, maskable } from '../../src/masking/excerpt.ts'
import { soughtFor } from '../../src/masking/sought.ts'
import { Spelled } from '../../src/masking/spelled.ts'
import { hostileText, mixture, spellings } from './spelling.ts'
import { runs } from '../runs.ts'

const excerpt = (text: string, secrets: readonly string[], isCut = false): string =>
  excerptOf(Buffer.from(text), maskable(secrets), isCut)

/** What it says has enough characters to be looked for, however it is spelled. */
const isLongEnough = (secret: string): boolean => new Spelled().read(secret).length >= 4

describe('an excerpt', () => {
  it('takes no more memory than its text, whatever was replaced in it', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const binary = Buffer.from(
      Array.from({ length: 4096 }, (_, index) => (index % 3 === 0 ? 0x41 : index % 32)),
    )
    const kept: string[] = []
    collect()
    const before = process.memoryUsage().heapUsed
    for (let count = 0; count < 500; count += 1)
      kept.push(excerptOf(Buffer.from(binary), maskable(['s3cret']), true))
    collect()
    const each = (process.memoryUsage().heapUsed - before) / kept.length
    expect(each).toBeLessThan(3 * 4096)
  })

  it('keeps tabs and line ends, and no other control character: none reaches a terminal', () => {
    const controls = Array.from({ length: 0xa0 }, (_, code) => String.fromCodePoint(code)).join('')
    const printable = Array.from({ length: 0x7f - 0x20 }, (_, index) =>
      String.fromCodePoint(0x20 + index),
    ).join('')
    const replaced = '\u{FFFD}'
    expect(excerpt(controls, [])).toBe(
      `${replaced.repeat(9)}\t\n${replaced.repeat(21)}${printable}${replaced.repeat(33)}`,
    )
  })

  it('is the first 4 KiB', () => {
    expect(excerpt('x'.repeat(5000), ['s3cret'])).toBe('x'.repeat(4096))
    expect(excerpt(`${'x'.repeat(4090)}s3cret`, ['s3cret-value'])).toBe(`${'x'.repeat(4090)}s3cret`)
    expect(excerpt(`${'x'.repeat(4090)}s3cret-value`, ['s3cret-value'])).toBe(`${'x'.repeat(4090)}[masked]`)
  })

  it('masks what is sensitive, and not texts too short to be secret', () => {
    expect(excerpt('key=abcdef v=1', ['abcdef', '1'])).toBe('key=[masked] v=1')
    expect(excerpt('abcd', ['abcd'])).toBe('[masked]')
    expect(excerpt('abc', ['abc'])).toBe('abc')
  })

  it('masks a secret that holds another one whole, and two that overlap or touch as one', () => {
    expect(excerpt('abcdefgh', ['abcd', 'abcdefgh'])).toBe('[masked]')
    expect(excerpt('abcdefgh', ['efgh', 'abcdefgh'])).toBe('[masked]')
    expect(excerpt('.abcdefgh.', ['abcdef', 'cdefgh'])).toBe('.[masked].')
    expect(excerpt('.abcdefgh.', ['abcd', 'efgh'])).toBe('.[masked].')
    expect(excerpt('abcd efgh', ['abcd', 'efgh'])).toBe('[masked] [masked]')
  })

  it('masks one of many secrets, however many start alike', () => {
    const secrets = Array.from({ length: 500 }, (_, index) => `${'ab'.repeat(index % 20)}-${index}-end`)
    for (const secret of secrets) expect(excerpt(`<${secret}>`, secrets)).toBe('<[masked]>')
  })

  it('of an answer that goes on masks the part of a secret at its end', () => {
    const secrets = ['s3cret-value']
    expect(excerpt('key=s3cret-va', secrets, true)).toBe('key=[masked]')
    expect(excerpt('key=s3c', secrets, true)).toBe('key=s3c')
    expect(excerpt('key=s3cret-va', secrets)).toBe('key=s3cret-va')
  })

  it('masks the longest part at its end, and a part before half a character', () => {
    const secrets = ['abcd-this-is-the-longer', 'wxyz-0123-abcd']
    expect(excerpt('key=wxyz-0123-abc', secrets, true)).toBe('key=[masked]')
    expect(excerpt('key=wxyz-0123-abcd', secrets, true)).toBe('key=[masked]')
    const cut = Buffer.from('key=s3crét').subarray(0, -2)
    expect(excerptOf(cut, maskable(['s3crét-value']), true)).toBe('key=[masked]')
  })

  it('of an answer that is cut within an escaped character masks what is before', () => {
    const secrets = ['abcd"é</x']
    const ends = [
      '',
      '%',
      '%2',
      '%22%C',
      '\\',
      '\\"\\u00',
      '&quo',
      '&quot;é&',
      '%252',
      '%2522%25C',
      '%26%2334',
    ]
    for (const end of ends) expect(excerpt(`key=abcd${end}`, secrets, true)).toBe('key=[masked]')
    for (const end of ['abc', 'abcx', 'abcd"x']) expect(excerpt(end, secrets, true)).toBe(end)
  })

  it('says so when secrets could not be looked for, and shows nothing', () => {
    const texts = maskable(() => {
      throw new TypeError('s3cret is no secret')
    })
    expect(excerptOf(Buffer.from('key=s3cret'), texts)).toBe(
      '[left out: it could not be searched for secrets]',
    )
  })

  it('makes nothing of secrets before there is a text that could hold one', () => {
    let asked = 0
    const texts = maskable(() => {
      asked += 1
      return ['s3cret']
    })
    expect(excerptOf(Buffer.from('ok'), texts)).toBe('ok')
    expect(asked).toBe(0)
    expect(excerptOf(Buffer.from('key=s3cret'), texts)).toBe('key=[masked]')
    expect(excerptOf(Buffer.from('key=s3cret'), texts)).toBe('key=[masked]')
    expect(asked).toBe(1)
  })
})

describe('a secret', () => {
  const secret = `s3cret"é\\ <&>/'+=_-end`

  it.each(Object.entries(spellings))('is masked %s', (_, spelled) => {
    expect(excerpt(`got ${spelled(secret)}.`, [secret])).toBe('got [masked].')
    expect(excerpt(`got ${spelled(secret).toUpperCase()}.`, [secret])).toBe('got [masked].')
  })

  it.each(Object.entries(spellings))('that is given %s is masked as it is', (_, spelled) => {
    expect(excerpt(`got ${secret}.`, [spelled(secret)])).toBe('got [masked].')
  })

  it.each(['base64', 'base64url', 'hex'] as const)(
    'is masked in %s, alone and within that of a longer text',
    (encoding) => {
      const encoded = (text: string): string => Buffer.from(text).toString(encoding)
      for (const secret of ['tk_5f0c1e9a7b2d3c4e', 'p@ss w0rd>>>???~~~', `é${'long'.repeat(50)}-ö`]) {
        expect(excerpt(`got ${encoded(secret)}.`, [secret])).toBe('got [masked].')
        expect(excerpt(`got ${encoded(secret).replace(/=+$/u, '')}.`, [secret])).toBe('got [masked].')
        for (const around of ['', 'u', 'us', 'user', 'users']) {
          const whole = encoded(`${around}${secret}${around}`)
          const [before = '', after = '', ...others] = excerpt(whole, [secret]).split('[masked]')
          expect([others, whole.startsWith(before), whole.endsWith(after)]).toEqual([[], true, true])
          // What is left is of what stands around it.
          expect(around.startsWith(Buffer.from(before, encoding).toString())).toBe(true)
          expect(after.length).toBeLessThanOrEqual(encoded(`${around}..`).length)
        }
      }
    },
  )

  it('that is base64 is masked without its padding, and with another alphabet', () => {
    const secret = 'a+b/c+d/e2Vj+w=='
    for (const spelled of [secret, secret.slice(0, -2), 'a-b_c-d_e2Vj-w', encodeURIComponent(secret)])
      expect(excerpt(`<${spelled}>`, [secret])).toBe('<[masked]>')
  })

  it.each(Object.entries(spellings))(
    'that has an escape of its own in base64 is masked where that is spelled %s',
    (_, spelled) => {
      for (const secret of ['日9\b012', '&#34\\E=\b/', 'sm\u{1F4A5}9@ro']) {
        const base64 = Buffer.from(`u:${secret}`).toString('base64')
        expect(excerpt(`got ${spelled(base64)}.`, [secret])).toMatch(/^got .{0,30}\[masked\]\.?$/u)
      }
    },
  )

  it('is masked by its first 48 characters, and as much behind them as it is long', () => {
    const long = Array.from({ length: 700 }, (_, index) => index.toString(36)).join('')
    expect(excerpt(`<${long}> ok`, [long])).toBe('<[masked]> ok')
    expect(excerpt(`<${long.slice(0, 50)}> ${'.'.repeat(4000)}`, [long])).toMatch(/^<\[masked\]\.+$/u)
    expect(excerpt(`<${long.slice(0, 40)}> ok`, [long])).toBe(`<${long.slice(0, 40)}> ok`)
    expect(excerpt(`<${encodeURIComponent(`"${long}"`)}> ok`, [`"${long}"`])).toBe('<[masked]> ok')
    expect(excerpt(`<${long}> ok`, [encodeURIComponent(`"${long}"`), long])).toBe('<[masked]> ok')
  })

  it('is masked to the end of what is kept when it is longer, in every encoding', () => {
    const long = Array.from({ length: 100_000 }, (_, index) => `${index.toString(36)}é`).join('')
    for (const spelled of [
      long,
      ...(['base64', 'hex'] as const).map((name) => Buffer.from(long).toString(name)),
    ])
      expect(excerpt(`<${spelled}`, [long])).toBe('<[masked]')
  })

  it('is masked in any mixture of spellings, and nothing around it', () => {
    fc.assert(
      fc.property(hostileText.filter(isLongEnough), mixture, (secret, spelled) => {
        const text = `got ${spelled(secret)} end`
        fc.pre(text.length <= 4096)
        // Behind backslashes at its end, one more character may be of the last one's spelling.
        expect(excerpt(text, [secret])).toMatch(/^got ?\[masked\] ?end$/u)
      }),
      runs(300),
    )
  })

  it('is masked as it is beside anything', () => {
    const around = hostileText.map((text) => text.slice(0, 6))
    fc.assert(
      fc.property(
        hostileText.filter(({ length }) => length >= 4),
        around,
        around,
        (secret, before, after) => {
          const shown = excerpt(before + secret + after, [secret])
          expect(shown).toContain('[masked]')
          expect(shown).not.toContain(secret)
        },
      ),
      runs(300),
    )
  })

  it('is masked wherever an answer is cut', () => {
    const cut = fc.nat({ max: 200 })
    fc.assert(
      fc.property(hostileText.filter(isLongEnough), mixture, cut, (secret, spelled, end) => {
        const part = Buffer.from(spelled(secret))
          .subarray(0, end)
          .toString()
          .replace(/\u{FFFD}+$/u, '')
        const shown = excerpt(`got:${part}`, [secret], true)
        fc.pre(part.length < 4000)
        expect(shown).toMatch(new Spelled().read(part).whole < 4 ? /^got:/ : /^got:\[masked\]$/u)
      }),
      runs(300),
    )
  })

  it('is masked whatever other secrets there are', () => {
    fc.assert(
      fc.property(
        fc.array(hostileText, { maxLength: 20 }),
        hostileText.filter(isLongEnough),
        mixture,
        (others, secret, spelled) => {
          const text = `(${spelled(secret)})`
          fc.pre(text.length <= 4096)
          const shown = excerpt(text, [...others, secret])
          expect(shown.replaceAll('[masked]', '').length).toBeLessThanOrEqual(2)
        },
      ),
      runs(100),
    )
  })
})

describe('masking', () => {
  it('never throws, and shows no more than there is', () => {
    const units = fc.string({ unit: 'binary', maxLength: 300 })
    const texts = fc.array(fc.oneof(units, hostileText), { maxLength: 10 })
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.oneof(units, hostileText).map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(bodies, texts, fc.boolean(), (body, secrets, isCut) => {
        const shown = excerptOf(body, maskable(secrets), isCut)
        expect(shown).not.toContain('[left out')
        expect(shown.split('[masked]').join('').length).toBeLessThanOrEqual(
          Buffer.from(body).toString().length,
        )
      }),
      runs(200),
    )
  })

  it('goes as deep as an answer nests', () => {
    for (const nested of [
      '%3'.repeat(2000) + '%35',
      '%25'.repeat(1300),
      '&amp;'.repeat(800),
      '\\'.repeat(4096),
      '&#3'.repeat(1300),
    ])
      expect(excerpt(nested, ['s3cret'])).toBe(nested)
    expect(excerpt(`%${'25'.repeat(2000)}41bcd`, ['abcd'])).toBe('[masked]')
    expect(excerpt(`&${'amp;'.repeat(1000)}#97;bcd`, ['abcd'])).toBe('[masked]')
  })

  it('looks for no more of the secrets than a bounded number of characters', () => {
    const secrets = fc.array(
      fc.oneof(
        hostileText,
        hostileText.map((text) => text.repeat(100)),
      ),
      { maxLength: 100 },
    )
    fc.assert(
      fc.property(secrets, (texts) => {
        const sought = soughtFor(texts)
        const characters = texts.reduce((sum, { length }) => sum + length, 0)
        expect(sought.reduce((sum, { units }) => sum + units.length, 0)).toBeLessThanOrEqual(
          2 * characters + 10_000,
        )
        expect(Math.max(0, ...sought.map(({ units }) => units.length))).toBeLessThanOrEqual(48)
      }),
    )
  })
})
