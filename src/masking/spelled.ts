import {
  ampersand,
  backslash,
  characterBefore,
  entityAt,
  hexValue,
  isByte,
  isOfEntity,
  letterU,
  percent,
  sameOf,
  semicolon,
  unitOfByte,
} from './units.ts'

/** Without one of these characters a text is what it says. */
export function mayHoldEscapes(text: string): boolean {
  return text.includes('\\') || text.includes('%') || text.includes('&')
}

const leastRoom = 1024
/** Between `&` and `;`: `&#x0010ffff;`. */
const longestEntity = 10
/** Escapes that are begun at the end of a text at most: the bytes of a character, of which one is escaped twice. */
const mostBegun = 4
const none = -1

/**
 * A text, read so that every spelling of it is the same: as it is, and as URLs, forms, JSON and HTML escape it, in any mixture and any
 * number of times over, also where letters and digits are escaped that need not be.
 *
 * It becomes units, one for each UTF-16 unit of what the text says when all is decoded. Backslashes are nothing, and `u` with four hexadecimal
 * digits is a character without them too; a control character is the letter that JSON writes for it; `+`, `-` and a blank are the same, and
 * so are `/` and `_`, since forms and base64url write one for the other; capitals are small letters. So texts that differ may have the same
 * units: then more is masked than need be.
 *
 * It is read once, from left to right. Whenever the units at the end make up an escaped character they give way to it, and it may be the
 * end of another one (`%2522`). Each time the units get two fewer at least, so the time is linear in the text, whatever it is.
 */
export class Spelled {
  length = 0
  units: Uint16Array = new Uint16Array(0)
  /** Where in the text the spelling of each unit begins, and where it ends; unless it is read as it stands. */
  #starts: Int32Array = new Int32Array(0)
  #ends: Int32Array = new Int32Array(0)
  /** Where the backslashes before the next character begin. */
  #slashesAt = none
  #isAsItIs = false

  /** Reads another text. */
  read(text: string): this {
    this.#begin(text, false)
    for (let at = 0; at < text.length; at += 1) this.#take(text.charCodeAt(at), at, at + 1)
    if (this.#slashesAt !== none && this.length > 0) this.#ends[this.length - 1] = text.length
    return this
  }

  /** Reads another text as it stands: what looks like an escape is none. */
  readAsItIs(text: string): this {
    this.#begin(text, true)
    const { units } = this
    for (let at = 0; at < text.length; at += 1) units[at] = sameOf(text.charCodeAt(at))
    this.length = text.length
    return this
  }

  /** Where in the text the spelling of a unit begins, unless it is read as it stands. */
  startOf(unit: number): number {
    return this.#starts[unit] as number
  }

  endOf(unit: number): number {
    return this.#ends[unit] as number
  }

  /** How many units there are before what may be the first part of an escaped character, at the end. */
  get whole(): number {
    let whole = this.length
    if (this.#isAsItIs) return whole
    for (let count = 0; count < mostBegun; count += 1) whole = this.#beforeBytes(this.#beforeEscape(whole))
    return whole
  }

  /** They are of no unit yet: they come before one that is not there. */
  get endsInBackslash(): boolean {
    return this.#slashesAt !== none
  }

  #begin(text: string, isAsItIs: boolean): void {
    this.length = 0
    this.#isAsItIs = isAsItIs
    this.#slashesAt = none
    if (text.length <= this.units.length) return
    const room = Math.max(text.length, leastRoom)
    this.units = new Uint16Array(room)
    this.#starts = new Int32Array(room)
    this.#ends = new Int32Array(room)
  }

  #push(unit: number, start: number, end: number): void {
    const { length } = this
    this.units[length] = unit
    this.#starts[length] = start
    this.#ends[length] = end
    this.length = length + 1
  }

  /** In a loop, since what one character makes up may be the end of the next. */
  #take(character: number, at: number, end: number): void {
    let code = character
    let start = at
    for (;;) {
      if (code === backslash) {
        if (this.#slashesAt === none) this.#slashesAt = start
        return
      }
      if (this.#slashesAt !== none) {
        start = this.#slashesAt
        this.#slashesAt = none
      }
      const unit = sameOf(code)
      this.#push(unit, start, end)
      code = hexValue(unit) !== -1 ? this.#endHexadecimal() : unit === semicolon ? this.#endEntity() : none
      if (code === none) return
      start = this.#starts[this.length] as number // of the first of those that gave way
      if (code >= 0x80) return this.#pushWide(code, start, end)
    }
  }

  /** `%22` or `\u0022`: takes the units away, and gives what they are. */
  #endHexadecimal(): number {
    const { units, length } = this
    if (length >= 3 && units[length - 3] === percent) {
      const byte = this.#valueFrom(length - 2)
      if (byte >= 0) this.length = length - 3
      return byte >= 0 ? unitOfByte(byte) : none
    }
    if (length < 5 || units[length - 5] !== letterU) return none
    const unit = this.#valueFrom(length - 4)
    if (unit >= 0) this.length = length - 5
    return unit
  }

  /** `&quot;` or `&#34;`: likewise. */
  #endEntity(): number {
    const { units, length } = this
    const last = length - 2
    const furthest = Math.max(0, last - longestEntity)
    let at = last
    while (at > furthest && isOfEntity(units[at] as number)) at -= 1
    if (units[at] !== ampersand) return none
    const code = entityAt(units, at + 1, length - 1)
    if (code >= 0) this.length = at
    return code
  }

  /** Of all units from here on, as digits; below 0 when one is none. */
  #valueFrom(from: number): number {
    let value = 0
    for (let at = from; at < this.length; at += 1) {
      const digit = hexValue(this.units[at] as number)
      if (digit < 0) return none
      value = 16 * value + digit
    }
    return value
  }

  #pushWide(code: number, start: number, end: number): void {
    if (code > 0xffff) {
      this.#push(0xd800 + ((code - 0x10000) >> 10), start, end)
      this.#push(0xdc00 + (code & 0x3ff), start, end)
      return
    }
    this.#push(sameOf(code), start, end)
    if (!isByte(code)) return
    const [bytes, character] = characterBefore(this.units, this.length)
    if (bytes === 0) return
    this.length -= bytes
    this.#pushWide(character, this.#starts[this.length] as number, end)
  }

  #beforeEscape(end: number): number {
    const { units } = this
    for (let at = end - 1; at >= 0 && end - at <= longestEntity + 2; at -= 1) {
      const unit = units[at] as number
      const digits = end - at - 1
      if (unit === ampersand || (unit === percent && digits < 2) || (unit === letterU && digits < 4))
        return at
      if (!isOfEntity(unit)) break
    }
    return end
  }

  #beforeBytes(end: number): number {
    let at = end
    while (at > 0 && end - at < 3 && isByte(this.units[at - 1] as number)) at -= 1
    return at
  }
}
