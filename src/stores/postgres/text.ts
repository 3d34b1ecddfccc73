import { hash } from 'node:crypto'

/**
 * Postgres keeps no NUL and no unpaired surrogate, in `text` or in `jsonb`, and answers of receivers may hold both. They are kept as
 * this private character and four hexadecimal digits, and so is the character itself: what was written is what is read.
 */
const mark = '\u{F0000}'
const markKept = `${mark}ffff` // U+FFFF is no surrogate

/** A string as Postgres keeps it. */
export function kept(text: string): string {
  if (text.isWellFormed() && !text.includes('\0') && !text.includes(mark)) return text
  return text.replace(/[\0\p{Cs}\u{F0000}]/gu, (character) =>
    character === mark ? markKept : mark + character.charCodeAt(0).toString(16).padStart(4, '0'),
  )
}

/** Back. */
export function given(text: string): string {
  if (!text.includes(mark)) return text
  return text.replaceAll(/\u{F0000}([\da-f]{4})/gu, (_, code: string) =>
    code === 'ffff' ? mark : String.fromCharCode(Number.parseInt(code, 16)),
  )
}

/** What is longer does not fit into an index, whose rows take 2,704 bytes: its hash stands for it. */
const longestKey = 1000

/** A string that deliveries are found by, and that is never given out again. */
export function keptKey(text: string): string {
  return Buffer.byteLength(text) > longestKey ? hash('sha256', text, 'hex') : kept(text)
}

/** Any value as JSON that Postgres keeps: all its strings and names as {@link kept}. */
export function keptJson(value: unknown): string {
  const json = JSON.stringify(value)
  if (!/\\u(?:0000|d)|\u{F0000}/u.test(json)) return json
  // An escaped backslash is passed over, so that what follows it is not taken for an escape.
  return json.replaceAll(/\\\\|\\u(0000|d[89a-f][\da-f]{2})|\u{F0000}/gu, (found, code?: string) => {
    if (found === mark) return markKept
    return code === undefined ? found : mark + code
  })
}

/** JSON of Postgres as it was before. */
export function givenJson(json: string): string {
  if (!json.includes(mark)) return json
  return json.replaceAll(/\u{F0000}([\da-f]{4})/gu, (_, code: string) =>
    code === 'ffff' ? mark : `\\u${code}`,
  )
}
