import { describe, expect, it } from 'vitest'
import { isWithin, parseRanges } from '../../src/triggers/http/source.ts'
import { startPlatform } from './platform.ts'

describe('the addresses that a trigger takes calls from', () => {
  it.each([
    '1',
    '127.1',
    '010.0.0.1',
    '0x7f.1',
    '10.1/16',
    '192.0.2.0/33',
    'fe80::1%eth0',
    'web.example',
    '',
  ])('are written as addresses are, and %j is refused', async (range) => {
    const platform = await startPlatform()
    await expect(platform.create({ allowFrom: [range] })).rejects.toMatchObject({
      code: 'option_invalid',
      option: 'allowFrom[0]',
    })
  })

  it.each([
    ['192.0.2.7', '192.0.2.0/24', true],
    ['192.0.3.7', '192.0.2.0/24', false],
    ['::ffff:192.0.2.7', '192.0.2.0/24', true],
    ['192.0.2.7', '::ffff:192.0.2.0/120', true],
    ['192.0.3.7', '::ffff:192.0.2.0/120', false],
    ['192.0.2.7', '::/0', false],
    ['192.0.2.9', '192.0.2.7/24', true],
    ['2001:db8::1', '2001:db8::/32', true],
    ['fe80::1%eth0', 'fe80::/10', true],
    ['127.1', '127.0.0.0/8', false],
    ['10.0.0.1, 192.0.2.7', '192.0.2.0/24', false],
    [undefined, '0.0.0.0/0', false],
  ])('have %s in %s: %s', (address, range, isIn) => {
    expect(isWithin(address, parseRanges([range], 'allowFrom'))).toBe(isIn)
  })
})
