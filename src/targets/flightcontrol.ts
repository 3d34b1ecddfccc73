import * as z from 'zod'
import { ConfigurationError } from '../errors.ts'
import { parseUrl } from '../signing/hook-url.ts'
import { flag } from '../option-shapes.ts'
import { made } from './made.ts'
import { textAt } from './pointer.ts'
import type {
  AnswerMeaning,
  Made,
  PollableTarget,
  RequestShape,
  Target,
  TargetAnswer,
  TargetPoll,
} from './shape.ts'
import { defineTarget } from './target.ts'
import { anApiUrl, checkTargetOptions, madeOf, madeText } from './target-options.ts'

interface OfPreview {
  /** For the hook of preview environments: which one. `commit` @default the release's sha, without which nothing can be sent */
  readonly preview: {
    readonly pullRequest: Made<number | string>
    readonly commit?: Made<string> | undefined
  }
  readonly branch?: undefined
  readonly commit?: undefined
}

interface OfBranch {
  readonly preview?: undefined
  /** For the hook of an environment: the branch to deploy. @default the repository's own */
  readonly branch: Made<string | undefined>
  /** And its commit, which needs the branch. @default the newest @example ({ release }) => release.sha */
  readonly commit?: Made<string | undefined> | undefined
}

interface OfOwnBranch {
  readonly preview?: undefined
  readonly branch?: undefined
  readonly commit?: undefined
}

export type FlightcontrolOptions = FlightcontrolSettings & (OfPreview | OfBranch | OfOwnBranch)

interface FlightcontrolSettings {
  /** Deploys every service, whatever its watch paths say. @default false */
  readonly force?: boolean | undefined
  /** An API key, to ask how a deployment went. @default it cannot be asked: there is no `waitFor: 'finished'` */
  readonly apiKey?: string | undefined
  /** @default 'https://api.flightcontrol.dev' */
  readonly apiUrl?: Exclude<RequestShape['base'], 'hook' | 'origin' | undefined> | undefined
}

/**
 * A deploy hook of Flightcontrol, of an environment or of preview environments: a **GET** of the secret URL, which deploys whenever
 * somebody follows it, and so is shown nowhere. Answered 200 with `success`, a boolean in one place of its reference and the text `"true"`
 * in another. With an API key the deployment is asked for every 10 seconds, for an hour. A repeat deploys again.
 *
 * @throws {@link ConfigurationError} `option_invalid`, `secret_invalid`, `hook_url_*`
 */
export function flightcontrol(options: FlightcontrolOptions & { readonly apiKey: string }): PollableTarget
export function flightcontrol(options?: FlightcontrolOptions): Target
export function flightcontrol(options: FlightcontrolOptions = {}): Target {
  checkTargetOptions('flightcontrol', options, shape, { apiKey: 'optional' })
  const { preview, branch, commit, force, apiKey, apiUrl = 'https://api.flightcontrol.dev' } = options
  if (commit !== undefined && branch === undefined) {
    const message = 'Expected the branch of `commit`, got none: give it, or leave `commit` out.'
    throw new ConfigurationError('option_invalid', 'flightcontrol.branch', message)
  }
  if (preview !== undefined && branch !== undefined) {
    const message = 'Expected none beside `preview`, got one: leave one of the two out.'
    throw new ConfigurationError('option_invalid', 'flightcontrol.branch', message)
  }
  parseUrl(apiUrl, 'flightcontrol.apiUrl')
  return defineTarget({
    name: 'flightcontrol',
    secretPath: true,
    ...(apiKey === undefined ? undefined : { secrets: { apiKey }, poll: pollOf(apiUrl) }),
    repeat: 'side-effect',
    requests: [
      {
        method: 'GET',
        path: (context) =>
          preview === undefined
            ? []
            : [
                String(made(preview.pullRequest, context)),
                made(preview.commit, context) ?? context.release.sha ?? '',
              ],
        query: (context) => ({
          branch: made(branch, context),
          commit: made(commit, context),
          force: force === true ? 'true' : undefined,
        }),
        accepts: [200],
        isAccepted: meaningOf,
        meanings: { 400: 'final', 401: 'final', 403: 'final', 404: 'final' },
        id: '/deploymentId',
        error: ['/error/message', '/error', '/message'],
      },
    ],
  })
}

const shape = {
  preview: z
    .strictObject({
      pullRequest: madeOf(z.union([z.string(), z.number()]), 'the number of a pull request'),
      commit: madeText,
    })
    .optional(),
  branch: madeText,
  commit: madeText,
  force: flag.optional(),
  apiUrl: anApiUrl,
}

/** An answer that does not say how it went may have deployed: it is not asked twice. */
function meaningOf({ json }: TargetAnswer): AnswerMeaning {
  const success = textAt(json, '/success')
  if (success === 'true') return 'accepted'
  return success === 'false' ? 'refused' : 'final'
}

function pollOf(base: NonNullable<FlightcontrolOptions['apiUrl']>): TargetPoll<'apiKey'> {
  return {
    base,
    path: ({ remote }) => ['v1', 'deployments', remote.id ?? ''],
    headers: ({ secrets }) => ({ authorization: `Bearer ${secrets.apiKey}` }),
    status: '/status',
    statuses: {
      PENDING: 'queued',
      PENDING_DEPENDENCY: 'queued',
      INPROGRESS: 'running',
      BUILDING: 'running',
      PROVISIONING: 'running',
      DEPLOYING: 'running',
      SUCCESS: 'succeeded',
      NO_CHANGE: 'skipped',
      CANCELLED: 'canceled',
      ERROR: 'failed',
      BUILD_ERROR: 'failed',
      DEPLOY_ERROR: 'failed',
    },
    url: '/serviceDeployments/0/service/serviceDomain',
    error: ['/error', ...[0, 1, 2, 3].map((index) => `/serviceDeployments/${index}/error`)],
    everyMs: 10_000,
    untilMs: 60 * 60_000,
  }
}
