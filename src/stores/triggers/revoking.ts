import { ask, one, type Steps } from './steps.ts'
import { lockLane } from './taking.ts'

export function* revoke(id: string, now: number, drop: boolean): Steps<boolean> {
  const row = yield* one(
    'UPDATE {triggers} SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1 RETURNING app',
    id,
    now,
  )
  if (row === undefined) return false
  if (drop) yield* dropWaiting(id, String(row['app']), now)
  return true
}

/**
 * Cancels what waits. Nothing new can come: whoever takes a call locks the trigger first. Triggers of one lane share what waits: what a call of
 * another one is waiting for stays, and with the lanes locked there comes no such call meanwhile.
 */
function* dropWaiting(id: string, app: string, now: number): Steps<void> {
  const isWaiting = `trigger_id = $1 AND status = 'waiting' AND finished_at IS NULL`
  const lanes = yield* ask(
    `SELECT DISTINCT lane FROM {trigger_deployments} WHERE ${isWaiting} ORDER BY lane`,
    id,
  )
  for (const { lane } of lanes) yield* lockLane(String(lane))
  yield* ask(
    `UPDATE {trigger_deployments} SET status = 'canceled', finished_at = $2 WHERE ${isWaiting} AND id NOT IN (
      SELECT c.deployment_id FROM {triggers} t JOIN {trigger_calls} c ON c.trigger_id = t.id
      WHERE t.app = $3 AND t.id <> $1 AND c.deployment_id IS NOT NULL)`,
    id,
    now,
    app,
  )
}
