// oxlint-disable-next-line no-control-regex -- control characters are what is replaced here
const controls = /[\0-\x08\x0B-\x1F\x7F-\x9F]/gu
/** They turn the direction of all that follows, and so show a text that was not sent (CVE-2021-42574). */
const overrides = /[\u{202A}-\u{202E}\u{2066}-\u{2069}]/gu

/** The text without what no chat can show, well-formed whatever a user's function made; empty when it has nothing to show. */
export function visible(text: string): string {
  const shown = text
    .toWellFormed()
    .replaceAll(/\r\n?/gu, '\n')
    .replaceAll(controls, ' ')
    .replaceAll(overrides, '')
    .trim()
  return /[^\s\p{Cf}\p{Mn}\p{Cn}\u{2800}\u{3164}\u{115F}\u{1160}\u{FFA0}]/u.test(shown) ? shown : ''
}

/** {@link visible} text in one line. */
export function line(text: string): string {
  return visible(text).replaceAll(/\s+/gu, ' ')
}

const longestUrl = 2000
const unsafe = /[|<>(){}"'`\\]/gu

/**
 * A URL that ends neither a Markdown link nor one of Slack's; `undefined` when nobody could follow it, or should: what is neither http nor
 * https, and what has a user, behind which it looks as if it led elsewhere.
 */
export function linkable(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined
  const { protocol, username, password, href } = new URL(url)
  if (!/^https?:$/u.test(protocol) || username !== '' || password !== '') return undefined
  const spelled = href.replaceAll(
    unsafe,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return spelled.length <= longestUrl ? spelled : undefined
}
