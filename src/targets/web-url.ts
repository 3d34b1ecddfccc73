const longestUrl = 2000

/**
 * What a URL is written with (RFC 3986, section 2), without a user. Parsers strip, encode or turn around anything else, so that another
 * URL would be followed than the one that is read; and what stands behind a user looks as if it were another host's.
 */
const written = /^https?:\/\/[-.:[\]\w~]+(?:[/?#][!#$%&'()*+,\-./:;=?@[\]\w~]*)?$/iu

/**
 * A URL that a stranger wrote, when it is one that people may follow: absolute, http or https, of at most 2,000 characters. `javascript:`
 * and the like would run in the page that shows them.
 */
export function webUrl(text: string | undefined): string | undefined {
  if (text === undefined || text.length > longestUrl || !written.test(text)) return undefined
  return URL.canParse(text) ? text : undefined
}
