import type { DeploymentStatus } from '../../stores/triggers/records.ts'
import { isRefName } from '../facts.ts'
import { TriggerRefusal } from '../refusal.ts'
import { onlyQuery, type Dialect, type Given } from './dialect.ts'
import { briefName } from '../brief-name.ts'

const statuses: Readonly<Record<DeploymentStatus, string>> = {
  waiting: 'PENDING',
  starting: 'PENDING',
  running: 'INPROGRESS',
  succeeded: 'SUCCESS',
  failed: 'DEPLOY_ERROR',
  canceled: 'CANCELLED',
  skipped: 'NO_CHANGE',
  unknown: 'ERROR',
}

const names = ['force', 'branch', 'commit']
const pullRequestNumber = /^\d{1,10}$/u
const commitSha = /^[\da-f]{7,64}$/iu

/**
 * Flightcontrol's: **GET** `/api/deploy-hook/{envId}/{secret}`, and for preview environments `/{previewEnvId}/{secret}/{prNumber}/{commitSHA}`,
 * with `?force=`, and `branch` and `commit`, which its target sends. `success` is the text `"true"`, as its guide has it. Its errors are undocumented:
 * they are ours, with `success` `"false"`.
 */
export const flightcontrol: Dialect = {
  method: 'GET',
  countsMerged: false,
  fits: ({ parts }, { settings }) =>
    parts?.['environmentId'] === String(settings.environmentId) &&
    (parts['pullRequest'] !== undefined) === (settings.preview === true),
  read: factsOf,
  taken: ({ deployment }) => ({ status: 200, json: { success: 'true', deploymentId: deployment.id } }),
  status: ({ deployment: { id, status, url, error } }) => ({
    status: 200,
    json: {
      id,
      status: statuses[status],
      serviceDeployments: url === undefined ? [] : [{ service: { serviceDomain: url } }],
      ...(error === undefined ? undefined : { error }),
    },
  }),
  refused,
}

function factsOf({ query, route, trigger }: Given): ReturnType<Dialect['read']> {
  const [other] = onlyQuery(query, names)
  if (other !== undefined) throw invalid(briefName(other), `Expected ${names.join(', ')}.`)
  const force = query.get('force')
  if (force !== null && force !== 'true' && force !== 'false')
    throw invalid('force', 'Expected true or false.')
  const { pullRequest, commit = query.get('commit') ?? undefined } = route.parts ?? {}
  const branch = query.get('branch') ?? trigger.settings.branch
  if (pullRequest !== undefined && !pullRequestNumber.test(pullRequest))
    throw invalid('prNumber', 'Expected the number of a pull request.')
  if (commit !== undefined && !commitSha.test(commit)) throw invalid('commitSHA', 'Expected a commit.')
  if (branch !== undefined && !isRefName(branch)) throw invalid('branch', 'Expected a branch.')
  return {
    params: force === null ? {} : { force: force === 'true' },
    ...(branch === undefined ? undefined : { branch }),
    ...(pullRequest === undefined ? undefined : { pullRequest }),
    ...(commit === undefined ? undefined : { sha: commit }),
  }
}

function refused({ status, code, message, details }: TriggerRefusal): ReturnType<Dialect['refused']> {
  return { status, json: { success: 'false', error: { code, message, problems: details.problems } } }
}

function invalid(path: string, message: string): TriggerRefusal {
  return new TriggerRefusal('params_invalid', { problems: [{ path, message }] })
}
