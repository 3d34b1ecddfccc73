import { flag } from '../option-shapes.ts'
import { made } from './made.ts'
import type { Made, PollableTarget } from './shape.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, madeText } from './target-options.ts'

export interface StackblazeOptions {
  /** Branch to deploy. @default the service's own */
  readonly branch?: Made<string> | undefined
  /** Builds without the cache of the build before. @default false */
  readonly clearCache?: boolean | undefined
  /** Sent as a bearer token when it is asked how the deployment went, as the API's reference wants it. @default none */
  readonly apiKey?: string | undefined
}

/**
 * A deploy hook of StackBlaze: `POST /deploy-hooks/{token}?branch=&clear_cache=` (or `/v1/hooks/{token}`), answered 202 before the build
 * starts, at most ten a minute. With `waitFor: 'finished'` it is asked every 5 seconds how the deployment went, for half an hour. A repeat
 * builds again. After its guide and its reference.
 */
export function stackblaze(options: StackblazeOptions = {}): PollableTarget {
  checkTargetOptions('stackblaze', options, shape, { apiKey: 'optional' })
  const { branch, clearCache, apiKey } = options
  return defineTarget({
    name: 'stackblaze',
    secretPath: true,
    ...(apiKey === undefined ? undefined : { secrets: { apiKey } }),
    repeat: 'side-effect',
    pace: { perSecond: 10 / 60, burst: 10 },
    requests: [
      {
        query: (context) => ({
          branch: made(branch, context),
          clear_cache: clearCache === true ? 'true' : undefined,
        }),
        accepts: [202],
        meanings: { 401: 'final', 404: 'final' },
        id: ['/deploymentId', '/deployment_id'],
        url: '/dashboardUrl',
        status: '/status',
        error: ['/error', '/error/message', '/message'],
      },
    ],
    poll: {
      base: 'origin',
      path: ({ remote }) => ['deployments', remote.id ?? ''],
      headers: ({ secrets }) => ({
        authorization: apiKey === undefined ? undefined : `Bearer ${secrets.apiKey}`,
      }),
      status: '/status',
      statuses: {
        queued: 'queued',
        building: 'running',
        deploying: 'running',
        running: 'running',
        succeeded: 'succeeded',
        failed: 'failed',
        canceled: 'canceled',
      },
      url: '/dashboardUrl',
      error: ['/error', '/error/message', '/message'],
      everyMs: 5000,
      untilMs: 30 * 60_000,
    },
  })
}

const shape = { branch: madeText, clearCache: flag.optional() }
