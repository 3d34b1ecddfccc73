import * as z from 'zod'
import { made } from './made.ts'
import { occurredAt } from './occurred-at.ts'
import type { LocatedTarget, Made, TargetContext } from './shape.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, madeOf, madeText } from './target-options.ts'

export interface DatadogDeploymentOptions {
  readonly apiKey: string
  /** @default 'datadoghq.com' @example 'datadoghq.eu' */
  readonly site?: string | undefined
  /** The service as Datadog names it. @default the app */
  readonly service?: Made<string> | undefined
  /** URL of the repository, without which Datadog computes no lead time. @example 'https://github.com/acme/web' */
  readonly repository?: Made<string> | undefined
  /** When the deployment began, in epoch milliseconds. @default when it ended */
  readonly startedAt?: Made<number> | undefined
}

/**
 * A deployment for Datadog's DORA metrics: `POST https://api.{site}/api/v2/dora/deployment`, answered 200 or 202. It is what Datadog
 * computes frequency, lead time and failure rate of; a plain event would be text in a stream. So it wants deployments that happened: a
 * hook `after: 'succeeded'`. Each carries the delivery's id; that Datadog drops a repeat is not documented.
 *
 * The commit is sent when it is a whole one and a `repository` is named: Datadog takes both or none. Not on the government's sites. The
 * hook's `url` may be another origin of the API. Source: Datadog's API reference and clients.
 *
 * @throws {@link ConfigurationError} `option_invalid`, `secret_invalid`
 */
export function datadogDeployment(options: DatadogDeploymentOptions): LocatedTarget {
  checkTargetOptions('datadogDeployment', options, shape, { apiKey: 'required' })
  const { apiKey, site = 'datadoghq.com', service, repository, startedAt } = options
  return defineTarget({
    name: 'datadog-deployment',
    url: `https://api.${site}`,
    secrets: { apiKey },
    repeat: 'duplicates',
    requests: [
      {
        path: ['api', 'v2', 'dora', 'deployment'],
        headers: { 'dd-api-key': apiKey },
        body: (context) => {
          const { app, environment, version, stage = 'released' } = context.release
          const finishedAt = occurredAt(context)
          const attributes = {
            id: context.deliveryId,
            service: made(service ?? app, context),
            env: environment,
            version,
            started_at: nanoseconds(Math.min(made(startedAt ?? finishedAt, context), finishedAt)),
            finished_at: nanoseconds(finishedAt),
            git: gitOf(repository, context),
            custom_tags: [`stage:${stage}`],
          }
          return { json: { data: { attributes } } }
        },
        accepts: [200, 202],
        meanings: { 401: 'final', 403: 'final', 404: 'final' },
        id: '/data/id',
        error: ['/errors/0/detail', '/errors/0/title', '/errors/0'],
      },
    ],
  })
}

const shape = {
  // A URL in its place would be another host's, which gets the key.
  site: z
    .custom<string>((value) => typeof value === 'string' && /^[a-z\d-]+(?:\.[a-z\d-]+)+$/iu.test(value), {
      error: 'the name of a site, such as `datadoghq.eu`',
    })
    .optional(),
  service: madeText,
  repository: madeText,
  startedAt: madeOf(z.number(), 'epoch milliseconds').optional(),
}

/** The one unit that also older versions of the API take. */
function nanoseconds(milliseconds: number): number {
  return Math.round(milliseconds) * 1_000_000
}

function gitOf(repository: Made<string> | undefined, context: TargetContext): object | undefined {
  const { sha = '' } = context.release
  if (repository === undefined || !/^(?:[\da-f]{40}|[\da-f]{64})$/iu.test(sha)) return undefined
  return { commit_sha: sha, repository_url: made(repository, context) }
}
