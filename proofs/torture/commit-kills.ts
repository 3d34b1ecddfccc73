/**
 * Kills controllers, and cuts their connections, around the COMMIT of a transaction that inserts a release of their own and tells of it:
 * the delivery must be there if and only if the release is. `npm run proofs -- torture/commit-kills --kills 100 --seed 7` makes a short run.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { migrate } from 'deploy-hooks/postgres'
import { Pool } from 'pg'
import { Chance } from '../../src/testing/store/chance.ts'
import { startPostgres } from '../../test/stores/postgres-server.ts'
import { sendAll } from './commit-kills/last-worker.ts'
import { faults, ownTable, type Ending, type Trial } from './commit-kills/plan.ts'
import { runSlot } from './commit-kills/slot.ts'
import { judge, type Rows } from './commit-kills/verdict.ts'
import { wholeNumber } from '../shared/argument-values.ts'
import { runParts, say } from '../shared/parts.ts'
import type { Report } from '../shared/report.ts'

export interface CommitKillOptions {
  readonly kills: number
  readonly seed: number
  /** Controllers that live at once. */
  readonly slots: number
}

export async function killAroundCommit({ kills, seed, slots }: CommitKillOptions): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'deploy-hooks-commit-'))
  await using server = await startPostgres({ durable: true })
  const { connectionString } = server
  const db = new Pool({ connectionString, max: 2 })
  try {
    await migrate({ connectionString })
    await db.query(`CREATE TABLE ${ownTable} (number int PRIMARY KEY)`)
    const trials = trialsOf(kills, new Chance(seed))
    const told = await Promise.all(
      Array.from({ length: slots }, (_, slot) => {
        const own = trials.filter(({ number }) => number % slots === slot)
        return runSlot(own, { connectionString, endings: join(folder, `endings-${slot}`) })
      }),
    )
    await noTransactionLeft(db)
    const before = await rowsIn(db)
    const received = await sendAll(connectionString, async () => {
      const { waiting, left } = await rowsIn(db)
      return waiting.size + left.size > 0
    })
    const endings = new Map<number, Ending>(told.flatMap((each) => [...each]))
    return judge({ trials, endings, before, after: await rowsIn(db), received })
  } finally {
    await db.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

function trialsOf(count: number, chance: Chance): readonly Trial[] {
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    fault: chance.pick(faults),
    from: chance.percent(15) ? 'insert' : 'commit',
    after: chance.below(1500) / 1000,
    by: chance.percent(20) ? 'function' : 'dispatch',
  }))
}

/** The server ends the transaction of a client that is gone when it notices. */
async function noTransactionLeft(db: Pool): Promise<void> {
  const sql = `SELECT count(*)::int AS open FROM pg_stat_activity WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid()
    AND backend_type = 'client backend'`
  while ((await db.query<{ open: number }>(sql)).rows[0]?.open !== 0) await sleep(50)
}

async function rowsIn(db: Pool): Promise<Rows> {
  const numbers = async (sql: string): Promise<ReadonlySet<number>> =>
    new Set((await db.query<{ number: number }>(sql)).rows.map(({ number }) => number))
  return {
    own: await numbers(`SELECT number FROM ${ownTable}`),
    deliveries: await numbers(`SELECT substr(r.version, 2)::int AS number FROM deploy_hooks.deliveries d
      JOIN deploy_hooks.releases r ON r.seq = d.release_seq`),
    left: await numbers(`SELECT (data -> 'release' ->> 'version')::int AS number FROM deploy_hooks_pgboss.job
      WHERE name = 'releases' AND state = 'created'`),
    waiting: await numbers(`SELECT substr(r.version, 2)::int AS number FROM deploy_hooks.deliveries d
      JOIN deploy_hooks.releases r ON r.seq = d.release_seq WHERE d.state <> 'delivered'`),
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '1000' },
      seed: { type: 'string', default: String(1 + (Date.now() % 1_000_000)) },
      slots: { type: 'string', default: '6' },
    },
  })
  const [kills, seed, slots] = [
    wholeNumber('kills', values.kills),
    wholeNumber('seed', values.seed),
    wholeNumber('slots', values.slots),
  ]
  say(`Seed ${seed}: --seed ${seed} draws the same numbers again`)
  await runParts([() => killAroundCommit({ kills, seed, slots })], {
    longestMs: 10 * 60_000, // enough for a thousand
    allIsWell: 'A delivery is there if and only if its release is.',
  })
}
