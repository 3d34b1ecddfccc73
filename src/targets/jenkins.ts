import * as z from 'zod'
import { apiUrlOf } from './api-url.ts'
import { releaseVariables } from './release-variables.ts'
import { made } from './made.ts'
import type { AnswerMeaning, Fields, LocatedTarget, Made, TargetAnswer } from './shape.ts'
import { defineTarget } from './target.ts'
import { aName, checkTargetOptions, madeObject, madeTexts } from './target-options.ts'

export interface JenkinsTriggerOptions {
  /** Of the controller. @example 'https://ci.example.com/jenkins' */
  readonly apiUrl: string
  /** The token of the jobs that are to start. */
  readonly token: string
  /** What the jobs' variables are taken from. @default `{ release, deliveryId }` */
  readonly payload?: Made<object> | undefined
}

export interface JenkinsJobOptions {
  /** Of the controller. @example 'https://ci.example.com/jenkins' */
  readonly apiUrl: string
  /** With its folders. @example 'deploys/web' */
  readonly job: string
  /** Whose API token it is. */
  readonly user: string
  readonly apiToken: string
  /** Jenkins drops those that the job does not declare. @default `RELEASE_APP`, `RELEASE_VERSION` and so on */
  readonly parameters?: Made<Fields> | undefined
}

/**
 * Jobs of Jenkins, in one of two ways. A repeat is another build. Builds cannot be asked how they went: Jenkins names an item of its
 * queue, and that only later a build.
 *
 * - `{ token }`: the jobs of the Generic Webhook Trigger plugin that have this token, `POST /generic-webhook-trigger/invoke` with JSON and
 *   the token in a header, where no access log has it. 200 says which jobs it started; 404 that none has the token. 500 is not
 *   repeated: other jobs may have started.
 * - `{ job, user, apiToken }`: one parameterized job, `POST /job/{folder}/job/{name}/buildWithParameters`, a form, answered 201.
 *
 * Source: the plugin's README and code, Jenkins' remote access API.
 *
 * @throws {@link ConfigurationError} `option_invalid`, `secret_invalid`, `hook_url_*`
 */
export function jenkins(options: JenkinsTriggerOptions | JenkinsJobOptions): LocatedTarget {
  const isOfJob = typeof options === 'object' && options !== null && ofJobs.some((name) => name in options)
  if (isOfJob) checkTargetOptions('jenkins', options, jobShape, { apiToken: 'required' })
  else checkTargetOptions('jenkins', options, triggerShape, { token: 'required' }, orJob)
  return isJob(options) ? jobTarget(options) : triggerTarget(options)
}

/** Any of these tells which of the two ways is meant. */
const ofJobs = ['job', 'user', 'apiToken'] as const
const orJob = { parameters: 'it goes with `job`, `user` and `apiToken`' }
const root = z.string({ error: 'the URL of the controller, such as https://ci.example.com/jenkins' }) // apiUrlOf() reads it
const triggerShape = { apiUrl: root, payload: madeObject }
const jobShape = {
  apiUrl: root,
  job: aName,
  user: z.custom<string>((value) => typeof value === 'string' && value !== '' && !value.includes(':'), {
    error: 'a name without a colon (RFC 7617)',
  }),
  parameters: madeTexts,
}

function isJob(options: JenkinsTriggerOptions | JenkinsJobOptions): options is JenkinsJobOptions {
  return (options as Partial<JenkinsJobOptions>).job !== undefined
}

function triggerTarget({ apiUrl, token, payload = defaultPayload }: JenkinsTriggerOptions): LocatedTarget {
  return defineTarget({
    name: 'jenkins',
    url: apiUrlOf(apiUrl, ['generic-webhook-trigger', 'invoke'], 'jenkins.apiUrl'),
    secrets: { token },
    repeat: 'side-effect',
    requests: [
      {
        headers: ({ secrets }) => ({ token: secrets.token }),
        body: (context) => ({ json: made(payload, context) }),
        accepts: [200],
        meanings: { 401: 'final', 403: 'final', 404: 'final', 500: 'final' },
        isAccepted: meaningOf,
        error: '/message',
      },
    ],
  })
}

const defaultPayload: Made<object> = ({ release, deliveryId }) => ({ release, deliveryId })

/**
 * A job whose filter does not match is listed and not triggered. Jobs that are told to be silent answer with nothing. What lists no job may
 * have started one: it is not asked twice.
 */
function meaningOf({ text, json }: TargetAnswer): AnswerMeaning {
  if (text.trim() === '') return 'accepted'
  const { jobs, data } = (json ?? {}) as { jobs?: unknown; data?: { triggerResults?: unknown } }
  const results = Object.values((jobs ?? data?.triggerResults ?? {}) as Readonly<Record<string, unknown>>)
  if (results.length === 0) return 'final'
  const isTriggered = results.some((result) => (result as { triggered?: unknown } | null)?.triggered === true)
  return isTriggered ? 'accepted' : 'refused'
}

function jobTarget(options: JenkinsJobOptions): LocatedTarget {
  const { apiUrl, job, user, apiToken, parameters = releaseVariables } = options
  const names = job.split('/').flatMap((name) => ['job', name])
  return defineTarget({
    name: 'jenkins',
    url: apiUrlOf(apiUrl, [...names, 'buildWithParameters'], 'jenkins.job'),
    secrets: { apiToken, basic: `${user}:${apiToken}` }, // both, since an echo may hold the one in base64
    repeat: 'side-effect',
    requests: [
      {
        headers: ({ secrets }) => ({
          authorization: `Basic ${Buffer.from(secrets.basic).toString('base64')}`,
        }),
        body: (context) => ({ form: made(parameters, context) }),
        accepts: [201],
        // 302 leads to the log-in.
        meanings: { 302: 'final', 400: 'final', 401: 'final', 403: 'final', 404: 'final', 500: 'final' },
      },
    ],
  })
}
