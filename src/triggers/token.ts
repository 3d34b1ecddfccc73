import { hash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { checkFields, type Fields } from '../option-fields.ts'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 32 of 62 characters hold 190 bits. */
const randomLength = 32
const checksumLength = 6
const prefixPattern = /^[a-z][a-z0-9]{1,15}$/u

export const defaultTokenPrefix = 'dht'

/** What a prefix is. */
export const prefixForm = '2 to 16 lower-case letters and digits, a letter first'

export function isPrefix(value: unknown): boolean {
  return typeof value === 'string' && prefixPattern.test(value)
}

/** A new one, which nobody has seen: `dht_`, 190 random bits, and a checksum, as GitHub's are made. */
export function createToken(prefix: string): string {
  const random = randomText(randomLength)
  return `${prefix}_${random}${checksumOf(random)}`
}

/**
 * Whether a text is a token of this form: prefix, length and checksum. It asks nobody, so it is no proof that the trigger exists: for
 * forms, logs, and scanners that look for what leaked.
 *
 * @param prefix as given to `createTriggers`
 * @throws {@link ConfigurationError} `option_invalid`
 * @example isTriggerToken('dht_' + 'x'.repeat(38)) // false
 */
export function isTriggerToken(
  text: string,
  options: { readonly prefix?: string | undefined } = {},
): boolean {
  checkFields(options, fields, { of: 'isTriggerToken()' })
  return isToken(text, options.prefix ?? defaultTokenPrefix)
}

/** As {@link isTriggerToken}, for a prefix that was checked: every call asks it. */
export function isToken(text: string, prefix: string): boolean {
  if (typeof text !== 'string' || text.length !== prefix.length + 1 + randomLength + checksumLength)
    return false
  if (!text.startsWith(`${prefix}_`)) return false
  const random = text.slice(prefix.length + 1, -checksumLength)
  return isOfAlphabet(random) && checksumOf(random) === text.slice(-checksumLength)
}

/** A text in which nothing is a token: somebody has written one where it would be shown. Takes time by the text's length. */
export function withoutTokens(text: string, prefix: string): string {
  const front = `${prefix}_`
  const length = front.length + randomLength + checksumLength
  let told = ''
  let from = 0
  for (let at = text.indexOf(front); at !== -1; at = text.indexOf(front, at + 1)) {
    if (!isToken(text.slice(at, at + length), prefix)) continue
    told += `${text.slice(from, at)}${front}***`
    from = at + length
  }
  return told + text.slice(from)
}

const fields: Fields = { prefix: { expected: prefixForm, is: isPrefix } }

/** What is kept of a token. It has 190 bits, so nobody finds it by trying: no salt, and no slow hash. */
export function digestOf(token: string): string {
  return hash('sha256', token, 'hex')
}

/** What tells its owner which one it is. */
export function hintOf(token: string): string {
  return token.slice(-4)
}

/** An id that nobody guesses. */
export function randomId(kind: 'trg' | 'trc' | 'dep'): string {
  return `${kind}_${randomBytes(16).toString('hex')}`
}

/** Bytes over 247 are thrown away: what is left is spread over the 62 characters evenly. */
function randomText(length: number): string {
  let text = ''
  while (text.length < length)
    for (const byte of randomBytes(length))
      if (byte < 248 && text.length < length) text += alphabet[byte % 62]
  return text
}

function checksumOf(text: string): string {
  let rest = crc32(text)
  let checksum = ''
  for (let index = 0; index < checksumLength; index += 1) {
    checksum = alphabet.charAt(rest % 62) + checksum
    rest = Math.floor(rest / 62)
  }
  return checksum
}

function isOfAlphabet(text: string): boolean {
  for (const character of text) if (!alphabet.includes(character)) return false
  return true
}
