import { cutToBytes } from '../cut.ts'
import { made } from './made.ts'
import { occurredAt } from './occurred-at.ts'
import { textAt } from './pointer.ts'
import type { LocatedTarget, Made, TargetAnswer } from './shape.ts'
import { defineTarget } from './target.ts'
import { aName, checkTargetOptions, madeOf, madeText } from './target-options.ts'

export interface NewRelicDeploymentOptions {
  /** A user key (`NRAK-…`). */
  readonly apiKey: string
  /** GUID of the application's entity. */
  readonly entityGuid: Made<string>
  /** What the agent in the app reports as its version. @default the release's version */
  readonly version?: Made<string> | undefined
}

// The values are variables, so that nothing of a release is read as GraphQL.
const query =
  'mutation ($deployment: ChangeTrackingDeploymentInput!) { changeTrackingCreateDeployment(deployment: $deployment) { deploymentId } }'
const id = '/data/changeTrackingCreateDeployment/deploymentId'
// An attribute of New Relic's database holds 4,095 characters.
const maxBytes = 4095

/**
 * A deployment for New Relic's change tracking: one mutation to `POST https://api.newrelic.com/graphql`. It answers 200 for failures too,
 * with `errors`: accepted is what came back with an id. A repeat is a second marker. In Europe the hook's `url` is
 * `https://api.eu.newrelic.com`. Source: New Relic's change tracking guide and its Go client.
 */
export function newRelicDeployment(options: NewRelicDeploymentOptions): LocatedTarget {
  checkTargetOptions('newRelicDeployment', options, shape, { apiKey: 'required' })
  const { apiKey, entityGuid, version } = options
  return defineTarget({
    name: 'new-relic-deployment',
    url: 'https://api.newrelic.com',
    secrets: { apiKey },
    repeat: 'duplicates',
    requests: [
      {
        path: ['graphql'],
        headers: { 'api-key': apiKey },
        body: (context) => {
          const { release } = context
          const deployment = {
            entityGuid: made(entityGuid, context),
            version: made(version ?? release.version, context),
            commit: release.sha,
            user: cutToBytes(release.user, maxBytes),
            description: cutToBytes(release.summary, maxBytes),
            changelog: release.diffUrl,
            deepLink: release.logUrl ?? release.url,
            timestamp: occurredAt(context),
          }
          return { json: { query, variables: { deployment } } }
        },
        accepts: [200],
        isAccepted: meaningOfBody,
        meanings: { 401: 'final', 403: 'final', 404: 'final' },
        id,
        error: ['/errors/0/message', '/error/message', '/error'],
      },
    ],
  })
}

const shape = { entityGuid: madeOf(aName, 'the GUID of an entity'), version: madeText }

function meaningOfBody({ json }: TargetAnswer): 'accepted' | 'retry' | 'refused' {
  if (textAt(json, id) !== undefined) return 'accepted'
  const cause = textAt(json, '/errors/0/extensions/errorClass')
  return cause === 'SERVER_ERROR' || cause === 'TIMEOUT' || cause === 'TOO_MANY_REQUESTS'
    ? 'retry'
    : 'refused'
}
