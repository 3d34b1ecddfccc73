import type { Route } from './dialects/dialect.ts'

/**
 * What a path asks for. It is read from its end, so that the triggers may be mounted anywhere, and by a router that takes the front off
 * or leaves it.
 */
export function routeOf(path: string): Route {
  const parts = path.split('/')
  return flightcontrolCall(parts) ?? shipmightCall(parts) ?? byPair(parts) ?? native(parts)
}

function shipmightCall(parts: readonly string[]): Route | undefined {
  return endsWith(parts, ['api', 'v1', 'dh'])
    ? { dialect: 'shipmight', kind: 'call', base: baseOf(parts, 3) }
    : undefined
}

/** `/api/deploy-hook/{envId}/{secret}`, and with `/{prNumber}/{commitSHA}`. */
function flightcontrolCall(parts: readonly string[]): Route | undefined {
  for (const length of [2, 4]) {
    if (!endsWith(parts.slice(0, -length), ['api', 'deploy-hook'])) continue
    const [environmentId = '', token, pullRequest, commit] = parts.slice(-length)
    const preview = length === 4 ? { pullRequest: decoded(pullRequest), commit: decoded(commit) } : undefined
    const base = baseOf(parts, length + 2)
    return { dialect: 'flightcontrol', kind: 'call', base, token, parts: { environmentId, ...preview } }
  }
  return undefined
}

/** Those that end with a name and a token or an id. */
function byPair(parts: readonly string[]): Route | undefined {
  const last = parts.at(-1) ?? ''
  // fortrabbit's guide writes one of its URLs with two slashes.
  const before =
    parts.at(-2) === '' && parts.at(-3) === 'deploy-hook' ? parts.slice(0, -2) : parts.slice(0, -1)
  const base = baseOf(before, 1)
  if (endsWith(before, ['v1', 'deploy-hook']))
    return { dialect: 'fortrabbit', kind: 'call', base: baseOf(before, 2), token: last }
  if (endsWith(before, ['deploy-hooks'])) return { dialect: 'stackblaze', kind: 'call', base, token: last }
  if (endsWith(before, ['v1', 'deployments']))
    return { dialect: 'flightcontrol', kind: 'deployment', base: baseOf(before, 2), deploymentId: last }
  if (endsWith(before, ['deployments']))
    return { dialect: 'native', kind: 'deployment', base, deploymentId: last }
  return undefined
}

/** Of the library's own: the token at the end of the path, or in a header alone. */
function native(parts: readonly string[]): Route {
  return { dialect: 'native', kind: 'call', base: baseOf(parts, 1), token: parts.at(-1) }
}

function endsWith(parts: readonly string[], end: readonly string[]): boolean {
  return (
    parts.length > end.length && end.every((part, index) => parts[parts.length - end.length + index] === part)
  )
}

function baseOf(parts: readonly string[], taken: number): string {
  return parts.slice(0, parts.length - taken).join('/')
}

/** What cannot be decoded stays as it is, and fits nothing then. */
function decoded(text = ''): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
