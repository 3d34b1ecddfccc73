import { procedures, reads, recordsBy } from '../triggers/procedures.ts'
import type { TriggerRecords } from '../triggers/records.ts'
import { forUpdate, runSoon, type Ask, type Steps } from '../triggers/steps.ts'
import { tableNames } from '../triggers/tables.ts'
import type { Row } from '../rows.ts'
import type { Database } from './database.ts'
import type { Run } from './in-transaction.ts'
import { quoted } from './schema.ts'

/** Records of triggers in the tables of a schema. What a lost connection or a deadlock undid is repeated, without doing it twice. */
export function triggerRecords(
  database: Database,
  schema: string,
  ready: <Result>(work: () => Promise<Result>) => Promise<Result>,
): TriggerRecords {
  const text = textsFor(schema)
  return recordsBy((name, args) =>
    ready(async () => {
      const procedure = procedures[name] as (...given: readonly unknown[]) => Steps<never>
      const by =
        (run: Run) =>
        (ask: Ask): Promise<readonly Row[]> =>
          run(text(ask.sql), ask.values)
      return database.repeat(() =>
        reads.has(name)
          ? runSoon(
              procedure(...args),
              by((sql, values) => database.query(sql, values)),
            )
          : database.transaction((run) => runSoon(procedure(...args), by(run))),
      )
    }),
  )
}

/** Each is made once. */
function textsFor(schema: string): (sql: string) => string {
  const known = new Map<string, string>()
  return (sql) => {
    let text = known.get(sql)
    if (text === undefined) {
      text = sql.replaceAll(forUpdate, ' FOR UPDATE')
      for (const table of tableNames) text = text.replaceAll(`{${table}}`, `${quoted(schema)}.${table}`)
      known.set(sql, text)
    }
    return text
  }
}
