import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { hookNameOf } from '../hook-names.ts'
import type { Value } from '../rows.ts'
import type { HookName } from '../store.ts'

/** Columns id, shown, target, since. */
type NameValues = readonly Value[]

/** Which hooks ids mean. Writes run in a transaction of the engine's. */
export class HookNames {
  readonly #add: StatementSync
  readonly #all: StatementSync
  readonly #some: StatementSync

  constructor(db: DatabaseSync) {
    this.#add = db.prepare(`INSERT INTO hook_names (id, shown, target, since) VALUES (?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET shown = excluded.shown, target = excluded.target, since = excluded.since
        WHERE hook_names.shown <> excluded.shown OR hook_names.target <> excluded.target`)
    this.#all = db.prepare('SELECT * FROM hook_names')
    this.#some = db.prepare('SELECT * FROM hook_names WHERE id IN (SELECT value FROM json_each(?))')
  }

  /** @param given a {@link NameValues} for each hook as JSON, which crosses to the thread in half the time of an object */
  add(given: string): void {
    for (const values of JSON.parse(given) as readonly NameValues[]) this.#add.run(...values)
  }

  of(ids: readonly string[] | undefined): HookName[] {
    const rows = ids === undefined ? this.#all.all() : this.#some.all(JSON.stringify(ids))
    return rows.map(hookNameOf)
  }
}
