/**
 * Query strings as Deis writes and signs them: the encoding of Python's `urllib.parse.quote_plus`, and
 * the alphabetic order of `sorted(params.items())`. Pure functions over raw, still encoded text.
 */

/** The parameters that carry a release, in the order in which they are signed. */
export const releaseParameters = ['app', 'release', 'release_summary', 'sha', 'user'] as const

/** What the `native` dialect says besides, where there is something to say. Nothing sends `release_time` yet. */
export const furtherParameters = [
  'release_delivery',
  'release_deployment',
  'release_environment',
  'release_stage',
  'release_time',
] as const

/** True for one of the five names, so that nothing else may be called like them. */
export function isReleaseParameter(name: string): boolean {
  return (releaseParameters as readonly string[]).includes(name)
}

/** True for a name that only the `native` dialect needs. */
export function isFurtherParameter(name: string): boolean {
  return (furtherParameters as readonly string[]).includes(name)
}

const staysAsItIs = /^[\w.~-]*$/

// encodeURIComponent leaves these five alone, Python encodes them; and it writes a space as %20.
const differsFromPython = /%20|[!'()*]/gu

function pythonEscape(match: string): string {
  return match === '%20' ? '+' : `%${match.charCodeAt(0).toString(16).toUpperCase()}`
}

/**
 * Encodes one value as Python's `quote_plus` does: `A-Za-z0-9_.-~` stay, a space becomes `+`, every other
 * byte of its UTF-8 becomes an upper-case percent escape. `URLSearchParams` and `encodeURIComponent` differ.
 */
export function quotePlus(text: string): string {
  if (staysAsItIs.test(text)) return text // nearly every value, at a fifth of the time
  return encodeURIComponent(text).replace(differsFromPython, pythonEscape)
}

/**
 * The opposite of {@link quotePlus}; also reads `%20`. `undefined` for what is not percent-encoded UTF-8.
 *
 * It jumps from escape to escape and reads ASCII by itself, which is nearly all of a release: `decodeURIComponent` and
 * `replaceAll` together take several times as long, and a verifier decodes five values for each delivery.
 */
export function unquotePlus(text: string): string | undefined {
  const spaced = withSpaces(text)
  let plain = ''
  let from = 0
  for (let at = spaced.indexOf('%'); at !== -1; at = spaced.indexOf('%', from)) {
    const byte = 16 * hexValue(spaced.charCodeAt(at + 1)) + hexValue(spaced.charCodeAt(at + 2))
    if (byte < 0 || byte > 0x7f) return unquoteUnicode(spaced)
    plain += spaced.slice(from, at) + String.fromCharCode(byte)
    from = at + 3
  }
  return from === 0 ? spaced : plain + spaced.slice(from)
}

function withSpaces(text: string): string {
  let spaced = ''
  let from = 0
  for (let at = text.indexOf('+'); at !== -1; at = text.indexOf('+', from)) {
    spaced += `${text.slice(from, at)} `
    from = at + 1
  }
  return from === 0 ? text : spaced + text.slice(from)
}

/** Of a hexadecimal digit; so far below 0 for anything else that no second digit makes up for it. */
function hexValue(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30
  const lower = unit | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1000
}

function unquoteUnicode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined // URIError is decodeURIComponent's only one: the text is malformed, which is the answer
  }
}

/** The raw name of a raw pair: what stands before its first `=`. */
export function rawName(pair: string): string {
  const equals = pair.indexOf('=')
  return equals === -1 ? pair : pair.slice(0, equals)
}

/** Raw pairs of a raw query, empty ones included: joined by `&` they are the query again. */
export function rawPairs(query: string): string[] {
  return query.split('&')
}

/** Raw pairs in alphabetic order: by name, then by value, as Python sorts `params.items()`. */
export function alphabetised(pairs: readonly string[]): string[] {
  return pairs.toSorted(comparePairs)
}

// Not the order of the whole pairs: `=` sorts after `-`, which would put `a-b=1` before `a=1`.
function comparePairs(left: string, right: string): number {
  return compareText(rawName(left), rawName(right)) || compareText(left, right)
}

function compareText(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
