import { DatabaseSync } from 'node:sqlite'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { createScratchFolder } from '../../shared/scratch-folder.ts'
import type { Report } from '../../shared/report.ts'
import { makeOldFile } from './old-file.ts'
import { goOn, type Tables, type Trial } from './trial.ts'

/** Opens a file of the version before, and goes on with it. */
export async function upgradeFile(trial: Trial, say: (progress: string) => void): Promise<Report> {
  const { plan } = trial
  await using folder = await createScratchFolder()
  const path = folder.file('old.db')
  makeOldFile(path, plan)
  say(`A file with ${plan.deliveries} deliveries is made`)
  const openedAt = performance.now()
  await using store = sqliteStore({ path, keep: plan.deliveries * 2 })
  const migrationMs = performance.now() - openedAt
  say(`It is migrated after ${Math.round(migrationMs)} ms`)
  const { figures, violations } = await goOn(store, tablesOf(path, plan.deliveries - plan.waiting), trial)
  return { title: 'a file', figures: { 'migration, ms': migrationMs, ...figures }, violations }
}

function tablesOf(path: string, lastFinal: number): Tables {
  const ask = (text: string): readonly Record<string, unknown>[] => {
    using db = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
    return db.prepare(text).all()
  }
  return {
    async lastMoved() {
      return String(ask(`SELECT hook_id FROM deliveries WHERE seq = ${lastFinal}`)[0]?.['hook_id'])
    },
    async waiting() {
      const [row] =
        ask(`SELECT count(*) AS count FROM deliveries WHERE state = 'waiting' AND leased_until IS NULL
        UNION ALL SELECT count(*) FROM deliveries WHERE leased_until IS NOT NULL ORDER BY 1 DESC`)
      return Number(row?.['count'])
    },
    async counts() {
      const rows = ask(`SELECT hook_id || ' ' || state AS key, count(*) AS count FROM deliveries GROUP BY 1`)
      return new Map(rows.map(({ key, count }) => [String(key), Number(count)]))
    },
  }
}
