import { setTimeout as sleep } from 'node:timers/promises'
import { migrate, postgresStore } from 'deploy-hooks/postgres'
import { Client } from 'pg'
import { startPostgres } from '../../shared/postgres-server.ts'
import type { Report } from '../../shared/report.ts'
import { makeOldSchema } from './old-schema.ts'
import { goOn, type Tables, type Trial } from './trial.ts'

/** Migrates a schema of the version before, while one of its workers records, and goes on with it. */
export async function upgradeSchema(trial: Trial, say: (progress: string) => void): Promise<Report> {
  const { plan } = trial
  await using server = await startPostgres()
  const { connectionString, client } = server
  await makeOldSchema(client, plan)
  say(`A schema with ${plan.deliveries} deliveries is made`)
  const startedAt = performance.now()
  const migrated = migrate({ connectionString })
  const longestMs = await recordUntil(migrated, connectionString)
  const migrationMs = performance.now() - startedAt
  say(
    `It is migrated after ${Math.round(migrationMs)} ms, and held up others for ${Math.round(longestMs)} ms`,
  )
  await using store = postgresStore({ connectionString, keepMs: Infinity })
  const { figures, violations } = await goOn(store, tablesOf(client, plan.deliveries - plan.waiting), trial)
  return {
    title: 'a schema',
    figures: { 'migration, ms': migrationMs, 'longest recording beside it, ms': longestMs, ...figures },
    violations: [
      ...violations,
      ...(longestMs > trial.longestMs
        ? [`The migration held up a recording for ${Math.round(longestMs)} ms`]
        : []),
    ],
  }
}

/** Records and forgets something again and again, as workers of the version before do. @returns the longest time that it took */
async function recordUntil(done: Promise<void>, connectionString: string): Promise<number> {
  let isDone = false
  const ended = done.finally(() => (isDone = true))
  const client = new Client({ connectionString })
  await client.connect()
  let longest = 0
  try {
    while (!isDone) {
      const startedAt = performance.now()
      await client.query(`WITH d AS (
          INSERT INTO deploy_hooks.deliveries (id, hook_id, release_seq, state, attempts, recorded_at, due_at)
          VALUES ('beside', 'beside', 0, 'waiting', 0, 0, 0) RETURNING id
        ) INSERT INTO deploy_hooks.releases (deliveries, app, version, "user", summary) SELECT 1, id, 'v1', 'gabrtv', 'beside' FROM d`)
      await client.query(`DELETE FROM deploy_hooks.deliveries WHERE id = 'beside'`)
      longest = Math.max(longest, performance.now() - startedAt)
      await sleep(5)
    }
    await ended
    return longest
  } finally {
    await client.end()
  }
}

function tablesOf(client: Client, lastFinal: number): Tables {
  const ask = async (text: string): Promise<readonly Record<string, unknown>[]> =>
    (await client.query<Record<string, unknown>>(text)).rows
  return {
    async lastMoved() {
      return String(
        (await ask(`SELECT hook_id FROM deploy_hooks.deliveries WHERE seq = ${lastFinal}`))[0]?.['hook_id'],
      )
    },
    async waiting() {
      const [row] =
        await ask(`SELECT (SELECT count(*) FROM deploy_hooks.deliveries WHERE state = 'waiting' AND leased_until IS NULL)
        + (SELECT count(*) FROM deploy_hooks.deliveries WHERE leased_until IS NOT NULL) AS count`)
      return Number(row?.['count'])
    },
    async counts() {
      const rows = await ask(
        `SELECT hook_id || ' ' || state AS key, count(*) AS count FROM deploy_hooks.deliveries GROUP BY 1`,
      )
      return new Map(rows.map(({ key, count }) => [String(key), Number(count)]))
    },
  }
}
