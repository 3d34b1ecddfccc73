import type { ProxyCredentials } from '../http/egress.ts'
import type { HookUrl } from '../signing/hook-url.ts'
import { rawName, rawPairs, unquotePlus } from '../signing/query.ts'

// Shorter ones, such as `services` of Slack's and most words, tell which platform it is, and stand in many answers.
const shortestSegment = 8

/**
 * What a hook URL holds that may be a secret: what its own parameters say, and its path when that is one. As it was typed, as it is sent,
 * and as receivers decode it.
 */
export function secretsOfUrl({ typed, wire }: HookUrl, secretPath: boolean): readonly string[] {
  return [typed, wire].flatMap(({ base, query }) => [
    ...rawPairs(query ?? '')
      .flatMap(valuesOf)
      .flatMap(decoded),
    ...(secretPath ? pathsOf(base).flatMap(decoded) : []),
  ])
}

/** What a proxy knows, which can answer in the place of every receiver that is not asked over TLS. */
export function secretsOfProxy(proxy: ProxyCredentials | undefined): readonly string[] {
  if (proxy === undefined) return []
  const user = decodeURIComponent(proxy.username)
  const password = decodeURIComponent(proxy.password)
  return [`${user}:${password}`, proxy.password, password === '' ? user : password]
}

/** A token may also stand alone, without a name or with nothing but the end of its base64 behind the first `=`. */
function valuesOf(pair: string): readonly string[] {
  const name = rawName(pair)
  const value = pair.slice(name.length + 1)
  return /^=*$/u.test(value) ? [pair, name] : [value]
}

/** The whole path, and those of its segments that may be secrets. */
function pathsOf(base: string): readonly string[] {
  const [, path = ''] = /^[^/]*[/\\]{2,}[^/\\]*(.*)$/u.exec(base) ?? []
  return [path, ...path.split(/[/\\]/u).filter(({ length }) => length >= shortestSegment)]
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
