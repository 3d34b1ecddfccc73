import { made } from './made.ts'
import type { LocatedTarget, Made } from './shape.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, madeText } from './target-options.ts'

export interface HoneybadgerDeployOptions {
  /** Of the project. */
  readonly apiKey: string
  /** The HTTPS address of the repository. @example 'https://github.com/acme/web' */
  readonly repository?: Made<string> | undefined
  /** @default the commit, or the version where there is none */
  readonly revision?: Made<string> | undefined
}

/**
 * A deploy in Honeybadger, which marks the errors before it as resolved, where the project says so: so a hook `after: 'succeeded'` suits
 * it. `POST https://api.honeybadger.io/v1/deploys`, answered 201, or 200. A repeat is a second deploy. In Europe the hook's `url` is
 * `https://eu-api.honeybadger.io`. Source: Honeybadger's API reference and its Ruby client.
 */
export function honeybadgerDeploy(options: HoneybadgerDeployOptions): LocatedTarget {
  checkTargetOptions('honeybadgerDeploy', options, shape, { apiKey: 'required' })
  const { apiKey, repository, revision } = options
  return defineTarget({
    name: 'honeybadger-deploy',
    url: 'https://api.honeybadger.io',
    secrets: { apiKey },
    repeat: 'duplicates',
    requests: [
      {
        path: ['v1', 'deploys'],
        headers: { 'x-api-key': apiKey },
        body: (context) => {
          const { environment, sha, version, user } = context.release
          return {
            form: {
              'deploy[environment]': environment,
              'deploy[revision]': made(revision ?? sha ?? version, context),
              'deploy[repository]': repository && made(repository, context),
              'deploy[local_username]': user,
            },
          }
        },
        accepts: [200, 201],
        meanings: { 401: 'final', 403: 'final', 404: 'final' },
        error: ['/error', '/errors', '/message'],
      },
    ],
  })
}

const shape = { repository: madeText, revision: madeText }
