import { shownText } from '../shown-text.ts'
import { sensitive, type Sensitive } from './spellings.ts'

// Shorter texts, such as `?v=1`, are no secrets, and masking them would make an answer unreadable.
const shortestSecret = 4
const mask = '[masked]'

/** The end of a text, when it may be the first part of an escaped character. */
const begunEscape = /^[%&\\][%&\\#;\da-z]{0,16}$/iu

/**
 * Of these texts, those that are long enough to be secrets, as they are and in base64; the longest first, so that none is masked in
 * part.
 */
export function maskable(texts: readonly string[]): readonly Sensitive[] {
  const secrets = texts.filter(({ length }) => length >= shortestSecret)
  const encoded = secrets.map((secret) => Buffer.from(secret).toString('base64'))
  return [...new Set([...secrets, ...encoded, ...encoded.map((text) => text.replace(/=+$/u, ''))])]
    .toSorted((one, other) => other.length - one.length)
    .map(sensitive)
}

/**
 * The start of an answer as text, with every sensitive text masked, as people may be shown it.
 *
 * @param isCut whether the answer goes on: then its end may hold the first part of a sensitive text
 */
export function excerptOf(body: Uint8Array, texts: readonly Sensitive[], isCut = false): string {
  let excerpt = bufferOver(body).toString('utf8')
  if (excerpt.length < shortestSecret) return shownText(excerpt) // `ok`, as most answers are
  for (const { whole } of texts) excerpt = excerpt.replace(whole, mask)
  if (isCut) excerpt = withoutBegun(excerpt, texts)
  return flat(shownText(excerpt))
}

/** The same text in one piece: V8 keeps what was replaced as a rope, of 130 KB for the 4 KiB of a compressed answer. */
function flat(text: string): string {
  return Buffer.from(text).toString('utf8')
}

/** Whether an answer may hold this text of letters and digits, or the start of it: a signature is made for each delivery, and seldom echoed. */
export function mayHold(body: Uint8Array, text: string): boolean {
  return bufferOver(body)
    .toString('latin1')
    .toLowerCase()
    .includes(text.slice(0, shortestSecret).toLowerCase())
}

function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function withoutBegun(cut: string, texts: readonly Sensitive[]): string {
  const excerpt = cut.replace(/\u{FFFD}{1,3}$/u, '') // of a character that is cut in two
  const begun = Math.min(...texts.map((text) => begunAt(excerpt, text)))
  return begun < excerpt.length ? excerpt.slice(0, begun) + mask : excerpt
}

/** Where the start of a text stands that goes on behind the end; the end when it does nowhere. */
function begunAt(excerpt: string, { start, steps }: Sensitive): number {
  start.lastIndex = 0
  for (let match = start.exec(excerpt); match !== null; match = start.exec(excerpt)) {
    if (isBegun(excerpt, match.index, steps)) return match.index
    start.lastIndex = match.index + 1
  }
  return excerpt.length
}

function isBegun(excerpt: string, start: number, steps: readonly RegExp[]): boolean {
  let at = start
  for (const [index, step] of steps.entries()) {
    if (at === excerpt.length) return index >= shortestSecret
    step.lastIndex = at
    if (!step.test(excerpt)) return index >= shortestSecret - 1 && begunEscape.test(excerpt.slice(at))
    at = step.lastIndex
  }
  return false // whole: it is masked
}
