import type { Row } from '../rows.ts'
import { counted, decide, rateOf } from './decide.ts'
import { hasEnded } from './finding.ts'
import type { CallFacts, CallRecord, DeploymentRecord, Rate, Taken, Taking } from './records.ts'
import { callOf, deploymentColumns, deploymentOf, openOf, timesOf, type Open } from './rows.ts'
import { ask, forUpdate, one, type Steps } from './steps.ts'

/** Calls that are kept of a trigger. */
const keptCalls = 1000
const keyMs = 24 * 3600 * 1000
/** How often it is written when a trigger was used. */
const usedMs = 60_000

/** All of a call in one transaction. It locks the trigger first and the lane second, as everything here does. */
export function* take(taking: Taking): Steps<Taken> {
  const { triggerId, digest, call, perMinute } = taking
  const trigger = yield* one(`SELECT * FROM {triggers} WHERE id = $1${forUpdate}`, triggerId)
  const token = yield* one('SELECT * FROM {trigger_tokens} WHERE digest = $1', digest)
  if (trigger === undefined || token?.['trigger_id'] !== triggerId) return { outcome: 'unknown' }
  if (trigger['revoked_at'] !== null || hasEnded(trigger['expires_at'], call.at))
    return { outcome: 'unknown' }
  if (hasEnded(token['expires_at'], call.at)) return { outcome: 'unknown' }
  const recent = timesOf(trigger['recent'])
  const rate = rateOf(recent, call.at, perMinute)
  const before = yield* sameCall(taking, rate)
  if (before !== undefined) return before
  const number = yield* lockLane(taking.lane)
  const open = yield* openIn(taking.lane, call.at - taking.runsAtMostMs, call.at)
  const decision = decide(open, { at: call.at, overlap: taking.overlap, debounce: taking.debounce })
  const counts = decision.kind === 'start' || taking.countsMerged
  if (counts && rate.left === 0) return yield* refused({ outcome: 'rate_limited', rate }, taking)
  if (decision.kind === 'queue_full') return yield* refused({ outcome: 'queue_full', rate }, taking)
  const left = counts ? { ...rate, left: rate.left - 1 } : rate
  if (decision.kind === 'busy') {
    const deployment = yield* deploymentOfRow(decision.because)
    return yield* refused({ outcome: 'busy', deployment, rate: left }, taking)
  }
  let id: string
  let outcome: 'started' | 'merged' | 'skipped'
  if (decision.kind === 'start') {
    yield* insert(taking, number, decision.dueAt)
    ;[id, outcome] = [taking.deploymentId, 'started']
  } else if (decision.kind === 'merge') {
    const into = open.find((each) => each.id === decision.into) as Open
    yield* merge(into, taking, decision.dueAt)
    ;[id, outcome] = [decision.into, 'merged']
  } else [id, outcome] = [decision.because, 'skipped']
  yield* record({ ...call, outcome, deploymentId: id })
  yield* use(trigger, taking, counts ? counted(recent, call.at, perMinute) : recent)
  if (taking.key !== undefined) yield* remember(taking, id)
  return { outcome, deployment: yield* deploymentOfRow(id), rate: left }
}

/** The answer that the same call was given before: by its key, or since this very step is repeated, whose answer was lost. */
function* sameCall({ triggerId, key, call }: Taking, rate: Rate): Steps<Taken | undefined> {
  const known = yield* one(
    'SELECT * FROM {trigger_calls} WHERE id = $1 AND deployment_id IS NOT NULL',
    call.id,
  )
  if (known !== undefined) {
    const outcome = String(known['outcome']) as 'started' | 'merged' | 'skipped'
    return { outcome, deployment: yield* deploymentOfRow(String(known['deployment_id'])), rate }
  }
  if (key === undefined) return undefined
  const row = yield* one(
    'SELECT * FROM {trigger_keys} WHERE trigger_id = $1 AND key = $2',
    triggerId,
    key.key,
  )
  if (row === undefined || Number(row['forget_at']) <= call.at) return undefined
  if (row['fingerprint'] !== key.fingerprint) return { outcome: 'key_reused' }
  const found = yield* one(`SELECT ${deploymentColumns} WHERE d.id = $1`, String(row['deployment_id']))
  if (found === undefined) return undefined // pruned: nothing is left to tell of it
  return { outcome: 'repeated', deployment: deploymentOf(found), rate }
}

function* remember({ triggerId, key, call }: Taking, deploymentId: string): Steps<void> {
  if (key === undefined) return
  yield* ask('DELETE FROM {trigger_keys} WHERE trigger_id = $1 AND forget_at <= $2', triggerId, call.at)
  yield* ask('DELETE FROM {trigger_keys} WHERE trigger_id = $1 AND key = $2', triggerId, key.key)
  yield* ask(
    'INSERT INTO {trigger_keys} VALUES ($1, $2, $3, $4, $5)',
    triggerId,
    key.key,
    key.fingerprint,
    deploymentId,
    call.at + keyMs,
  )
}

/** @returns a number that no deployment of the lane has had */
export function* lockLane(lane: string): Steps<number> {
  const row = yield* one(
    'INSERT INTO {trigger_lanes} VALUES ($1, 1) ON CONFLICT (lane) DO UPDATE SET made = trigger_lanes.made + 1 RETURNING made',
    lane,
  )
  return Number(row?.['made'])
}

/**
 * What has not ended of a locked lane, oldest first; it does not end before the transaction does. What runs since before `since` is heard of no
 * more: it has ended, too.
 */
export function* openIn(lane: string, since: number, now: number): Steps<readonly Open[]> {
  yield* ask(
    `UPDATE {trigger_deployments} SET status = 'unknown', finished_at = $3 WHERE lane = $1 AND status = 'running' AND started_at <= $2 AND finished_at IS NULL`,
    lane,
    since,
    now,
  )
  const rows = yield* ask(
    `SELECT * FROM {trigger_deployments} WHERE lane = $1 AND finished_at IS NULL ORDER BY number${forUpdate}`,
    lane,
  )
  return rows.map(openOf)
}

function* insert(taking: Taking, number: number, dueAt: number): Steps<void> {
  const { deploymentId, lane, triggerId, call, overlap, depth } = taking
  yield* ask(
    'INSERT INTO {trigger_deployments} (id, lane, number, trigger_id, call_id, status, overlap, facts, depth, attempt, failures, created_at, due_at, leased_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, $10, $11, 0)',
    deploymentId,
    lane,
    number,
    triggerId,
    call.id,
    'waiting',
    overlap,
    JSON.stringify(call.facts),
    depth,
    call.at,
    dueAt,
  )
}

/** The newest call tells what is deployed; a parameter that it does not give stays as one before gave it. */
function* merge(into: Open, { call, overlap, depth }: Taking, dueAt: number): Steps<void> {
  const old = JSON.parse(String(into.row['facts'])) as CallFacts
  const facts = { ...call.facts, params: { ...old.params, ...call.facts.params } }
  yield* ask(
    'UPDATE {trigger_deployments} SET call_id = $2, facts = $3, due_at = $4, overlap = $5, depth = $6 WHERE id = $1',
    into.id,
    call.id,
    JSON.stringify(facts),
    dueAt,
    overlap,
    Math.max(depth, Number(into.row['depth'])),
  )
}

function* use(trigger: Row, { call, triggerId }: Taking, recent: readonly number[]): Steps<void> {
  const last = trigger['last_used_at']
  const isDue = last === null || call.at - Number(last) >= usedMs
  const [at, from] = isDue
    ? [call.at, call.address ?? null]
    : [Number(last), trigger['last_used_from'] as string | null]
  const times = JSON.stringify(recent)
  if (!isDue && times === trigger['recent']) return
  yield* ask(
    'UPDATE {triggers} SET recent = $2, last_used_at = $3, last_used_from = $4 WHERE id = $1',
    triggerId,
    times,
    at,
    from,
  )
}

function* refused<Outcome extends Taken>(taken: Outcome, { call }: Taking): Steps<Outcome> {
  yield* record({ ...call, outcome: taken.outcome })
  return taken
}

/** Into the audit, which keeps the last thousand or so of each trigger. */
export function* record(call: CallRecord): Steps<void> {
  const { id, triggerId, at, outcome, deploymentId = null, address = null, userAgent = null, facts } = call
  yield* ask(
    'INSERT INTO {trigger_calls} VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING',
    id,
    triggerId,
    at,
    outcome,
    deploymentId,
    address,
    userAgent,
    facts === undefined ? null : JSON.stringify(facts),
  )
  if (Number.parseInt(id.slice(-2), 16) % 64 !== 0) return
  const [last] = yield* ask(
    'SELECT at FROM {trigger_calls} WHERE trigger_id = $1 ORDER BY at DESC, id DESC LIMIT 1 OFFSET $2',
    triggerId,
    keptCalls,
  )
  if (last === undefined) return
  yield* ask('DELETE FROM {trigger_calls} WHERE trigger_id = $1 AND at <= $2', triggerId, Number(last['at']))
}

export function* call(id: string): Steps<CallRecord | undefined> {
  const row = yield* one('SELECT * FROM {trigger_calls} WHERE id = $1', id)
  return row === undefined ? undefined : callOf(row)
}

/** The newest first. */
export function* calls(triggerId: string, limit: number): Steps<readonly CallRecord[]> {
  const rows = yield* ask(
    'SELECT * FROM {trigger_calls} WHERE trigger_id = $1 ORDER BY at DESC, id DESC LIMIT $2',
    triggerId,
    limit,
  )
  return rows.map(callOf)
}

function* deploymentOfRow(id: string): Steps<DeploymentRecord> {
  return deploymentOf((yield* one(`SELECT ${deploymentColumns} WHERE d.id = $1`, id)) as Row)
}
