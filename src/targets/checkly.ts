import { flag, text } from '../option-shapes.ts'
import { made } from './made.ts'
import type { Made, Target, TargetContext } from './shape.ts'
import { ellipsized } from '../cut.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, madeText } from './target-options.ts'

export interface ChecklyOptions {
  /** What the deployment is of, in Checkly's timeline. @default the app */
  readonly repository?: Made<string> | undefined
  /** What is checked in the place of the checks' own URL. @default the release's URL */
  readonly environmentUrl?: Made<string | undefined> | undefined
  /** Where the checks run. @default Checkly's choice @example 'eu-west-1' */
  readonly runLocation?: string | undefined
  /** Records the release in Checkly's timeline, once for each repository and commit. @default true */
  readonly deployment?: boolean | undefined
}

/**
 * Checks of Checkly, by their trigger URL: `GET {url}?deployment=&repository=&sha=&environmentUrl=`, answered when they are over: 200 when
 * they have passed, 503 when they have failed, which ends the delivery as `failed`. It is waited for five minutes, and sent ten times a
 * minute at most. A repeat runs the checks again. For a URL that is up, give the hook `after: 'succeeded'`.
 *
 * Source: Checkly's documentation of command line triggers (deprecated there in favour of its CLI), tj-actions/checkly-trigger.
 */
export function checkly(options: ChecklyOptions = {}): Target {
  checkTargetOptions('checkly', options, shape)
  const { repository = appOf, environmentUrl = urlOf, runLocation, deployment = true } = options
  return defineTarget({
    name: 'checkly',
    secretPath: true,
    repeat: 'side-effect',
    pace: { perSecond: 10 / 60, burst: 10 },
    deadlineMs: 5 * 60_000,
    requests: [
      {
        method: 'GET',
        query: (context) => ({
          ...(deployment ? { deployment: 'true', deploymentId: context.deliveryId } : undefined),
          repository: ellipsized(made(repository, context), 200),
          sha: ellipsized(context.release.sha ?? context.release.version, 200),
          environmentName: ellipsized(context.release.environment ?? 'production', 200),
          environmentUrl: made(environmentUrl, context),
          runLocation,
        }),
        accepts: [200],
        // An answer for a group has one of these for each check.
        isAccepted: ({ text }) => (/"hasFailures"\s*:\s*"?true/u.test(text) ? 'failed' : true),
        meanings: { 400: 'final', 401: 'final', 403: 'final', 404: 'final', 503: 'failed' },
        error: ['/message', '/error'],
      },
    ],
  })
}

const shape = {
  repository: madeText,
  environmentUrl: madeText,
  runLocation: text.optional(),
  deployment: flag.optional(),
}

function appOf({ release: { app } }: TargetContext): string {
  return app
}

function urlOf({ release: { url } }: TargetContext): string | undefined {
  return url
}
