import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Rows of a table that a sweep looks at. */
export const sweptAtOnce = 1024

/** Tables that forget, with their keys. */
const keys = { told_scopes: 'scope', told_rollouts: 'rollout', told_keys: 'key' } as const

/** Between two keys, the last one included, and with no newer row in the log. */
const isForgotten = (key: string): string =>
  `${key} > ?1 AND ${key} <= ?2 AND forget_at <= ?3${key === 'key' ? '' : ` AND ${key} NOT IN (SELECT ${key} FROM told_log WHERE ${key} IS NOT NULL)`}`

interface Sweep {
  /** Of the next rows: how many, the last key, and when the first of them is forgotten. */
  readonly next: StatementSync
  readonly drops: readonly StatementSync[]
  after: string
}

/** Drops what is forgotten from the tables of what was told, some rows at a time, round and round. With two rows looked at for each that comes a table stays bounded. */
export class ToldSweeps {
  readonly #sweeps: readonly Sweep[]

  constructor(db: DatabaseSync) {
    this.#sweeps = Object.entries(keys).map(([table, key]) => ({
      next: db.prepare(
        `SELECT count(*) AS rows, max(${key}) AS last, min(forget_at) AS forget_at
          FROM (SELECT ${key}, forget_at FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT ${sweptAtOnce})`,
      ),
      drops: [
        ...(table === 'told_rollouts'
          ? [`told_moments WHERE rollout IN (SELECT rollout FROM told_rollouts WHERE ${isForgotten(key)})`]
          : []),
        `${table} WHERE ${isForgotten(key)}`,
      ].map((rows) => db.prepare(`DELETE FROM ${rows}`)),
      after: '',
    }))
  }

  sweep(now: number): void {
    for (const sweep of this.#sweeps) {
      const { rows, last, forget_at: forgetAt } = sweep.next.get(sweep.after) ?? {}
      if (typeof last === 'string' && Number(forgetAt) <= now)
        for (const drop of sweep.drops) drop.run(sweep.after, last, now)
      sweep.after = rows === sweptAtOnce ? String(last) : ''
    }
  }
}
