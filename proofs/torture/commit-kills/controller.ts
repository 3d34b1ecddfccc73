/**
 * A platform controller that inserts releases into its own table and tells of them in the same transaction, and that is killed or cut
 * off around COMMIT. It says what became of each, as far as it knows.
 */
import { openSync, writeSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { createDispatcher, type Dispatcher } from 'deploy-hooks'
import { postgresStore } from 'deploy-hooks/postgres'
import { Client } from 'pg'
import { startCutProxy, type CutProxy } from './cut-proxy.ts'
import { hook, ownTable, type CommitPlan, type Ending, type Trial } from './plan.ts'

const plan = JSON.parse(process.argv[2] ?? '') as CommitPlan
const endings = openSync(plan.endings, 'a')
/** Of the last COMMIT that was answered. */
let commitMs = 2

process.once('disconnect', () => process.exit()) // whoever started it is gone
process.channel?.unref()

await using store = postgresStore({ connectionString: plan.connectionString })
await using dispatcher = createDispatcher({
  hooks: [{ id: hook.id, url: `http://127.0.0.1:9${hook.path}` }],
  secret: 'torture',
  egress: { allow: ['127.0.0.1'] },
  store,
  workers: false,
})
const direct = new URL(plan.connectionString)
await using proxy = await startCutProxy(Number(direct.port))
const proxied = new URL(plan.connectionString)
proxied.hostname = '127.0.0.1'
proxied.port = String(proxy.port)
const terminator = new Client(plan.connectionString)
await terminator.connect()

for (const trial of plan.trials) {
  writeSync(endings, `${trial.number} begun\n`)
  const ending = await attempt(trial, dispatcher, proxy)
  writeSync(endings, `${trial.number} ${ending}\n`)
}
await terminator.end()

async function attempt(trial: Trial, dispatcher: Dispatcher, proxy: CutProxy): Promise<Ending> {
  const client = new Client(proxied.href)
  let ending: Ending = 'rolled back'
  let struck: Promise<void> | undefined
  client.on('error', () => undefined) // whatever is asked of it then tells
  try {
    await client.connect()
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const strike = (): Promise<void> => befall(trial, proxy, rows[0]?.pid ?? 0)
    await client.query('BEGIN')
    if (trial.from === 'insert') struck = strike()
    await client.query(`INSERT INTO ${ownTable} (number) VALUES ($1)`, [trial.number])
    await tell(trial, client, dispatcher)
    ending = 'unknown'
    const startedAt = performance.now()
    const answered = client.query('COMMIT')
    if (trial.from === 'commit') struck = strike()
    const { command } = await answered
    commitMs = performance.now() - startedAt
    ending = command === 'COMMIT' ? 'committed' : 'rolled back'
  } catch {
    // Cut off: what it knows is what it knew before.
  }
  await struck
  await client.end().catch(() => undefined) // cut off
  return ending
}

async function tell({ number, by }: Trial, client: Client, dispatcher: Dispatcher): Promise<void> {
  const release = { app: 'web', version: number, user: 'gabrtv' }
  if (by === 'dispatch') await dispatcher.dispatch(release, { transaction: client })
  else await client.query('SELECT deploy_hooks.dispatch($1::jsonb)', [JSON.stringify(release)])
}

/** Timers are too coarse for the time that a COMMIT takes. */
async function befall({ fault, after }: Trial, proxy: CutProxy, session: number): Promise<void> {
  const at = performance.now() + after * commitMs
  while (performance.now() < at) await turn()
  if (fault === 'kill') process.kill(process.pid, 'SIGKILL')
  else if (fault === 'terminate') await terminator.query('SELECT pg_terminate_backend($1)', [session])
  else proxy.cut(fault === 'cut both' ? 'both' : fault === 'cut request' ? 'request' : 'answer')
}
