import type { TargetContext } from './shape.ts'

/** What a build is told of a release, by the name of an environment variable. What is not known is left out. */
export function releaseVariables({ release, deliveryId }: TargetContext): Readonly<Record<string, string>> {
  const { app, version, user, sha, summary, stage = 'released' } = release
  const { environment, deployment, previous, url, at } = release
  const facts = Object.entries({
    RELEASE_APP: app,
    RELEASE_VERSION: version,
    RELEASE_USER: user,
    RELEASE_SHA: sha,
    RELEASE_SUMMARY: summary,
    RELEASE_STAGE: stage,
    RELEASE_ENVIRONMENT: environment,
    RELEASE_DEPLOYMENT: deployment,
    RELEASE_PREVIOUS: previous,
    RELEASE_URL: url,
    RELEASE_AT: at,
    RELEASE_DELIVERY: deliveryId,
  })
  return Object.fromEntries(facts.filter((fact): fact is [string, string] => fact[1] !== undefined))
}
