import type { Stage } from '../release.ts'
import { cut } from '../cut.ts'
import { made } from './made.ts'
import type { LocatedTarget, Made } from './shape.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, madeText } from './target-options.ts'

export interface RollbarDeployOptions {
  /** Of the project, with the scope `post_server_item`. */
  readonly token: string
  /** What the app's notifier sends as its code version. @default the commit, or the version where there is none */
  readonly revision?: Made<string> | undefined
  /** @default that of the release, or `production` */
  readonly environment?: Made<string> | undefined
  /** The user's name at Rollbar. @default none: the release's user is the local one */
  readonly rollbarUser?: Made<string> | undefined
}

const shape = { revision: madeText, environment: madeText, rollbarUser: madeText }

const statuses: Readonly<Record<Stage, string>> = {
  released: 'started',
  succeeded: 'succeeded',
  failed: 'failed',
  'rolled-back': 'failed',
}

/**
 * A deploy in Rollbar: `POST https://api.rollbar.com/api/1/deploy`, answered 200 with its id. A repeat is a second deploy, and so is each
 * further stage: a hook `after: ['succeeded', 'failed']` makes one for a release, and none that stays `started`. Of a revision 40
 * characters are kept, as Rollbar keeps of a code version. Source: Rollbar's API reference and scripts.
 */
export function rollbarDeploy(options: RollbarDeployOptions): LocatedTarget {
  checkTargetOptions('rollbarDeploy', options, shape, { token: 'required' })
  const { token, revision, environment, rollbarUser } = options
  return defineTarget({
    name: 'rollbar-deploy',
    url: 'https://api.rollbar.com',
    secrets: { token },
    repeat: 'duplicates',
    requests: [
      {
        path: ['api', '1', 'deploy'],
        headers: { 'x-rollbar-access-token': token },
        body: (context) => {
          const { release } = context
          return {
            json: {
              environment: cut(made(environment ?? release.environment ?? 'production', context), 255),
              revision: cut(made(revision ?? release.sha ?? release.version, context), 40),
              local_username: cut(release.user, 255),
              rollbar_username: rollbarUser && made(rollbarUser, context),
              comment: release.summary,
              status: statuses[release.stage ?? 'released'],
            },
          }
        },
        accepts: [200],
        isAccepted: ({ json }) => isObject(json) && (json['err'] ?? 0) === 0,
        meanings: { 401: 'final', 403: 'final', 404: 'final' },
        id: '/data/deploy_id',
        error: ['/message', '/error'],
      },
    ],
  })
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null
}
