/** What a text is compared by: UTF-16 units, of which those are one that different spellings take for one another. */

export const backslash = 0x5c
export const ampersand = 0x26
export const percent = 0x25
export const semicolon = 0x3b
export const equals = 0x3d
export const letterU = 0x75
const letterX = 0x78
const numberSign = 0x23

/** Units in ASCII that are others: capitals, what JSON writes as a letter, and what forms and base64url write for one another. */
const sames = Uint8Array.from({ length: 0x80 }, (_, unit) =>
  unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit,
)
for (const [same, units] of Object.entries({
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
  ' ': '+-',
  '/': '_',
}))
  for (const unit of units) sames[unit.charCodeAt(0)] = same.charCodeAt(0)

const hexValues = Int8Array.from({ length: 0x80 }, (_, unit) => {
  const value = Number.parseInt(String.fromCharCode(unit), 16)
  return Number.isNaN(value) ? -1 : value
})

/** Small letters of alphabets, as they are met: Latin, Greek, Cyrillic and Armenian come first, and hardly any other one has capitals. */
const smallLetters = new Uint16Array(0x590)

/** The unit that stands for all that are the same. */
export function sameOf(unit: number): number {
  return unit < 0x80 ? (sames[unit] as number) : smallLetterOf(unit)
}

function smallLetterOf(unit: number): number {
  if (unit >= smallLetters.length) return hasNoCapitals(unit) ? unit : lowered(unit)
  return (smallLetters[unit] ||= lowered(unit))
}

/** Of Hebrew to Burmese; of Chinese, Japanese, Yi and Korean; of what is half a character, and of no script. */
function hasNoCapitals(unit: number): boolean {
  return unit < 0x10a0 || (unit >= 0x2e80 && unit < 0xa640) || (unit >= 0xac00 && unit < 0xfb00)
}

function lowered(unit: number): number {
  const small = String.fromCharCode(unit).toLowerCase()
  return small.length === 1 ? small.charCodeAt(0) : unit
}

/** Of a unit that stands for all that are the same; -1 when it is no hexadecimal digit. */
export function hexValue(unit: number): number {
  return unit < 0x80 ? (hexValues[unit] as number) : -1
}

/** May stand between `&` and `;`. */
export function isOfEntity(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit === numberSign
}

const named: Readonly<Record<string, number>> = { amp: 0x26, quot: 0x22, apos: 0x27, lt: 0x3c, gt: 0x3e }
/** By the bytes of their names. */
const entities = new Map(
  Object.entries(named).map(([name, code]) => [packed(Buffer.from(name), 0, name.length), code]),
)

/** The code point of the entity that is named from `from` to `to`; -1 when there is none. */
export function entityAt(units: ArrayLike<number>, from: number, to: number): number {
  if (units[from] !== numberSign) return to - from > 4 ? -1 : (entities.get(packed(units, from, to)) ?? -1)
  const isHex = units[from + 1] === letterX
  const first = isHex ? from + 2 : from + 1
  const base = isHex ? 16 : 10
  let code = first < to ? 0 : -1
  for (let at = first; at < to && code >= 0; at += 1) {
    const digit = hexValue(units[at] as number)
    code = digit < 0 || digit >= base ? -1 : code * base + digit
  }
  return code > 0x10ffff ? -1 : code
}

function packed(units: ArrayLike<number>, from: number, to: number): number {
  let key = 0
  for (let at = from; at < to; at += 1) key = key * 0x100 + (units[at] as number)
  return key
}

/** Bytes that are no ASCII are units of private use until they are a character in UTF-8. */
const firstByte = 0xf700

export function unitOfByte(byte: number): number {
  return byte < 0x80 ? byte : firstByte + byte
}

export function isByte(unit: number): boolean {
  return unit >= firstByte + 0x80 && unit <= firstByte + 0xff
}

/** The code point of which the last byte in UTF-8 stands before `end`, and how many bytes it has; none: of 0 bytes. */
export function characterBefore(
  units: ArrayLike<number>,
  end: number,
): readonly [bytes: number, code: number] {
  let code = 0
  for (let bytes = 1; bytes <= Math.min(4, end); bytes += 1) {
    const unit = units[end - bytes] as number
    if (!isByte(unit)) break
    const byte = unit - firstByte
    if (byte < 0xc0) {
      code += (byte & 0x3f) * 0x40 ** (bytes - 1)
      continue
    }
    const isWhole = bytes === (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2)
    code += (byte & (0x7f >> bytes)) * 0x40 ** (bytes - 1)
    return isWhole && code <= 0x10ffff ? [bytes, code] : [0, 0]
  }
  return [0, 0]
}
