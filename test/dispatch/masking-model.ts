/*
 * What masking is held against: slow, and as small as can be. A text is read in every way that there is: each escape in it decoded or not,
 * in any order, and what that gives likewise.
 */

/** Characters that spellings take for one another are one, and JSON writes letters for some controls. */
function same(text: string): string {
  return text
    .split('')
    .map((unit) => (unit.toLowerCase().length === 1 ? unit.toLowerCase() : unit))
    .join('')
    .replaceAll(/[-+]/gu, ' ')
    .replaceAll('_', '/')
    .replaceAll(/[\b\t\n\f\r]/gu, (control) => JSON.stringify(control).slice(2, -1))
}

/** A backslash is nothing. */
function plain(text: string): string {
  return same(text).replaceAll('\\', '')
}

const named: Readonly<Record<string, string>> = { amp: '&', quot: '"', apos: "'", lt: '<', gt: '>' }
const escape =
  /%(?<byte>[\da-f]{2})|u(?<unit>[\da-f]{4})|&(?:(?<name>amp|quot|apos|lt|gt)|#(?<decimal>\d{1,9})|#x(?<hex>[\da-f]{1,8}));/gu

/** Bytes that are no ASCII stand for themselves until they are a character. */
const firstByte = 0xf700
const bytesOfOne =
  /[\u{F7C2}-\u{F7DF}][\u{F780}-\u{F7BF}]|[\u{F7E0}-\u{F7EF}][\u{F780}-\u{F7BF}]{2}|[\u{F7F0}-\u{F7F4}][\u{F780}-\u{F7BF}]{3}/gu

function decodedOf({ byte, unit, name, decimal, hex }: Readonly<Record<string, string>>): string | undefined {
  if (byte !== undefined) {
    const code = Number.parseInt(byte, 16)
    return String.fromCharCode(code < 0x80 ? code : firstByte + code)
  }
  if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16))
  if (name !== undefined) return named[name]
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
  return code > 0x10ffff ? undefined : String.fromCodePoint(code)
}

/** With one of its escapes decoded, or with the bytes of one of its characters put together. */
function* oneStepFrom(text: string): Generator<string> {
  for (const { 0: found, index, groups } of text.matchAll(escape)) {
    const decoded = decodedOf(groups ?? {})
    if (decoded !== undefined) yield text.slice(0, index) + decoded + text.slice(index + found.length)
  }
  for (const { 0: found, index } of text.matchAll(bytesOfOne)) {
    const bytes = Buffer.from(found.split('').map((unit) => unit.charCodeAt(0) - firstByte))
    yield text.slice(0, index) + bytes.toString() + text.slice(index + found.length)
  }
}

/** @returns `undefined` when there are more than can be looked at */
export function readingsOf(text: string, most = 3000): readonly string[] | undefined {
  const readings = new Set([plain(text)])
  for (const reading of readings) {
    for (const next of oneStepFrom(reading)) readings.add(plain(next))
    if (readings.size > most) return undefined
  }
  return [...readings]
}

/** A secret as it may stand in a reading: as it is, in hexadecimal, and in base64 behind any number of bytes. */
function looksOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  return [secret, bytes.toString('hex'), ...[0, 1, 2].flatMap((shift) => inBase64(bytes, shift))]
}

/** Of the characters of base64, those that hold bits of these bytes alone. By chance fewer than 8 may stand anywhere. */
function inBase64(bytes: Buffer, shift: number): readonly string[] {
  const before = Buffer.alloc(shift)
  const [one = '', other = ''] = [0, 0xff].map((around) =>
    Buffer.concat([before.fill(around), bytes, Buffer.alloc(3, around)]).toString('base64'),
  )
  const common = one
    .split('')
    .map((character, index) => (character === other[index] ? character : ' '))
    .join('')
    .trim()
  return shift > 0 && common.length < 8 ? [] : [common]
}

/** Whether somebody who reads a text in one of all ways finds a secret in it; `undefined` when there are more ways than can be tried. */
export function isShownIn(text: string, secret: string): boolean | undefined {
  const readings = readingsOf(text)
  const said = readingsOf(secret)
  if (readings === undefined || said === undefined) return undefined
  const looks = [...looksOf(secret).map(plain), ...said].map(withoutPadding)
  return (
    same(text).includes(withoutPadding(same(secret))) ||
    readings.some((reading) => looks.some((look) => reading.includes(look)))
  )
}

/** What ends base64 tells nothing, and may be left out. */
function withoutPadding(text: string): string {
  return text.replace(/(?<=.{4})={1,2}$/su, '')
}

const begun = /(?:%[\da-f]?|u[\da-f]{0,3}|&[#\da-z]{0,11}|[\u{F780}-\u{F7FF}])$/u

/** Whether a text ends, in one of the ways to read it, with the first part of an escape: what stands behind it may be taken for the rest. */
export function endsInEscape(text: string): boolean {
  return readingsOf(text)?.some((reading) => begun.test(reading)) !== false
}
