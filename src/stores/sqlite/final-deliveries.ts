import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Delivery } from '../../delivery.ts'

/** Those that are forgotten at once when there are more than to keep. */
const forgetAtOnce = 128

/** Forgets what is final, with its attempts, and its release with the last of its deliveries. Runs in a transaction of the engine's. */
export class FinalDeliveries {
  readonly #keep: number
  readonly #counts: StatementSync
  readonly #firstSettled: StatementSync
  readonly #settledBefore: StatementSync
  readonly #dropAttempts: StatementSync
  readonly #dropDelivery: StatementSync
  readonly #dropUnusedRelease: StatementSync
  /** How many there are by state; counted when first needed, and anew after what may have changed them otherwise. */
  #known: Map<string, number> | undefined

  /** @param keep how many of each state */
  constructor(db: DatabaseSync, keep: number) {
    this.#keep = keep
    this.#counts = db.prepare(
      'SELECT state, count(*) AS count FROM deliveries WHERE settled_at IS NOT NULL GROUP BY state',
    )
    this.#firstSettled = db.prepare(
      'SELECT seq FROM deliveries WHERE settled_at IS NOT NULL AND state = ? ORDER BY settled_at, seq LIMIT ?',
    )
    this.#settledBefore = db.prepare(
      `SELECT seq FROM deliveries WHERE settled_at IS NOT NULL AND state IN ('delivered', 'dead')
        AND settled_at < ? LIMIT ?`,
    )
    this.#dropAttempts = db.prepare('DELETE FROM attempts WHERE delivery_seq = ?')
    this.#dropDelivery = db.prepare('DELETE FROM deliveries WHERE seq = ? RETURNING release_seq')
    this.#dropUnusedRelease = db.prepare(
      `DELETE FROM releases
        WHERE seq = ?1 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE release_seq = ?1)`,
    )
  }

  /** One more, which was written. Forgets the oldest when there are too many, some at a time: the file stays bounded, and no commit takes long. */
  add(state: Delivery['state']): void {
    const more = this.#known === undefined ? 0 : 1 // when they are counted now, the settled one is among them
    this.#known ??= new Map(this.#counts.all().map((row) => [String(row['state']), Number(row['count'])]))
    const count = (this.#known.get(state) ?? 0) + more
    const isTooMany = count >= this.#keep + forgetAtOnce
    this.#known.set(state, isTooMany ? count - forgetAtOnce : count)
    if (!isTooMany) return
    for (const { seq } of this.#firstSettled.all(state, forgetAtOnce)) this.#forget(Number(seq))
  }

  /** @returns how many, `limit` at most */
  prune(olderThan: number, limit: number): number {
    const seqs = this.#settledBefore.all(olderThan, limit).map(({ seq }) => Number(seq))
    for (const seq of seqs) this.#forget(seq)
    this.countAnew()
    return seqs.length
  }

  /** What is known of their number may not hold: a transaction was rolled back. */
  countAnew(): void {
    this.#known = undefined
  }

  #forget(delivery: number): void {
    this.#dropAttempts.run(delivery)
    const release = this.#dropDelivery.get(delivery)?.['release_seq']
    if (release !== undefined) this.#dropUnusedRelease.run(release)
  }
}
