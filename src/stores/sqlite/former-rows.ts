import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Memory } from '../ledger/judge.ts'
import { isOfRollout, type RecordedBefore } from '../ledger/ledger.ts'
import {
  formerDeliveryId,
  momentOf,
  scopeOf,
  stageOf,
  type HookToTell,
  type Telling,
} from '../ledger/telling.ts'
import { deliveryColumns, deliveryOf, releaseOf, type Row } from '../rows.ts'
import type { Delivery } from '../../delivery.ts'

interface Hit {
  readonly delivery: Delivery
  /** In the order of recording. */
  readonly release: number
}

/** Releases that a version without a ledger recorded, by the index of these; what was replayed counts for nothing. */
export const laterOfScope = `SELECT r.* FROM releases r
  WHERE r.told IS NULL AND r.app = ? AND r.facts ->> '$.environment' IS ? AND r.seq > ?
    AND EXISTS (SELECT 1 FROM deliveries d WHERE d.release_seq = r.seq AND d.replay_of IS NULL)`

/** The deliveries beside the ledger. Those of a version that had none count as told for as long as a rollout is open. */
export class FormerRows implements RecordedBefore {
  readonly #has: StatementSync
  readonly #delivery: StatementSync
  readonly #latest: StatementSync
  readonly #later: StatementSync
  readonly #until: number

  constructor(db: DatabaseSync) {
    this.#has = db.prepare('SELECT 1 FROM deliveries WHERE id = ?')
    this.#delivery = db.prepare(
      `SELECT ${deliveryColumns}, r.seq AS release FROM deliveries d JOIN releases r ON r.seq = d.release_seq WHERE d.id = ?`,
    )
    this.#latest = db.prepare(
      `SELECT ${deliveryColumns} FROM deliveries d JOIN releases r ON r.seq = d.release_seq WHERE d.hook_id = ? AND d.grouping = ? ORDER BY d.seq DESC LIMIT 1`,
    )
    this.#later = db.prepare(laterOfScope)
    this.#until = Number(db.prepare('SELECT max(until) AS until FROM former').get()?.['until'] ?? -Infinity)
  }

  has(deliveryId: string): boolean {
    return this.#has.get(deliveryId) !== undefined
  }

  /** Also of what is not moved to the hook's new id yet. */
  latest({ hookId, formerId, group = '' }: HookToTell): Delivery | undefined {
    const row = this.#latest.get(hookId, group)
    const former = formerId === undefined ? undefined : this.#latest.get(formerId, group)
    const last = Number(former?.['seq'] ?? 0) > Number(row?.['seq'] ?? 0) ? former : row
    return last === undefined ? undefined : deliveryOf(last)
  }

  counts(telling: Telling, memory: Memory): boolean {
    const { release, recordedAt, idempotencyKey, closesAfterMs } = telling
    if (recordedAt >= this.#until || memory.rollout?.stages.includes(stageOf(release)) === true) return false
    const last = this.#last(telling)
    if (last === undefined) return false
    const told = last.delivery.release
    if (idempotencyKey !== undefined) return scopeOf(told) === scopeOf(release)
    if (!isOfRollout(release, told) || recordedAt - last.delivery.recordedAt >= closesAfterMs) return false
    if (release.at !== undefined && momentOf(release) === momentOf(told)) return true
    return this.#stands(telling, memory, last.release)
  }

  /** What was recorded last of this release, for any of the hooks. */
  #last(telling: Telling): Hit | undefined {
    let last: Hit | undefined
    for (const hook of telling.hooks) {
      const row = this.#delivery.get(formerDeliveryId(telling, hook))
      if (row === undefined || Number(row['release']) < (last?.release ?? 0)) continue
      last = { delivery: deliveryOf(row), release: Number(row['release']) }
    }
    return last
  }

  /** Nothing has closed its rollout since, and it is still the last result of that if it is one. */
  #stands({ release }: Telling, { scope, isLast, rollout }: Memory, since: number): boolean {
    const isResult = stageOf(release) !== 'released'
    if (scope !== undefined && !isLast) return false
    if (isResult && rollout?.result !== undefined) return false
    const rows: Iterable<Row> = this.#later.iterate(release.app, release.environment ?? null, since)
    for (const row of rows) {
      const later = releaseOf(row)
      if (!isOfRollout(release, later)) return false
      if (isResult && ![stageOf(release), 'released'].includes(stageOf(later))) return false
    }
    return true
  }
}
