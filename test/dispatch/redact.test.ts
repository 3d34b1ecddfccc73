import { describe, expect, it } from 'vitest'
import { excerptOf } from '../../src/dispatch/redact.ts'

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
    expect(excerptOf(Buffer.from('key=abcdef v=1'), ['abcdef', '1'])).toBe('key=[masked] v=1')
  })
})
