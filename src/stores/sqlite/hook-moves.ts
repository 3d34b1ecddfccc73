import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Moved, MoveOptions } from '../store.ts'

/** The cursor while what waits is moved, which an index finds; then it is the row that was looked at last. */
const waiting = 'waiting'

/** Gives to new ids of hooks what is there under former ones. Runs in a transaction of the engine's. */
export class HookMoves {
  readonly #due: StatementSync
  readonly #leaseEnded: StatementSync
  readonly #page: StatementSync
  readonly #move: StatementSync
  readonly #state: StatementSync
  readonly #dropState: StatementSync

  constructor(db: DatabaseSync) {
    this.#due = db.prepare(`SELECT seq FROM deliveries
      WHERE state = 'waiting' AND leased_until IS NULL AND hook_id = ? ORDER BY due_at LIMIT ?`)
    this.#leaseEnded = db.prepare(`SELECT seq FROM deliveries
      WHERE leased_until IS NOT NULL AND hook_id = ? AND leased_until <= ? ORDER BY leased_until LIMIT ?`)
    this.#page = db.prepare(`SELECT seq, hook_id, leased_until FROM deliveries NOT INDEXED
      WHERE seq > ? ORDER BY seq LIMIT ?`)
    this.#move = db.prepare('UPDATE deliveries SET hook_id = ? WHERE seq = ?')
    this.#state = db.prepare(`INSERT INTO hooks (id, enabled, since, reason, url, memory)
      SELECT ?1, enabled, since, reason, url, memory FROM hooks WHERE id = ?2
      ON CONFLICT (id) DO UPDATE SET enabled = excluded.enabled, since = excluded.since, reason = excluded.reason,
        url = excluded.url, memory = excluded.memory
        WHERE hooks.since < excluded.since`)
    this.#dropState = db.prepare('DELETE FROM hooks WHERE id = ?')
  }

  step(ids: ReadonlyMap<string, string>, { limit, now, cursor }: MoveOptions): Moved {
    if (cursor === undefined) this.#moveStates(ids)
    if (cursor !== undefined && cursor !== waiting) return this.#movePage(ids, limit, now, Number(cursor))
    const moved = this.#moveWaiting(ids, limit, now)
    return { moved, next: moved < limit ? '0' : waiting }
  }

  #moveStates(ids: ReadonlyMap<string, string>): void {
    for (const [from, to] of ids) {
      this.#state.run(to, from)
      this.#dropState.run(from)
    }
  }

  #moveWaiting(ids: ReadonlyMap<string, string>, limit: number, now: number): number {
    let moved = 0
    for (const [from, to] of ids) {
      const due = this.#due.all(from, limit - moved)
      const ended = this.#leaseEnded.all(from, now, limit - moved - due.length)
      for (const { seq = null } of [...due, ...ended]) this.#move.run(to, seq)
      moved += due.length + ended.length
    }
    return moved
  }

  #movePage(ids: ReadonlyMap<string, string>, limit: number, now: number, after: number): Moved {
    const looked = this.#page.all(after, limit)
    let moved = 0
    for (const { seq = null, hook_id: hookId, leased_until: leasedUntil } of looked) {
      const to = ids.get(String(hookId))
      if (to === undefined || Number(leasedUntil) > now) continue
      this.#move.run(to, seq)
      moved += 1
    }
    const next = looked.length < limit ? undefined : looked.at(-1)?.['seq']
    return next === undefined ? { moved } : { moved, next: String(next) }
  }
}
