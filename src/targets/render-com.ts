import { ConfigurationError } from '../errors.ts'
import { parseUrl } from '../signing/hook-url.ts'
import { made } from './made.ts'
import type { Made, PollableTarget, RequestShape, Target, TargetPoll } from './shape.ts'
import { defineTarget } from './target.ts'
import { aName, anApiUrl, checkTargetOptions, madeText } from './target-options.ts'

interface Asked {
  /** An API key, to ask how a deploy went; needs `serviceId`. @default it cannot be asked: there is no `waitFor: 'finished'` */
  readonly apiKey: string
  /** What stands in the hook's path. @example 'srv-madeup0web1' */
  readonly serviceId: string
}

interface Unasked {
  readonly apiKey?: undefined
  readonly serviceId?: undefined
}

export type RenderOptions = RenderSettings & (Asked | Unasked)

interface RenderSettings {
  /** Commit to deploy, of a service that is built from a repository. @default the newest @example ({ release }) => release.sha */
  readonly ref?: Made<string | undefined> | undefined
  /** Image to deploy, of a service that runs one: only its tag or digest may differ. @default the service's own @example 'docker.io/library/nginx:1.26' */
  readonly image?: Made<string | undefined> | undefined
  /** @default 'https://api.render.com' */
  readonly apiUrl?: Exclude<RequestShape['base'], 'hook' | 'origin' | undefined> | undefined
}

/**
 * A deploy hook of Render: `POST /deploy/{service}?key=` without a body, with `ref` or `imgURL` beside the key, answered 200, 201 or 202
 * with `{"deploy":{"id"}}`. With an API key the deploy is asked for every 10 seconds, for an hour. A repeat deploys again. After Render's
 * documentation and its API's reference (v1).
 *
 * @throws {@link ConfigurationError} `option_invalid`, `secret_invalid`, `hook_url_*`
 */
export function render(options: RenderOptions & { readonly apiKey: string }): PollableTarget
export function render(options?: RenderOptions): Target
export function render(options: RenderOptions = {}): Target {
  checkTargetOptions('render', options, shape, { apiKey: 'optional' })
  const { ref, image, apiKey, serviceId, apiUrl = 'https://api.render.com' } = options
  if ((apiKey === undefined) !== (serviceId === undefined)) {
    const message = 'Expected it and `apiKey`, or neither, got one of them: give the other, or leave it out.'
    throw new ConfigurationError('option_invalid', 'render.serviceId', message)
  }
  parseUrl(apiUrl, 'render.apiUrl')
  return defineTarget({
    name: 'render',
    ...(apiKey === undefined || serviceId === undefined
      ? undefined
      : { secrets: { apiKey }, poll: pollOf(apiUrl, serviceId) }),
    repeat: 'side-effect',
    requests: [
      {
        query: (context) => ({ ref: made(ref, context), imgURL: made(image, context) }),
        accepts: [200, 201, 202],
        meanings: { 400: 'final', 401: 'final', 403: 'final', 404: 'final' },
        id: ['/deploy/id', '/id'],
        error: ['/message', '/error'],
      },
    ],
  })
}

const shape = { ref: madeText, image: madeText, serviceId: aName.optional(), apiUrl: anApiUrl }

function pollOf(base: NonNullable<RenderOptions['apiUrl']>, service: string): TargetPoll<'apiKey'> {
  return {
    base,
    path: ({ remote }) => ['v1', 'services', service, 'deploys', remote.id ?? ''],
    headers: ({ secrets }) => ({ authorization: `Bearer ${secrets.apiKey}` }),
    status: '/status',
    statuses: {
      created: 'queued',
      queued: 'queued',
      build_in_progress: 'running',
      pre_deploy_in_progress: 'running',
      update_in_progress: 'running',
      live: 'succeeded',
      deactivated: 'succeeded', // it was live, until the next one was
      build_failed: 'failed',
      pre_deploy_failed: 'failed',
      update_failed: 'failed',
      canceled: 'canceled',
    },
    error: '/message',
    everyMs: 10_000,
    untilMs: 60 * 60_000,
  }
}
