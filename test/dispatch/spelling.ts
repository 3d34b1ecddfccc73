import fc from 'fast-check'

/** How receivers write what they echo. None adds a quote, so that what is left of a text is known to the character. */
export const spellings: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'percent-encoded': encodeURIComponent,
  'percent-encoded in lower case': (text) =>
    encodeURIComponent(text).replaceAll(/%../gu, (escape) => escape.toLowerCase()),
  'percent-encoded, letters too': (text) => Buffer.from(text).toString('hex').replaceAll(/../gu, '%$&'),
  'as a form encodes it': (text) => new URLSearchParams({ text }).toString().slice('text='.length),
  'as a URL that is decoded in part': (text) => decodeURI(encodeURIComponent(text)),
  'in JSON': (text) => JSON.stringify(text).slice(1, -1),
  'in JSON, in ASCII': (text) =>
    JSON.stringify(text)
      .slice(1, -1)
      .replaceAll(/[^ -~]/gu, (character) => inUnits(character)),
  'in JSON, letters too': inUnits,
  'in JSON as PHP writes it': (text) => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/'),
  'in JSON in JSON': (text) => JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1),
  'in HTML': (text) => text.replaceAll(/[&<>"']/gu, (character) => `&${named[character] ?? ''};`),
  'in HTML by numbers': (text) =>
    Array.from(text, (character) => `&#${character.codePointAt(0) ?? 0};`).join(''),
  'in HTML by hexadecimal numbers': (text) =>
    Array.from(text, (character) => `&#x${character.codePointAt(0)?.toString(16) ?? ''};`).join(''),
}

const named: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' }

function inUnits(text: string): string {
  return text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}

/** What escapes are made of, and other characters that are escaped. */
const hostile = [
  '\\',
  '"',
  '%',
  '&',
  ';',
  '#',
  'u',
  'x',
  '+',
  '-',
  '_',
  '/',
  '=',
  '<',
  "'",
  ' ',
  '\n',
  '\b',
  'é',
  'É',
  '日',
  '💥',
]
const escapes = ['%25', '%41', '%C3', '&amp;', '&#34', '&#x', '\\u00', 'amp;', 'quot;']

/** Texts of all that could be taken for an escape, or for a part of one. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...hostile, ...escapes, ...Array.from('0123456789abcdefABCDEF')), {
    minLength: 1,
    maxLength: 40,
  })
  .map((parts) => parts.join(''))

/** One spelling of another, and so on. */
export const mixture: fc.Arbitrary<(text: string) => string> = fc
  .array(fc.constantFrom(...Object.keys(spellings)), { minLength: 1, maxLength: 4 })
  .map((names) =>
    Object.assign((text: string) => names.reduce((spelled, name) => spellings[name]?.(spelled) ?? '', text), {
      toString: () => names.join(', then '),
    }),
  )
