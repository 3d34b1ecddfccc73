import type { ReleaseInput } from 'deploy-hooks'

/** What a platform writes to make the URL: the five parameters in alphabetic order, encoded as Python's `quote_plus` does. */
export function releaseUrlByHand(hookUrl: string, { app, version, user, sha }: ReleaseInput): string {
  const commit = sha ?? ''
  const query = [
    `app=${quotePlus(app)}`,
    `release=${quotePlus(`v${version}`)}`,
    `release_summary=${quotePlus(`${user} deployed ${commit.slice(0, 7)}`)}`,
    `sha=${quotePlus(commit)}`,
    `user=${quotePlus(user)}`,
  ]
  return `${hookUrl}?${query.join('&')}`
}

function quotePlus(text: string): string {
  return encodeURIComponent(text).replaceAll(/%20|[!'()*]/gu, (match) =>
    match === '%20' ? '+' : `%${match.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
