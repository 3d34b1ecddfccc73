import type { Answer } from '../http/answer.ts'
import type { TriggerRefusal } from '../refusal.ts'
import { plainStatuses, type Dialect, type Told } from './dialect.ts'

/** The library's own: 202 and where to ask, errors as problem+json (RFC 9457). */
export const native: Dialect = {
  method: 'POST',
  readsEvents: true,
  countsMerged: false,
  read: (given, params) => params(given),
  taken: (told) => ({
    status: told.outcome === 'started' ? 202 : 200,
    headers: {
      location: told.statusPath,
      ...(told.outcome === 'repeated' ? { 'idempotency-replayed': 'true' } : undefined),
    },
    json: {
      deployment: shown(told),
      call: told.callId,
      ...(told.outcome === 'merged' ? { merged: true } : undefined),
      ...(told.outcome === 'skipped' ? { skipped: true } : undefined),
    },
  }),
  status: (told) => ({ status: 200, json: { deployment: shown(told) } }),
  refused: problem,
}

function shown({ deployment }: Pick<Told, 'deployment'>): Readonly<Record<string, unknown>> {
  const { id, status, url, externalId, error, createdAt, finishedAt } = deployment
  return {
    id,
    status: plainStatuses[status],
    url,
    externalId,
    error,
    createdAt: new Date(createdAt).toISOString(),
    finishedAt: finishedAt === undefined ? undefined : new Date(finishedAt).toISOString(),
  }
}

/** RFC 9457, with the code, and what else helps. */
export function problem({ status, code, message, details }: TriggerRefusal): Answer {
  const { problems, allowed, deploymentId } = details
  return {
    status,
    headers: { 'content-type': 'application/problem+json' },
    json: { type: 'about:blank', title: message, status, code, problems, allowed, deploymentId },
  }
}
