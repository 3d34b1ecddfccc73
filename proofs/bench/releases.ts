import type { ReleaseInput } from 'deploy-hooks'

/** Makes releases that no one has dispatched before: each is a delivery of its own. */
export function createReleases(app: string): () => ReleaseInput {
  let version = 0
  return () => {
    version += 1
    const sha = (version * 2654435761).toString(16).padStart(40, '0') // unlike its neighbours, as commits are
    return { app, version, user: 'gabrtv@example.com', sha }
  }
}
