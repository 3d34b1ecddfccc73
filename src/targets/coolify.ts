import { flag } from '../option-shapes.ts'
import { textAt } from './pointer.ts'
import type { AnswerMeaning, PollableTarget, TargetAnswer } from './shape.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions } from './target-options.ts'

export interface CoolifyOptions {
  /** An API token with the permission `deploy`, and `read` for `waitFor: 'finished'`. */
  readonly token: string
  /** Builds without the cache, also when the same commit is being deployed. @default what the URL says */
  readonly force?: boolean | undefined
}

/**
 * The deploy webhook of Coolify, `/api/v1/deploy?uuid=` or `?tag=`: a POST with a bearer token, answered 200 with one item for each
 * resource, also for those that are not deployed. When none is, the request was refused; when some are, the delivery is dead as `failed`,
 * and is not repeated. With `waitFor: 'finished'` the first deployment is asked for every 5 seconds, for an hour; services and databases
 * have none. A repeat deploys again. After its source (4.3).
 */
export function coolify(options: CoolifyOptions): PollableTarget {
  checkTargetOptions('coolify', options, shape, { token: 'required' })
  const { token, force } = options
  return defineTarget({
    name: 'coolify',
    secrets: { token },
    repeat: 'side-effect',
    requests: [
      {
        query: { force: force === undefined ? undefined : String(force) },
        headers: ({ secrets }) => ({ authorization: `Bearer ${secrets.token}` }),
        accepts: [200],
        isAccepted: meaningOf,
        meanings: { 400: 'final', 401: 'final', 403: 'final', 404: 'final', 405: 'final' },
        id: ['/deployments/0/deployment_uuid', '/details/0/deployment_uuid'],
        error: errorIn,
      },
    ],
    poll: {
      base: 'origin',
      path: ({ remote }) => ['api', 'v1', 'deployments', remote.id ?? ''],
      headers: ({ secrets }) => ({ authorization: `Bearer ${secrets.token}` }),
      status: '/status',
      statuses: {
        queued: 'queued',
        in_progress: 'running',
        finished: 'succeeded',
        failed: 'failed',
        'cancelled-by-user': 'canceled',
      },
      error: '/message',
      everyMs: 5000,
      untilMs: 60 * 60_000,
    },
  })
}

const shape = { force: flag.optional() }

const refusal =
  /^(?:Unauthorized to |No resources found|Pull request \d+ not found|Resource \(|docker_tag |Deployment already queued)/u

function meaningOf(answer: TargetAnswer): AnswerMeaning {
  const items = itemsIn(answer)
  if (items.length === 0) return 'final' // no answer of Coolify's
  const refused = items.filter(({ isRefused }) => isRefused)
  if (refused.length === 0) return 'accepted'
  return refused.length === items.length ? 'refused' : 'failed'
}

function errorIn(answer: TargetAnswer): string | undefined {
  const refused = itemsIn(answer).filter(({ isRefused }) => isRefused)
  return refused.length === 0
    ? textAt(answer.json, '/message')
    : refused.map(({ message }) => message).join(' ')
}

interface Item {
  readonly message: string
  readonly isRefused: boolean
}

/** What is said of each resource: in `deployments` by uuid, in `message` by tag. */
function itemsIn({ json }: TargetAnswer): readonly Item[] {
  const { deployments, message } = (json ?? {}) as Readonly<Record<string, unknown>>
  if (Array.isArray(deployments)) {
    return deployments.map((item) => {
      const said = textAt(item, '/message') ?? ''
      // Services and databases have no deployment: `Service blog started. …`
      const isStarted = textAt(item, '/deployment_uuid') !== undefined || / started\./u.test(said)
      return { message: said, isRefused: !isStarted || refusal.test(said) }
    })
  }
  if (!Array.isArray(message)) return []
  return message.map((said) => ({ message: String(said), isRefused: refusal.test(String(said)) }))
}
