import { readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import {
  appOf,
  formerDeliveryId,
  formerHookId,
  hookIn,
  stateOf,
  versionOf,
  type UpgradePlan,
} from './plan.ts'

/** Makes a file of the version before. */
export function makeOldFile(path: string, plan: UpgradePlan): void {
  writeFileSync(path, '', { mode: 0o600 })
  using db = new DatabaseSync(path)
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; ${schema()}`)
  db.exec('PRAGMA application_id = 0x64686b31; PRAGMA user_version = 2; BEGIN')
  const release = db.prepare(`INSERT INTO releases VALUES (?, ?, ?, 'gabrtv', NULL, 'old', NULL)`)
  const delivery =
    db.prepare(`INSERT INTO deliveries (seq, id, hook_id, release_seq, state, attempts, recorded_at, due_at,
    settled_at, reason, verdict) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const hookIds = Array.from({ length: plan.hooks }, (_, hook) => formerHookId(plan, hook))
  for (let number = 0; number < plan.deliveries; number += 1) {
    release.run(number + 1, appOf(plan, number), versionOf(plan, number))
    delivery.run(
      number + 1,
      formerDeliveryId(plan, number),
      hookIds[hookIn(plan, number)] ?? '',
      number + 1,
      ...valuesOf(plan, number),
    )
  }
  db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)')
}

/** State, attempts, recorded_at, due_at, settled_at, reason, verdict. */
function valuesOf(plan: UpgradePlan, number: number): readonly SQLInputValue[] {
  const at = Math.floor(plan.from + number * plan.everyMs)
  if (number >= plan.deliveries - plan.waiting) return ['waiting', 0, at, at, null, null, null]
  const state = stateOf(number)
  return state === 'dead'
    ? [state, 1, at, null, at + 50, 'status-410', 'gone']
    : [state, 1, at, null, at + 50, 'status-200', null]
}

function schema(): string {
  const path = new URL('../../../test/upgrade/sqlite-version-two.sql', import.meta.url)
  return readFileSync(path, 'utf8').split('INSERT INTO', 1)[0] ?? ''
}
