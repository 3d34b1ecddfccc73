/** A text that must not be kept, however an answer spells it. */
export interface Sensitive {
  readonly length: number
  /** All of it, anywhere. */
  readonly whole: RegExp
  /** Its first characters, from `lastIndex` on. */
  readonly start: RegExp
  /** One of its characters after the other, each at `lastIndex`. */
  readonly steps: readonly RegExp[]
}

// Bounded, so that no answer can make the search long.
const escapedAgain = '(?:25){0,3}'
const ampersand = '&(?:amp;){0,3}'
const named: Readonly<Record<string, string>> = { '"': 'quot', '&': 'amp', "'": 'apos', '<': 'lt', '>': 'gt' }
const inJson: Readonly<Record<string, string>> = { '\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r' }

/**
 * Each character that is no letter or digit as URLs, forms, JSON and HTML write it, in any mixture and case: an echo may hold JSON in
 * HTML, or a URL of which some characters are decoded.
 */
export function sensitive(text: string): Sensitive {
  const sources = Array.from(text.matchAll(/\\+|./gsu), ([characters]) => sourceOf(characters))
  return {
    length: text.length,
    whole: new RegExp(sources.join(''), 'giu'),
    start: new RegExp(sources.slice(0, 3).join(''), 'giu'),
    steps: sources.map((source) => new RegExp(source, 'iuy')),
  }
}

function sourceOf(characters: string): string {
  if (/^[a-z\d]$/iu.test(characters)) return characters
  // As one: each by itself could be matched in more ways than can be tried.
  if (characters.startsWith('\\')) {
    const count = characters.length
    return `(?:\\\\{${count},${4 * count}}|(?:%${escapedAgain}5c|\\\\{1,4}u005c|${ampersand}#(?:92|x5c);){${count}})`
  }
  const code = characters.codePointAt(0) ?? 0
  const name = named[characters]
  const letter = inJson[characters]
  const bytes = Array.from(Buffer.from(characters), (byte) => `%${escapedAgain}${hex(byte, 2)}`)
  const units = characters.split('').map((unit) => `\\\\{1,4}u${hex(unit.charCodeAt(0), 4)}`)
  return `(?:${[
    bytes.join(''),
    units.join(''),
    `\\\\{0,4}${ampersand}(?:#0{0,4}${code}|#x0{0,4}${hex(code, 1)}${name === undefined ? '' : `|${name}`});`,
    ...(letter === undefined ? [] : [`\\\\{1,4}${letter}`]),
    ...(characters === ' ' ? ['\\+'] : []),
    `\\\\{0,4}\\u{${hex(code, 1)}}`,
  ].join('|')})`
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
