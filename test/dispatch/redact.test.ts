import { describe, expect, it } from 'vitest'
import { excerptOf, maskable } from '../../src/dispatch/redact.ts'

describe('an excerpt', () => {
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
})
