import { namesOf, oneOf } from '../option-shapes.ts'
import { githubHeaders, githubRefusals, githubShape, repositoryUrl, type GithubOptions } from './github.ts'
import { made } from './made.ts'
import type { LocatedTarget, Made, TargetContext } from './shape.ts'
import { ellipsized } from '../cut.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, madeOf, madeText } from './target-options.ts'

const deploymentStates = [
  'error',
  'failure',
  'inactive',
  'in_progress',
  'pending',
  'queued',
  'success',
] as const

export type GithubDeploymentState = (typeof deploymentStates)[number]

export interface GithubDeploymentOptions extends GithubOptions {
  /** Branch, tag or commit. @default the release's commit; a release without one cannot be sent */
  readonly ref?: Made<string> | undefined
  /** @default the release's, or 'production' */
  readonly environment?: Made<string> | undefined
  /** @default 'in_progress' for a release without a stage, then 'success', 'failure', and 'inactive' for one that was rolled back */
  readonly state?: Made<GithubDeploymentState> | undefined
}

const shape = {
  ...githubShape,
  ref: madeText,
  environment: madeText,
  state: madeOf(oneOf(deploymentStates), namesOf(deploymentStates)).optional(),
}

const states = { succeeded: 'success', failed: 'failure', 'rolled-back': 'inactive' } as const

/**
 * A deployment of GitHub and its status, as pull requests and the page of environments show them: `POST /deployments`, then
 * `POST /deployments/{id}/statuses`, each answered 201. Needs `deployments: write`. Every delivery is a deployment of its own: hooks with
 * `after: ['succeeded', 'failed']` tell of each release once. A deployment made twice starts workflows twice; its status may be set
 * again. 202 means that GitHub merged and made none, which `auto_merge: false` rules out.
 *
 * Source: GitHub's REST API, deployments and deployment statuses.
 */
export function githubDeployment(options: GithubDeploymentOptions): LocatedTarget {
  checkTargetOptions('githubDeployment', options, shape, { token: 'required' })
  const { token, ref = commitOf, environment = environmentOf, state = stateOf } = options
  const common = { ...githubRefusals, headers: githubHeaders, accepts: [201] }
  return defineTarget({
    name: 'github-deployment',
    url: repositoryUrl(options, 'githubDeployment'),
    secrets: { token },
    repeat: 'side-effect',
    requests: [
      {
        ...common,
        path: ['deployments'],
        body: (context) => ({
          json: {
            ref: made(ref, context),
            task: 'deploy',
            auto_merge: false,
            required_contexts: [],
            environment: ellipsized(made(environment, context), 255),
            description: ellipsized(context.release.summary, 140),
            payload: payloadOf(context),
          },
        }),
        meanings: { ...common.meanings, 202: 'refused', 409: 'final' }, // neither made one
        id: '/id',
      },
      {
        ...common,
        path: ({ remote }) => ['deployments', remote.id ?? '', 'statuses'],
        body: (context) => ({
          json: {
            state: made(state, context),
            description: ellipsized(context.release.summary, 140),
            environment_url: context.release.url,
            log_url: context.release.logUrl,
          },
        }),
        repeat: 'duplicates',
      },
    ],
  })
}

function commitOf({ release: { sha } }: TargetContext): string {
  if (sha === undefined) throw new TypeError('Expected a `ref` for a release that has no commit')
  return sha
}

/** What tells this deployment from others of the same commit; JSON leaves out what is not known. */
function payloadOf({ release: { app, version, deployment } }: TargetContext): object {
  return { app, version, deployment }
}

function environmentOf({ release: { environment = 'production' } }: TargetContext): string {
  return environment
}

function stateOf({ release: { stage } }: TargetContext): GithubDeploymentState {
  return stage === undefined ? 'in_progress' : states[stage]
}
