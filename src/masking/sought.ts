import { Spelled } from './spelled.ts'
import { equals } from './units.ts'

/** A text that is looked for, in units. */
export interface Sought {
  /** The first ones: a longer text is known by its start. */
  readonly units: string
  /** Further ones that are masked, before and behind: they are of the text too, or hold a part of its first or last character. */
  readonly before: number
  readonly behind: number
  /** Characters of the secret that it stands for. */
  readonly size: number
}

/** Shorter texts, such as `?v=1`, are no secrets, and masking them would make an answer unreadable. */
export const shortestSecret = 4

/** Characters at the end of base64 that hold none of it. */
export const mostPadding = 2

/** As many units tell a text from others, and bound the work: a longer text costs no more. */
const mostUnits = 48
/** As much of a text is read: its first units, even if each is escaped, and how many there are of a text of the usual length. */
const readLength = 1024
/** Of a UTF-16 unit in UTF-8. */
const mostBytesEach = 3
/** Bytes of which an encoding is looked for. */
const encodedBytes = 24
/** Fewer characters of base64 could be met by chance; of a whole text it is looked for, however short. */
const shortestWithin = 8

/** A hook has a secret or a few: of so many texts base64 and hexadecimal are looked for. */
const mostEncoded = 32

const spelled = new Spelled()

/**
 * All that is looked for to find these texts: as they stand, as they are read, and in hexadecimal and base64, at each of its three
 * alignments, so that they are found in the base64 of a longer text (`user:token`). Of each the first 48 units, and encodings of the first 32
 * texts: so there are two units for each character of the texts at most, and 5,000 more.
 */
export function soughtFor(texts: readonly string[]): readonly Sought[] {
  const found = new Map<string, Sought>()
  const secrets = [...new Set(texts)].filter(({ length }) => length >= shortestSecret)
  for (const [index, secret] of secrets.entries())
    for (const sought of [...plain(secret), ...(index < mostEncoded ? encoded(secret) : [])])
      found.set(sought.units, united(sought, found.get(sought.units)))
  return [...found.values()]
}

/** Those that start alike, as far as they are known, are one. */
function united(one: Sought, other: Sought | undefined): Sought {
  if (other === undefined) return one
  return {
    units: one.units,
    before: Math.max(one.before, other.before),
    behind: Math.max(one.behind, other.behind),
    size: Math.max(one.size, other.size),
  }
}

/** As it stands, for what is beside the half of an escape; and as it is read, unless hardly anything is left of it. */
function plain(secret: string): readonly Sought[] {
  const size = secret.length
  const start = secret.slice(0, mostUnits)
  const asItIs = soughtIn(spelled.readAsItIs(start), { size, rest: size - start.length })
  const head = secret.slice(0, readLength)
  // A backslash at its end goes with the next character.
  const rest = size - head.length + (spelled.read(head).endsInBackslash ? 1 : 0)
  const read = soughtIn(spelled, { size, rest })
  return read.units.length < shortestSecret || read.units === asItIs.units ? [asItIs] : [asItIs, read]
}

function encoded(secret: string): readonly Sought[] {
  const size = secret.length
  const bytes = Buffer.from(secret.slice(0, 2 * encodedBytes)).subarray(0, encodedBytes)
  const all = mostBytes(secret)
  const hex = soughtIn(spelled.readAsItIs(bytes.toString('hex')), { size, rest: 2 * (all - bytes.length) })
  return [hex, ...[0, 1, 2].flatMap((shift) => withinBase64(bytes, { all, shift, size }))]
}

/** As many as it has in UTF-8, or of a long one as it has at most: a secret may have millions of characters, of which few are looked at. */
function mostBytes(secret: string): number {
  const head = secret.slice(0, readLength)
  return Buffer.byteLength(head) + mostBytesEach * (secret.length - head.length)
}

interface Within {
  /** Bytes of the secret. */
  readonly all: number
  /** Bytes before it, of the three that are four characters. */
  readonly shift: number
  readonly size: number
}

/** What base64 makes of the bytes behind so many others: the characters that hold no bits of what is around. */
function withinBase64(bytes: Uint8Array, { all, shift, size }: Within): readonly Sought[] {
  const first = Math.ceil((8 * shift) / 6)
  const end = (length: number): number => Math.floor((8 * (shift + length)) / 6)
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .slice(first, end(bytes.length))
  if (shift > 0 && text.length < shortestWithin) return []
  const isPartBehind = (8 * (shift + all)) % 6 !== 0
  const rest = end(all) - end(bytes.length) + (isPartBehind ? 1 : 0)
  const around = { size, rest, before: shift === 0 ? 0 : 1 }
  const asItIs = soughtIn(spelled.readAsItIs(text), around)
  const { units, whole, length } = spelled.read(text)
  // Where it is escaped, what looks like an escape in it, or begins like one, is read as one (`U5CDA`).
  if (whole === text.length || whole < shortestSecret) return [asItIs]
  return [asItIs, soughtIn({ units, length: whole }, { ...around, rest: rest + length - whole })]
}

interface Around {
  readonly size: number
  readonly rest: number
  readonly before?: number
}

function soughtIn(
  { units, length }: Pick<Spelled, 'units' | 'length'>,
  { size, rest, before = 0 }: Around,
): Sought {
  const all = rest === 0 ? withoutPadding(units, length) : length
  const known = Math.min(all, mostUnits)
  return {
    units: Reflect.apply(String.fromCharCode, undefined, units.subarray(0, known)) as string,
    before,
    behind: all - known + rest,
    size,
  }
}

/** Base64 may be echoed without it; and behind a text that is found, it is masked too. */
function withoutPadding(units: Uint16Array, length: number): number {
  let end = length
  while (end > length - mostPadding && end > shortestSecret && units[end - 1] === equals) end -= 1
  return end
}
