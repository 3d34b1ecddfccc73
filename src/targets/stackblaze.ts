import { made } from './made.ts'
import type { Made, Target } from './shape.ts'
import { made } from './made.ts'
import { defineTarget } from './target.ts'

export interface StackblazeOptions {
  /** Branch to deploy. @default the service's own */
  readonly branch?: Made<string> | undefined
  /** Builds without the cache of the build before. @default false */
  readonly clearCache?: boolean | undefined
}

/**
 * A deploy hook of StackBlaze: `POST /deploy-hooks/{token}?branch=&clear_cache=`, answered 202 before the build starts, at most ten a
 * minute. With `waitFor: 'finished'` it is asked every 5 seconds how the deployment went, for half an hour.
 */
export function stackblaze({ branch, clearCache }: StackblazeOptions = {}): Target {
  return defineTarget({
    name: 'stackblaze',
    secretPath: true,
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
