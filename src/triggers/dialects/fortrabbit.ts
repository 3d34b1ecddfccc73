import type { DeploymentRecord, DeploymentStatus } from '../../stores/triggers/records.ts'
import { TriggerRefusal } from '../refusal.ts'
import { onlyQuery, type Dialect } from './dialect.ts'
import { briefName } from '../brief-name.ts'

const states: Readonly<Record<DeploymentStatus, string>> = {
  waiting: 'PENDING',
  starting: 'PENDING',
  running: 'RUNNING',
  succeeded: 'SUCCESS',
  failed: 'FAILED',
  canceled: 'CANCELED',
  skipped: 'SUCCESS',
  unknown: 'UNKNOWN',
}

/**
 * fortrabbit's: `POST /v1/deploy-hook/LONGSTRING`, and a GET of the same URL, which the guide writes with two slashes, for the last
 * deployment. Only `PENDING` is documented of its states; the others are those that our own target reads.
 */
export const fortrabbit: Dialect = {
  method: 'POST',
  countsMerged: false,
  read: ({ query }) => {
    const [other] = onlyQuery(query, [])
    if (other === undefined) return { params: {} } // it takes no payload, and no notice of one
    throw new TriggerRefusal('params_invalid', {
      problems: [{ path: briefName(other), message: 'Expected no parameter.' }],
    })
  },
  taken: ({ deployment }) => ({ status: 200, json: shown(deployment) }),
  status: ({ deployment }) => ({ status: 200, json: shown(deployment) }),
  refused,
}

function shown({ id, status, createdAt, error }: DeploymentRecord): unknown {
  return {
    deployment: { id, state: states[status], createdAt, ...(error === undefined ? undefined : { error }) },
  }
}

function refused({ status, code, message, details }: TriggerRefusal): ReturnType<Dialect['refused']> {
  const error = code === 'trigger_unknown' ? 'Environment not found.' : message
  return { status, json: { error, ...(details.problems && { problems: details.problems }) } }
}
