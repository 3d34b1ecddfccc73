import type { Release } from '../../src/index.ts'

/**
 * The signed URL as it was made before a release could say more than Deis's five, and how it is to be made since: written once
 * more and simply, so that the library is not compared with itself.
 */

/** What a hook's URL and release were signed as in version 0.1.0. It does not change any more. */
export function frozenUrl(
  hookUrl: string,
  { app, version, user, sha = '', summary }: Release,
  dialect: 'native' | 'deis',
): string {
  const release = { app, release: version, release_summary: summary, sha, user }
  if (dialect === 'native') return nativeUrl(hookUrl, release)
  return `${hookUrl}?${pairsOf(release).join('&')}`
}

/** The parameters and those of the hook's URL, in order, behind the URL as an HTTP client sends it. */
export function nativeUrl(hookUrl: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const { href } = new URL(hookUrl)
  const [base, ...query] = href.split('?')
  const own = query.join('?').split('&')
  const pairs = [...own.filter((pair) => pair !== ''), ...pairsOf(parameters)]
  return `${base}?${pairs.toSorted(byName).join('&')}`
}

function pairsOf(parameters: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quotePlus(value)}`],
  )
}

function byName(left: string, right: string): number {
  const [one = '', other = ''] = [left.split('=')[0], right.split('=')[0]]
  if (one !== other) return one < other ? -1 : 1
  return left < right ? -1 : Number(left > right)
}

function quotePlus(text: string): string {
  const bytes = Array.from(Buffer.from(text, 'utf8'))
  return bytes
    .map((byte) => {
      const character = String.fromCharCode(byte)
      if (character === ' ') return '+'
      const stays = byte < 0x80 && /[\w.~-]/u.test(character)
      return stays ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}
