import { textAt } from './pointer.ts'
import type { PollableTarget } from './shape.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, noOptions, type NoOptions } from './target-options.ts'

/**
 * A deploy hook of fortrabbit: `POST` of the unique URL without a body, answered 200 with the deployment. Both documented forms are read:
 * the guide's `{"deployment":{"id","state"}}` and the reference's `{"data":{"publicId"}}`.
 *
 * With `waitFor: 'finished'` a GET of the same URL asks every 5 seconds how it stands, for half an hour, as the guide has it. Of its states
 * only `PENDING` is documented: the others are those that it may mean by their names, and any other one ends nothing. A repeat deploys
 * again.
 */
export function fortrabbit(options: NoOptions = {}): PollableTarget {
  checkTargetOptions('fortrabbit', options, noOptions)
  return target
}

const target = defineTarget({
  name: 'fortrabbit',
  secretPath: true,
  repeat: 'side-effect',
  requests: [
    {
      accepts: [200, 201, 202],
      isAccepted: ({ json }) => textAt(json, ['/error', '/error/message']) === undefined,
      meanings: { 401: 'final', 403: 'final', 404: 'final' },
      id: ['/deployment/id', '/data/publicId', '/data/id'],
      error: ['/error', '/error/message', '/message'],
    },
  ],
  poll: {
    status: ['/deployment/state', '/data/state', '/data/status'],
    statuses: {
      PENDING: 'queued',
      RUNNING: 'running',
      BUILDING: 'running',
      DEPLOYING: 'running',
      SUCCESS: 'succeeded',
      SUCCEEDED: 'succeeded',
      FINISHED: 'succeeded',
      FAILED: 'failed',
      ERROR: 'failed',
      CANCELED: 'canceled',
      CANCELLED: 'canceled',
    },
    error: ['/deployment/error', '/data/error', '/error'],
    everyMs: 5000,
    untilMs: 30 * 60_000,
  },
})
