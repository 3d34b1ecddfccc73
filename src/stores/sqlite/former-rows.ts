import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Stage } from '../../release.ts'
import type { Memory } from '../ledger/judge.ts'
import { isOfRollout, type RecordedBefore } from '../ledger/ledger.ts'
import { formerDeliveryId, momentOf, rolloutOf, scopeOf, stageOf, type Telling } from '../ledger/telling.ts'
import { deliveryColumns, deliveryOf, releaseOf } from '../rows.ts'
import type { Delivery } from '../store.ts'

interface Hit {
  readonly delivery: Delivery
  /** In the order of recording. */
  readonly release: number
}

const results: readonly Exclude<Stage, 'released'>[] = ['succeeded', 'failed', 'rolled-back']

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
    this.#later = db.prepare('SELECT * FROM releases WHERE seq > ? AND app = ?')
    this.#until = Number(db.prepare('SELECT max(until) AS until FROM former').get()?.['until'] ?? -Infinity)
  }

  has(deliveryId: string): boolean {
    return this.#has.get(deliveryId) !== undefined
  }

  latest(hookId: string, group: string): Delivery | undefined {
    const row = this.#latest.get(hookId, group)
    return row === undefined ? undefined : deliveryOf(row)
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
    if (!this.#isOpen(telling, memory, last.release)) return false
    return stageOf(release) === 'released' || this.#isLastResult(telling, memory, last.release)
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

  /** Nothing else of its scope was recorded since. Reads all releases since, which is done only for what was recorded within a day. */
  #isOpen({ release }: Telling, memory: Memory, since: number): boolean {
    const [scope, rollout] = [scopeOf(release), rolloutOf(release)]
    if (memory.scope !== undefined) return memory.scope.rollout === rollout
    for (const row of this.#later.iterate(since, release.app)) {
      const later = releaseOf(row)
      if (scopeOf(later) === scope && rolloutOf(later) !== rollout) return false
    }
    return true
  }

  #isLastResult(telling: Telling, memory: Memory, since: number): boolean {
    if (memory.rollout?.result !== undefined) return false
    const others = results
      .filter((stage) => stage !== telling.release.stage)
      .map((stage) => this.#last({ ...telling, release: { ...telling.release, stage } }))
    return others.every((other) => other === undefined || other.release < since)
  }
}
