import * as z from 'zod'
import { wholeNumber } from '../option-shapes.ts'
import { apiUrlOf } from './api-url.ts'
import { releaseVariables } from './release-variables.ts'
import { made } from './made.ts'
import type { Fields, LocatedTarget, Made, PollableTarget, TargetPoll } from './shape.ts'
import { defineTarget } from './target.ts'
import { aName, anApiUrl, checkTargetOptions, madeOf, madeTexts } from './target-options.ts'

export interface GitlabPipelineOptions {
  /** Number, or path with its groups. @example 'acme/web' */
  readonly project: string | number
  /** A pipeline trigger token (`glptt-…`) of the project. */
  readonly token: string
  /** Branch or tag; GitLab takes no commit. */
  readonly ref: Made<string>
  /**
   * A project that lets nobody set variables, as new ones do, answers 400: give `{}`.
   *
   * @default `RELEASE_APP`, `RELEASE_VERSION` and so on
   */
  readonly variables?: Made<Fields> | undefined
  /** A token with `read_api`, to ask how the pipeline went: `waitFor: 'finished'` needs it. @default it is not asked */
  readonly accessToken?: string | undefined
  /** @default 'https://gitlab.com/api/v4' */
  readonly apiUrl?: string | undefined
}

/**
 * A pipeline of GitLab: `POST /projects/{id}/trigger/pipeline`, a form with `token`, `ref` and `variables[KEY]`, answered 201. A repeat
 * runs the pipeline again. Asked every 10 seconds for two hours, when there is a token for it. A `$` of a variable is doubled, or GitLab
 * would put the value of another variable in its place. One that waits for a person (`manual`) goes on being asked.
 *
 * Source: GitLab's documentation, trigger pipelines with the API, and the pipelines API.
 */
export function gitlabPipeline(
  options: GitlabPipelineOptions & { readonly accessToken: string },
): LocatedTarget & PollableTarget
export function gitlabPipeline(options: GitlabPipelineOptions): LocatedTarget
export function gitlabPipeline(options: GitlabPipelineOptions): LocatedTarget {
  checkTargetOptions('gitlabPipeline', options, shape, { token: 'required', accessToken: 'optional' })
  const { project, token, ref, variables = releaseVariables, accessToken } = options
  const { apiUrl = 'https://gitlab.com/api/v4' } = options
  return defineTarget({
    name: 'gitlab-pipeline',
    url: apiUrlOf(apiUrl, ['projects', String(project)], 'gitlabPipeline.project'),
    secrets: { token, ...(accessToken === undefined ? undefined : { accessToken }) },
    repeat: 'side-effect',
    requests: [
      {
        path: ['trigger', 'pipeline'],
        body: (context) => ({
          form: { token, ref: made(ref, context), ...asFields(made(variables, context)) },
        }),
        accepts: [201],
        meanings: { 400: 'final', 401: 'final', 403: 'final', 404: 'final' },
        id: '/id',
        url: '/web_url',
        status: '/status',
        error: ['/message/base/0', '/message', '/error'],
      },
    ],
    poll: accessToken === undefined ? undefined : pollWith(accessToken),
  })
}

const shape = {
  project: z.union([aName, wholeNumber(1)], {
    error: 'the number or the path of a project, such as acme/web',
  }),
  ref: madeOf(aName, 'a branch or a tag'),
  variables: madeTexts,
  apiUrl: anApiUrl,
}

function asFields(variables: Fields): Fields {
  const given = Object.entries(variables).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return Object.fromEntries(
    given.map(([name, value]) => [`variables[${name}]`, value.replaceAll('$', '$$$$')]),
  )
}

function pollWith(accessToken: string): TargetPoll {
  return {
    path: ({ remote }) => ['pipelines', remote.id ?? ''],
    headers: { 'private-token': accessToken },
    status: '/status',
    statuses: {
      created: 'queued',
      waiting_for_resource: 'queued',
      waiting_for_callback: 'queued',
      preparing: 'queued',
      pending: 'queued',
      scheduled: 'queued',
      manual: 'queued',
      running: 'running',
      canceling: 'running',
      success: 'succeeded',
      failed: 'failed',
      canceled: 'canceled',
      skipped: 'skipped',
    },
    url: '/web_url',
    error: '/yaml_errors',
    everyMs: 10_000,
    untilMs: 2 * 3600_000,
  }
}
