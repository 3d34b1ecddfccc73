import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { excerptOf, maskable } from '../../src/dispatch/redact.ts'

const entities: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": '#39',
}

const htmlOf = (text: string): string => text.replaceAll(/[&<>"']/gu, (unit) => `&${entities[unit] ?? ''};`)

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
    const excerpt = excerptOf(Buffer.from(controls), [])
    const printable = Array.from({ length: 0x7f - 0x20 }, (_, index) =>
      String.fromCodePoint(0x20 + index),
    ).join('')
    const replaced = '\u{FFFD}'
    expect(excerpt).toBe(`${replaced.repeat(9)}\t\n${replaced.repeat(21)}${printable}${replaced.repeat(33)}`)
  })

  it('masks what is sensitive, and not texts too short to be secret', () => {
    expect(excerptOf(Buffer.from('key=abcdef v=1'), maskable(['abcdef', '1']))).toBe('key=[masked] v=1')
  })

  it('masks a secret that holds another one whole', () => {
    expect(excerptOf(Buffer.from('abcdefgh'), maskable(['abcd', 'abcdefgh']))).toBe('[masked]')
  })

  it('of an answer that goes on masks the part of a secret at its end', () => {
    const sensitive = maskable(['s3cret-value'])
    expect(excerptOf(Buffer.from('key=s3cret-va'), sensitive, true)).toBe('key=[masked]')
    expect(excerptOf(Buffer.from('key=s3c'), sensitive, true)).toBe('key=s3c')
    expect(excerptOf(Buffer.from('key=s3cret-va'), sensitive)).toBe('key=s3cret-va')
  })

  it('masks the longest part at its end, and a part before half a character', () => {
    const sensitive = maskable(['abcd-this-is-the-longer', 'wxyz-0123-abcd'])
    expect(excerptOf(Buffer.from('key=wxyz-0123-abc'), sensitive, true)).toBe('key=[masked]')
    expect(excerptOf(Buffer.from('key=wxyz-0123-abcd'), sensitive, true)).toBe('key=[masked]')
    const cut = Buffer.from('key=s3crét').subarray(0, -2)
    expect(excerptOf(cut, maskable(['s3crét-value']), true)).toBe('key=[masked]')
  })

  it.each([
    ['as it is', (text: string) => text],
    ['percent-encoded', encodeURIComponent],
    [
      'percent-encoded in lower case',
      (text: string) => encodeURIComponent(text).replaceAll(/%../gu, (escape) => escape.toLowerCase()),
    ],
    ['as a form encodes it', (text: string) => new URLSearchParams({ text }).toString().slice(5)],
    ['in JSON', (text: string) => JSON.stringify(text)],
    [
      'in JSON, in ASCII',
      (text: string) =>
        JSON.stringify(text).replaceAll(
          /[^ -~]/gu,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
        ),
    ],
    ['in HTML', htmlOf],
    ['in JSON in HTML', (text: string) => htmlOf(JSON.stringify(text))],
    ['in HTML in JSON', (text: string) => JSON.stringify(htmlOf(text))],
    ['in JSON in JSON', (text: string) => JSON.stringify(JSON.stringify(text))],
    ['as a URL that is decoded in part', (text: string) => decodeURI(encodeURIComponent(text))],
    ['percent-encoded twice', (text: string) => encodeURIComponent(encodeURIComponent(text))],
    ['in upper case', (text: string) => text.toUpperCase()],
    ['in base64', (text: string) => Buffer.from(text).toString('base64')],
  ])('masks a secret %s', (_, spelled) => {
    const secret = `s3cret"é\\ <&>/'+=end`
    const excerpt = excerptOf(Buffer.from(`got ${spelled(secret)}.`), maskable([secret]))
    expect(excerpt).toMatch(/^got [^a-z]*(?:&quot;)?\[masked\](?:&quot;)?[^a-z]*\.$/u)
  })

  it('masks a secret with a control character', () => {
    expect(excerptOf(Buffer.from('got s3c\u0007ret.'), maskable(['s3c\u0007ret']))).toBe('got [masked].')
  })

  it('of an answer that is cut within an escaped character masks what is before', () => {
    const sensitive = maskable(['abcd"é</x'])
    for (const end of [
      'abcd',
      'abcd%',
      'abcd%2',
      'abcd%22%C',
      'abcd\\',
      'abcd\\"\\u00',
      'abcd&quo',
      'abcd&quot;é&',
    ])
      expect(excerptOf(Buffer.from(`key=${end}`), sensitive, true)).toBe('key=[masked]')
    for (const end of ['abc', 'abcx', 'abcd"x'])
      expect(excerptOf(Buffer.from(end), sensitive, true)).toBe(end)
  })

  it('takes no long time, whatever the secret and the answer', () => {
    const units = ['\\', '%25', '%', '&amp;', '&', '"', '\\"', '/', '\\/', '\\u005c', '%5c', 'x', '+']
    const texts = maskable(units.flatMap((unit) => [`${unit.repeat(60)}y`, `${unit}${units.join('')}`]))
    const startedAt = performance.now()
    for (const unit of units) excerptOf(Buffer.from(unit.repeat(4096).slice(0, 4096)), texts, true)
    expect(performance.now() - startedAt).toBeLessThan(10_000)
  })
})
