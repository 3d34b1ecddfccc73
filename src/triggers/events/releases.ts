import type { TriggerRequest } from '../http/request.ts'
import { defined, textAt, type Fields, type TriggerEvent } from './event.ts'

/** Of Deis's five. */
const inQuery = ['app', 'release', 'release_summary', 'user'] as const
const inBody = ['app', 'version', 'summary', 'user'] as const

/** A deploy hook's request: another platform, or this one, tells of a release. What a loop is found by is the deployment that it names. */
export function releaseIn(request: TriggerRequest, body: Fields): TriggerEvent | undefined {
  const query = Object.fromEntries(request.query)
  if (inQuery.every((name) => textAt(query, name) !== undefined)) {
    const deploymentId = textAt(query, 'release_deployment')
    return {
      kind: 'start',
      facts: defined({ sha: textAt(query, 'sha'), user: textAt(query, 'user') }),
      deploymentId,
    }
  }
  if (!inBody.every((name) => textAt(body, name) !== undefined)) return undefined
  const facts = defined({ sha: textAt(body, 'sha'), user: textAt(body, 'user') })
  return { kind: 'start', facts, deploymentId: textAt(body, 'deployment') }
}
