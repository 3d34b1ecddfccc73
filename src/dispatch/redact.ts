// Shorter texts, such as `?v=1`, are no secrets, and masking them would make an answer unreadable.
const shortestSecret = 4

const utf8 = new TextDecoder()

/** The start of an answer as text, with control characters replaced and every sensitive text masked. */
export function excerptOf(body: Uint8Array, sensitive: readonly string[]): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is replaced here
  const text = utf8.decode(body).replaceAll(/[\0-\x08\x0B-\x1F\x7F-\x9F]/gu, '\u{FFFD}')
  return sensitive
    .filter((secret) => secret.length >= shortestSecret)
    .reduce((excerpt, secret) => excerpt.replaceAll(secret, '[masked]'), text)
}
