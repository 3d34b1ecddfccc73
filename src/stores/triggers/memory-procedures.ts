import type { DatabaseSync } from 'node:sqlite'
import { recordsBy } from './procedures.ts'
import type { TriggerRecords } from './records.ts'
import { SqliteProcedures } from './sqlite-procedures.ts'
import { sqliteTypes, triggerStarts, triggerTables } from './tables.ts'

/**
 * Records that end with the process: a SQLite database in memory, which is Node's own. It is loaded when triggers are used, and not by
 * whoever only dispatches.
 */
export function memoryTriggerRecords(): TriggerRecords {
  let opened: { readonly db: DatabaseSync; readonly run: SqliteProcedures } | undefined
  const open = (): NonNullable<typeof opened> => {
    const sqlite = process.getBuiltinModule('node:sqlite')
    const db = new sqlite.DatabaseSync(':memory:')
    for (const made of [triggerTables, triggerStarts]) db.exec(made(sqliteTypes, (table) => table))
    return { db, run: new SqliteProcedures(db) }
  }
  return recordsBy(async (name, args) => {
    opened ??= open()
    const { db, run } = opened
    db.exec('BEGIN')
    try {
      const result = run.run(name, args)
      db.exec('COMMIT')
      return result as never
    } catch (error) {
      db.exec('ROLLBACK')
      throw error
    }
  })
}
