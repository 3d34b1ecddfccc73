import { apiUrlOf } from './api-url.ts'
import { releaseVariables } from './release-variables.ts'
import { made } from './made.ts'
import type { Fields, LocatedTarget, Made, PollableTarget, TargetAnswer, TargetContext } from './shape.ts'
import { defineTarget } from './target.ts'
import { aName, anApiUrl, checkTargetOptions, madeText, madeTexts } from './target-options.ts'

export interface BuildkiteOptions {
  /** Slug of the organization. */
  readonly organization: string
  /** Slug of the pipeline. */
  readonly pipeline: string
  /** An API access token with `write_builds`, and `read_builds` to ask how the build went. */
  readonly token: string
  /** @default 'main' */
  readonly branch?: Made<string> | undefined
  /** @default the release's commit, or 'HEAD' */
  readonly commit?: Made<string> | undefined
  /** Environment variables of the build. @default `RELEASE_APP`, `RELEASE_VERSION` and so on */
  readonly env?: Made<Fields> | undefined
  /** @default 'https://api.buildkite.com/v2' */
  readonly apiUrl?: string | undefined
}

const shape = {
  organization: aName,
  pipeline: aName,
  branch: madeText,
  commit: madeText,
  env: madeTexts,
  apiUrl: anApiUrl,
}

const authorized = ({ secrets }: TargetContext<'token'>): Fields => ({
  authorization: `Bearer ${secrets.token}`,
})

/**
 * A build of Buildkite: `POST /organizations/{slug}/pipelines/{slug}/builds`, answered 201. A repeat is another build. Asked every 10
 * seconds for two hours, of the 50 requests a minute that a user has. One that waits at a block step goes on being asked.
 *
 * Source: Buildkite's REST API, builds and rate limits.
 */
export function buildkite(options: BuildkiteOptions): LocatedTarget & PollableTarget {
  checkTargetOptions('buildkite', options, shape, { token: 'required' })
  const {
    organization,
    pipeline,
    token,
    branch = 'main',
    commit = commitOf,
    env = releaseVariables,
  } = options
  const { apiUrl = 'https://api.buildkite.com/v2' } = options
  const names = ['organizations', organization, 'pipelines', pipeline]
  return defineTarget({
    name: 'buildkite',
    url: apiUrlOf(apiUrl, names, 'buildkite.pipeline'),
    secrets: { token },
    repeat: 'side-effect',
    requests: [
      {
        path: ['builds'],
        headers: authorized,
        body: (context) => ({
          json: {
            commit: made(commit, context),
            branch: made(branch, context),
            message: context.release.summary,
            env: made(env, context),
          },
        }),
        accepts: [201],
        meanings: { 400: 'final', 401: 'final', 403: 'final', 404: 'final', 422: 'final' },
        id: '/number',
        url: '/web_url',
        status: '/state',
        error: ['/errors/0/message', '/message'],
        retryAfter: '/reset',
      },
    ],
    poll: {
      path: ({ remote }) => ['builds', remote.id ?? ''],
      headers: authorized,
      status: stateOf,
      statuses: {
        creating: 'queued',
        scheduled: 'queued',
        waiting: 'queued',
        blocked: 'queued',
        started: 'running',
        running: 'running',
        failing: 'running',
        started_failing: 'running',
        canceling: 'running',
        passed: 'succeeded',
        failed: 'failed',
        waiting_failed: 'failed',
        canceled: 'canceled',
        skipped: 'skipped',
        not_run: 'skipped',
      },
      url: '/web_url',
      error: '/cancel_reason',
      everyMs: 10_000,
      untilMs: 2 * 3600_000,
    },
  })
}

function commitOf({ release: { sha = 'HEAD' } }: TargetContext): string {
  return sha
}

/** Buildkite says `passed` of a build that waits at a block step, and `blocked` beside it. */
function stateOf({ json }: TargetAnswer): string | undefined {
  const { state, blocked } = json as { readonly state?: string; readonly blocked?: unknown }
  return state === 'passed' && blocked === true ? 'blocked' : state
}
