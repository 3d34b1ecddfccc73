import { ConfigurationError, type ConfigurationErrorCode } from '../errors.ts'
import { mismatch } from '../option-problems.ts'
import { isFurtherParameter, isReleaseParameter, rawName, rawPairs, unquotePlus } from './query.ts'
import type { Dialect } from './dialect.ts'

/** A hook URL in the two spellings that matter: as configured, and as an HTTP client sends it. */
export interface HookUrl {
  /** As configured, to the byte. */
  readonly typed: UrlParts
  /** As it goes over the wire: lower-case host, no default port, at least `/` as path, non-ASCII encoded. */
  readonly wire: UrlParts
}

interface UrlParts {
  /** Scheme to path: what may be shown, since tokens live in queries. */
  readonly base: string
  /** What follows the first `?`, raw; absent when there is no `?`. */
  readonly query: string | undefined
}

/** Longer hook URLs are refused: HTTP servers read 8 to 16 KiB of a request line, and the release needs some. */
export const longestUrl: number = 4096

const takenEverywhere =
  'Expected no parameter called app, release, release_summary, sha or user, got one: rename it, since the release needs them.'
const takenByNative =
  "Expected no parameter called release_delivery, release_deployment, release_environment, release_stage or release_time, got one: rename it, since the release needs them; in the dialect 'deis' it may stay."

/**
 * Reads the URL of a hook that signs releases by their URL: none of its own parameters may be called like those of a release.
 *
 * @param dialect of the sender. A verifier does not know it, so it takes every URL that one of the dialects does
 * @throws {@link ConfigurationError} as {@link parseUrl}, and `hook_url_parameter`
 */
export function parseHookUrl(text: string, option = 'url', dialect?: Dialect): HookUrl {
  const url = parseUrl(text, option)
  for (const pair of rawPairs(url.typed.query ?? '')) {
    const name = unquotePlus(rawName(pair)) ?? ''
    if (isReleaseParameter(name)) throw new ConfigurationError('hook_url_parameter', option, takenEverywhere)
    if (dialect === 'native' && isFurtherParameter(name))
      throw new ConfigurationError('hook_url_parameter', option, takenByNative)
  }
  return url
}

/**
 * Reads a hook URL and refuses what cannot be signed and sent unchanged.
 *
 * @param option names the option in errors: `hooks[0].url`
 * @throws {@link ConfigurationError} `hook_url_invalid`, `hook_url_whitespace`, `hook_url_scheme`, `hook_url_credentials`,
 * `hook_url_fragment`; none of them shows the URL.
 */
export function parseUrl(text: string, option = 'url'): HookUrl {
  const refuse = (code: ConfigurationErrorCode, expectation: string): never => {
    throw new ConfigurationError(code, option, expectation)
  }
  if (typeof text !== 'string' || text === '')
    return refuse('hook_url_invalid', mismatch('an http or https URL', text, 'give one'))
  if (text.length > longestUrl)
    refuse('hook_url_invalid', `Expected at most ${longestUrl} characters, got ${text.length}: shorten it.`)
  // Unpaired surrogates become U+FFFD on the wire; white space and controls are stripped or encoded by clients.
  if (/[\s\p{Cc}]/u.test(text)) refuse('hook_url_whitespace', whiteSpaceIn(text))
  if (!text.isWellFormed())
    refuse('hook_url_invalid', 'Expected valid Unicode, got an unpaired surrogate: remove it.')
  if (!/^https?:\/\//iu.test(text)) {
    const message = 'Expected a URL that starts with http:// or https://, got one that does not: correct it.'
    refuse('hook_url_scheme', message)
  }
  if (text.includes('#')) {
    refuse(
      'hook_url_fragment',
      'Expected no fragment, got one: cut it off, since what follows a # is never sent, and the release would be lost.',
    )
  }
  const url = URL.canParse(text)
    ? new URL(text)
    : refuse('hook_url_invalid', 'Expected a URL that can be parsed, got one that cannot: correct it.')
  // The parser drops an empty user; the text alone does not show a user behind http:///, which the parser takes for http://.
  if (/^[^/]+\/\/[^/?\\]*@/u.test(text) || url.username !== '' || url.password !== '') {
    const message =
      'Expected no user:password@, got one: remove it, since HTTP clients replace the signature by it.'
    refuse('hook_url_credentials', message)
  }
  const typed = split(text)
  return {
    typed,
    wire: {
      base: `${url.protocol}//${url.host}${url.pathname}`,
      query: typed.query === undefined ? undefined : url.search.slice(1),
    },
  }
}

function whiteSpaceIn(text: string): string {
  return text.trim() === text
    ? 'Expected a URL without white space and control characters, got some inside: remove it, or percent-encode it.'
    : 'Expected a URL without white space, got some at its beginning or end: cut it off.'
}

/** The URL of a request or a configuration at its first `?`. */
export function split(url: string): UrlParts {
  const question = url.indexOf('?')
  if (question === -1) return { base: url, query: undefined }
  return { base: url.slice(0, question), query: url.slice(question + 1) }
}
