// Shorter texts, such as `?v=1`, are no secrets, and masking them would make an answer unreadable.
const shortestSecret = 4
const mask = '[masked]'

// oxlint-disable-next-line no-control-regex -- control characters are what is replaced here
const controls = /[\0-\x08\x0B-\x1F\x7F-\x9F]/gu

/** Of these texts, those that are long enough to be secrets; the longest first, so that none is masked in part. */
export function maskable(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
    .filter(({ length }) => length >= shortestSecret)
    .toSorted((one, other) => other.length - one.length)
}

/**
 * The start of an answer as text, with control characters replaced and every sensitive text masked.
 *
 * @param isCut whether the answer goes on: then its end may hold the first part of a sensitive text
 */
export function excerptOf(body: Uint8Array, sensitive: readonly string[], isCut = false): string {
  const text = bufferOver(body).toString('utf8')
  let excerpt = text.search(controls) === -1 ? text : text.replaceAll(controls, '\u{FFFD}')
  for (const secret of sensitive) if (excerpt.includes(secret)) excerpt = excerpt.replaceAll(secret, mask)
  return isCut ? withoutBegun(excerpt, sensitive) : excerpt
}

function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function withoutBegun(excerpt: string, sensitive: readonly string[]): string {
  for (const secret of sensitive) {
    for (let length = secret.length - 1; length >= shortestSecret; length -= 1)
      if (excerpt.endsWith(secret.slice(0, length))) return excerpt.slice(0, -length) + mask
  }
  return excerpt
}
