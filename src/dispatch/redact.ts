import { quotePlus } from '../signing/query.ts'

// Shorter texts, such as `?v=1`, are no secrets, and masking them would make an answer unreadable.
const shortestSecret = 4
const mask = '[masked]'

// oxlint-disable-next-line no-control-regex -- control characters are what is replaced here
const controls = /[\0-\x08\x0B-\x1F\x7F-\x9F]/gu

/**
 * Of these texts, those that are long enough to be secrets, as they are and as answers spell what they echo; the longest first, so that
 * none is masked in part.
 */
export function maskable(texts: readonly string[]): readonly string[] {
  const secrets = texts.filter(({ length }) => length >= shortestSecret)
  return [...new Set(secrets.flatMap(spellings))].toSorted((one, other) => other.length - one.length)
}

/**
 * The start of an answer as text, with every sensitive text masked and control characters replaced.
 *
 * @param isCut whether the answer goes on: then its end may hold the first part of a sensitive text
 */
export function excerptOf(body: Uint8Array, sensitive: readonly string[], isCut = false): string {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
  let excerpt = text
  for (const secret of sensitive) if (excerpt.includes(secret)) excerpt = excerpt.replaceAll(secret, mask)
  if (isCut) excerpt = withoutBegun(excerpt, sensitive)
  return excerpt.search(controls) === -1 ? excerpt : excerpt.replaceAll(controls, '\u{FFFD}')
}

/** In a URL, in a form, in JSON, in HTML and in base64. All the same text for a token of letters and digits but the last. */
function spellings(text: string): readonly string[] {
  const wellFormed = text.toWellFormed()
  const json = JSON.stringify(text).slice(1, -1)
  const base64 = Buffer.from(text).toString('base64')
  const escaped = [
    encodeURIComponent(wellFormed),
    quotePlus(wellFormed),
    new URLSearchParams([['', wellFormed]]).toString().slice(1),
  ]
  return [
    text,
    ...escaped,
    ...escaped.map((each) => each.replaceAll(/%../gu, (escape) => escape.toLowerCase())),
    json,
    json.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    htmlOf(text, '&#39;'),
    htmlOf(text, '&#x27;'),
    base64,
    base64.replace(/=+$/u, ''),
  ]
}

function htmlOf(text: string, apostrophe: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", apostrophe)
}

function withoutBegun(cut: string, sensitive: readonly string[]): string {
  const excerpt = cut.replace(/\u{FFFD}+$/u, '') // of a character that is cut in two
  const begun = Math.max(0, ...sensitive.map((secret) => begunAt(excerpt, secret)))
  return begun === 0 ? excerpt : excerpt.slice(0, -begun) + mask
}

/** How many characters of a secret's start stand at the end. */
function begunAt(excerpt: string, secret: string): number {
  for (let length = Math.min(secret.length - 1, excerpt.length); length >= shortestSecret; length -= 1)
    if (excerpt.endsWith(secret.slice(0, length))) return length
  return 0
}
