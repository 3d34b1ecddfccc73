import { hookNameOf, lastNames } from '../hook-names.ts'
import type { HookName } from '../store.ts'
import type { Database } from './database.ts'
import { quoted } from './schema.ts'
import { rowsOf } from './statements.ts'
import { keptJson } from './text.ts'

/** Which hooks ids mean. */
export class HookNames {
  readonly #database: Pick<Database, 'query' | 'repeat'>
  readonly #sql: Readonly<Record<'add' | 'all' | 'some', string>>

  constructor(database: Pick<Database, 'query' | 'repeat'>, schema: string) {
    this.#database = database
    this.#sql = statementsFor(`${quoted(schema)}.hook_names`)
  }

  async add(names: readonly HookName[]): Promise<void> {
    if (names.length === 0) return
    const rows = Array.from(lastNames(names).values(), ({ hookId, shown, target, since }) => ({
      id: hookId,
      shown,
      target,
      since,
    }))
    const given = keptJson(rows)
    await this.#database.repeat(() => this.#database.query(this.#sql.add, [given]))
  }

  async of(ids?: readonly string[]): Promise<readonly HookName[]> {
    const { all, some } = this.#sql
    const asked = ids && keptJson(ids.map((id) => ({ id })))
    const rows = await this.#database.repeat(() =>
      asked === undefined ? this.#database.query(all) : this.#database.query(some, [asked]),
    )
    return rows.map(hookNameOf)
  }
}

function statementsFor(table: string): Readonly<Record<'add' | 'all' | 'some', string>> {
  return {
    // What stands there the same is left out before: a conflict alone locks its row, and that is written. In the order of their ids, as
    // workers name the same hooks when they start together.
    add: `INSERT INTO ${table} AS n (id, shown, target, since)
      SELECT g.id, g.shown, g.target, g.since FROM ${rowsOf('$1', 'g', 'id text, shown text, target text, since bigint')}
      WHERE NOT EXISTS (SELECT FROM ${table} k WHERE k.id = g.id AND k.shown = g.shown AND k.target = g.target)
      ORDER BY g.id COLLATE "C"
      ON CONFLICT (id) DO UPDATE SET shown = excluded.shown, target = excluded.target, since = excluded.since
        WHERE n.shown <> excluded.shown OR n.target <> excluded.target`,
    all: `SELECT * FROM ${table}`,
    some: `SELECT * FROM ${table} WHERE id = ANY (ARRAY(SELECT g.id FROM ${rowsOf('$1', 'g', 'id text')}))`,
  }
}
