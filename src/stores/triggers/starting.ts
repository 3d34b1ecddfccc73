import { next } from './decide.ts'
import type { DeploymentRecord, DeploymentStatus, StartResult } from './records.ts'
import { deploymentColumns, deploymentOf } from './rows.ts'
import { ask, one, type Steps } from './steps.ts'
import { lockLane, openIn } from './taking.ts'

/** Statuses that end a deployment. */
const final: ReadonlySet<DeploymentStatus> = new Set([
  'succeeded',
  'failed',
  'canceled',
  'skipped',
  'unknown',
])

const isOpen = 'finished_at IS NULL'

export function* deployment(id: string): Steps<DeploymentRecord | undefined> {
  const row = yield* one(`SELECT ${deploymentColumns} WHERE d.id = $1`, id)
  return row === undefined ? undefined : deploymentOf(row)
}

export function* newest(triggerId: string): Steps<DeploymentRecord | undefined> {
  const row = yield* one(
    `SELECT ${deploymentColumns} WHERE d.trigger_id = $1 ORDER BY d.created_at DESC, d.number DESC LIMIT 1`,
    triggerId,
  )
  return row === undefined ? undefined : deploymentOf(row)
}

/** Lanes whose first that is due may start, or was begun by somebody who is gone: the longest due first. */
export function* dueLanes(now: number, limit: number, runsAtMostMs: number): Steps<readonly string[]> {
  const waiting = yield* ask(
    `SELECT d.lane FROM {trigger_deployments} d WHERE d.status = 'waiting' AND d.${isOpen} AND d.due_at <= $1
      AND NOT EXISTS (SELECT 1 FROM {trigger_deployments} r WHERE r.lane = d.lane AND r.${isOpen} AND (
        r.status = 'starting' OR (r.status = 'running' AND r.started_at > $2 AND d.overlap <> 'cancel')))
      AND NOT EXISTS (SELECT 1 FROM {trigger_deployments} b WHERE b.lane = d.lane AND b.${isOpen} AND b.number < d.number
        AND b.status = 'waiting' AND b.due_at <= $1)
      ORDER BY d.due_at LIMIT $3`,
    now,
    now - runsAtMostMs,
    limit,
  )
  const left = yield* ask(
    `SELECT lane FROM {trigger_deployments} WHERE status = 'starting' AND ${isOpen} AND leased_until <= $1 LIMIT $2`,
    now,
    limit,
  )
  return [...new Set([...left, ...waiting].map(({ lane }) => String(lane)))].slice(0, limit)
}

/** The next time at which a clock alone makes something start. */
export function* nextDueAt(now: number): Steps<number | undefined> {
  const due = yield* one(
    `SELECT due_at AS at FROM {trigger_deployments} WHERE status = 'waiting' AND ${isOpen} AND due_at > $1 ORDER BY due_at LIMIT 1`,
    now,
  )
  const left = yield* one(
    `SELECT leased_until AS at FROM {trigger_deployments} WHERE status = 'starting' AND ${isOpen} ORDER BY leased_until LIMIT 1`,
  )
  const times = [due, left].flatMap((row) => (row === undefined ? [] : [Number(row['at'])]))
  return times.length === 0 ? undefined : Math.min(...times)
}

export function* start(
  lane: string,
  now: number,
  until: number,
  runsAtMostMs: number,
): Steps<
  { readonly deployment: DeploymentRecord; readonly cancels: readonly DeploymentRecord[] } | undefined
> {
  yield* lockLane(lane)
  const found = next(yield* openIn(lane, now - runsAtMostMs, now), now)
  if (found === undefined) return undefined
  for (const { id } of found.takes)
    yield* ask(
      `UPDATE {trigger_deployments} SET status = 'canceled', finished_at = $2, replaced_by = $3 WHERE id = $1`,
      id,
      now,
      found.start.id,
    )
  yield* ask(
    `UPDATE {trigger_deployments} SET status = 'starting', attempt = attempt + 1, leased_until = $2 WHERE id = $1`,
    found.start.id,
    until,
  )
  const begun = yield* deployment(found.start.id)
  // Whoever began it before may not have told the platform.
  const replaced = yield* ask(
    `SELECT ${deploymentColumns} WHERE d.replaced_by = $1 ORDER BY d.number`,
    found.start.id,
  )
  return begun === undefined ? undefined : { deployment: begun, cancels: replaced.map(deploymentOf) }
}

/** One that ended before it was told that it began has ended; what else was told of it is new. */
export function* started(id: string, attempt: number, result: StartResult, now: number): Steps<boolean> {
  const known = yield* deployment(id)
  if (known?.attempt !== attempt || known.status === 'waiting') return false
  const { externalId = null, url = null, branch } = result
  const isBegun = known.status === 'starting'
  const status = isBegun ? result.status : known.status
  const facts = branch === undefined ? known.facts : { ...known.facts, branch }
  const row = yield* one(
    `UPDATE {trigger_deployments} SET status = $3, started_at = $4, finished_at = $5, external_id = coalesce($6, external_id),
      url = coalesce(url, $7), facts = $8 WHERE id = $1 AND attempt = $2 AND status = $9 RETURNING id`,
    id,
    attempt,
    status,
    known.startedAt ?? now,
    isBegun ? (final.has(status) ? now : null) : (known.finishedAt ?? null),
    externalId,
    url,
    JSON.stringify(facts),
    known.status,
  )
  return row !== undefined
}

export function* notStarted(
  id: string,
  attempt: number,
  error: string,
  againAt: number | null,
  now: number,
  failures: number,
): Steps<boolean> {
  const isOver = againAt === null
  const row = yield* one(
    `UPDATE {trigger_deployments} SET status = $3, error = $4, due_at = coalesce($5, due_at), finished_at = $6, failures = $7
      WHERE id = $1 AND attempt = $2 AND status = 'starting' RETURNING id`,
    id,
    attempt,
    isOver ? 'failed' : 'waiting',
    error,
    againAt,
    isOver ? now : null,
    failures,
  )
  return row !== undefined
}

interface End {
  readonly url?: string | undefined
  readonly error?: string | undefined
  readonly now: number
}

export function* finish(id: string, status: DeploymentStatus, end: End): Steps<DeploymentRecord | undefined> {
  const known = yield* deploymentBy(id)
  return known === undefined ? undefined : yield* finishOne(known.id, status, end)
}

export function* deploymentBy(id: string): Steps<DeploymentRecord | undefined> {
  const own = yield* deployment(id)
  if (own !== undefined) return own
  const row = yield* one(byExternalId, id)
  return row === undefined ? undefined : yield* deployment(String(row['id']))
}

const byExternalId =
  'SELECT id FROM {trigger_deployments} WHERE external_id = $1 ORDER BY created_at DESC LIMIT 1'

/** An end stands: what is told after it changes nothing. @returns it as it was before */
function* finishOne(id: string, status: DeploymentStatus, end: End): Steps<DeploymentRecord | undefined> {
  const before = yield* deployment(id)
  yield* ask(
    `UPDATE {trigger_deployments} SET status = $2, finished_at = $3, url = coalesce($4, url), error = $5 WHERE id = $1 AND ${isOpen}`,
    id,
    status,
    end.now,
    end.url ?? null,
    end.error ?? null,
  )
  return before
}

/** Deployments that go in one transaction. */
export const prunedAtOnce = 500

/** Calls and keys go by their age, triggers when they have ended and nothing is left of them. */
export function* prune(olderThan: number): Steps<number> {
  const ended = yield* ask(
    'SELECT id, lane FROM {trigger_deployments} WHERE finished_at < $1 LIMIT $2',
    olderThan,
    prunedAtOnce,
  )
  for (const { id } of ended) yield* ask('DELETE FROM {trigger_deployments} WHERE id = $1', String(id))
  for (const lane of new Set(ended.map((row) => String(row['lane'])))) yield* pruneLane(lane)
  if (ended.length === prunedAtOnce) return ended.length
  yield* ask('DELETE FROM {trigger_calls} WHERE at < $1', olderThan)
  yield* ask('DELETE FROM {trigger_keys} WHERE forget_at < $1', olderThan)
  const gone = `SELECT t.id FROM {triggers} t WHERE (t.revoked_at < $1 OR t.expires_at < $1)
    AND NOT EXISTS (SELECT 1 FROM {trigger_deployments} d WHERE d.trigger_id = t.id)`
  for (const table of ['trigger_tokens', 'trigger_calls', 'trigger_keys'])
    yield* ask(`DELETE FROM {${table}} WHERE trigger_id IN (${gone})`, olderThan)
  yield* ask(`DELETE FROM {triggers} WHERE id IN (${gone})`, olderThan)
  return ended.length
}

/** Locked, and then looked at by a statement of its own, so that nothing of it has come in between. */
function* pruneLane(lane: string): Steps<void> {
  yield* lockLane(lane)
  const left = yield* one('SELECT 1 AS one FROM {trigger_deployments} WHERE lane = $1 LIMIT 1', lane)
  if (left === undefined) yield* ask('DELETE FROM {trigger_lanes} WHERE lane = $1', lane)
}
