import type { ProxyCredentials } from '../http/egress-guard.ts'
import type { HookUrl } from '../signing/hook-url.ts'
import { rawName, rawPairs, unquotePlus } from '../signing/query.ts'
import { isPlain, namesSecret } from '../masking/words.ts'

// Shorter ones, such as the team of Slack's, tell which platform it is, and stand in many answers.
const shortestSegment = 8

/** So many texts are also given as they are sent and decoded, since their base64 is another one then: looked for as they are, all read the same. */
const mostDecoded = 32

/**
 * What a hook URL holds that may be a secret: what its own parameters say, and its path when that is one. As it was typed, as it is sent,
 * and as receivers decode it. Plain words are none, unless the parameter's name says so.
 */
export function secretsOfUrl({ typed, wire }: HookUrl, secretPath: boolean): readonly string[] {
  const [all, sent] = [typed, wire].map(({ base, query = '' }) => [
    ...(secretPath ? pathsOf(base) : []),
    ...valuesOf(query),
  ]) as [string[], string[]]
  const some = new Set([...all.slice(0, mostDecoded), ...sent.slice(0, mostDecoded)].flatMap(decoded))
  return [...some, ...all.slice(mostDecoded)].filter((text) => text !== '')
}

/** What a proxy knows, which can answer in the place of every receiver that is not asked over TLS. */
export function secretsOfProxy(proxy: ProxyCredentials | undefined): readonly string[] {
  if (proxy === undefined) return []
  const user = decodeURIComponent(proxy.username)
  const password = decodeURIComponent(proxy.password)
  return [`${user}:${password}`, proxy.password, password === '' ? user : password]
}

function valuesOf(query: string): readonly string[] {
  return rawPairs(query).flatMap((pair) => {
    const name = rawName(pair)
    const value = pair.slice(name.length + 1)
    // A token may also stand alone, without a name or with nothing but the end of its base64 behind the first `=`.
    if (/^=*$/u.test(value)) return isPlain(name) ? [] : [pair, name]
    return isPlain(value) && !namesSecret(name) ? [] : [value]
  })
}

/** The whole path, and those of its segments that may be secrets: the last one may be a word too, such as a topic. */
function pathsOf(base: string): readonly string[] {
  const [, path = ''] = /^[^/]*[/\\]{2,}[^/\\]*(.*)$/u.exec(base) ?? []
  const segments = path.split(/[/\\]/u).filter((segment) => segment !== '')
  const secrets = segments.filter(
    (segment, index) =>
      segment.length >= shortestSegment && (index === segments.length - 1 || !isPlain(segment)),
  )
  return [path, ...secrets]
}

function decoded(raw: string): readonly string[] {
  return [raw, unquotePlus(raw) ?? raw, percentDecoded(raw)]
}

function percentDecoded(raw: string): string {
  try {
    return decodeURIComponent(raw)
  } catch {
    return raw // no valid escapes: nobody decodes it
  }
}
