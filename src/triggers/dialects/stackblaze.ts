import { isRefName } from '../facts.ts'
import { TriggerRefusal } from '../refusal.ts'
import { onlyQuery, plainStatuses, type Dialect, type Given, type Told } from './dialect.ts'
import { briefName } from '../brief-name.ts'

const names = ['branch', 'clear_cache']

/**
 * StackBlaze's: `POST /deploy-hooks/{token}?branch=&clear_cache=`, answered 202 with five fields before anything starts, 401 before any work, 429 over
 * ten a minute, where every call counts; `GET /deployments/{id}`, for whoever knows the id.
 */
export const stackblaze: Dialect = {
  method: 'POST',
  countsMerged: true,
  read: factsOf,
  taken: (told) => ({ status: 202, json: shown(told) }),
  status: ({ deployment, trigger }) => ({ status: 200, json: statusOf(deployment, trigger) }),
  refused,
}

function shown({ deployment, trigger, statusUrl }: Told): unknown {
  const { deploymentId, service, status, branch } = statusOf(deployment, trigger)
  return { deploymentId, service, status, branch, dashboardUrl: deployment.url ?? statusUrl }
}

function statusOf(
  { id, app, status, facts, url, error }: Told['deployment'],
  { settings }: Told['trigger'],
): Readonly<Record<string, unknown>> {
  return {
    deploymentId: id,
    service: settings.service ?? app,
    status: plainStatuses[status],
    branch: facts.branch ?? settings.branch ?? 'main',
    ...(url === undefined ? undefined : { dashboardUrl: url }),
    ...(error === undefined ? undefined : { error }),
  }
}

function factsOf({ query, trigger }: Given): ReturnType<Dialect['read']> {
  const [other] = onlyQuery(query, names)
  if (other !== undefined) throw invalid(briefName(other), `Expected ${names.join(' and ')}.`)
  const branch = query.get('branch') ?? trigger.settings.branch ?? 'main'
  const clearCache = query.get('clear_cache')
  if (!isRefName(branch)) throw invalid('branch', 'Expected a branch.')
  if (clearCache !== null && clearCache !== 'true' && clearCache !== 'false')
    throw invalid('clear_cache', 'Expected true or false.')
  return { params: clearCache === null ? {} : { clearCache: clearCache === 'true' }, branch }
}

function refused({ status, code, message, details }: TriggerRefusal): ReturnType<Dialect['refused']> {
  const isUnknown = code === 'trigger_unknown'
  return {
    status: isUnknown ? 401 : status,
    ...(isUnknown ? { headers: { 'www-authenticate': 'Bearer' } } : undefined),
    json: { error: isUnknown ? 'Unauthorized' : message, code, problems: details.problems },
  }
}

function invalid(path: string, message: string): TriggerRefusal {
  return new TriggerRefusal('params_invalid', { problems: [{ path, message }] })
}
