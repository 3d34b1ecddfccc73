import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../loopback.ts'
import { temporaryFolder, type TemporaryFolder } from './temporary.ts'

/** `fast` ends its sessions and writes all to disk; `immediate` writes nothing, so that it recovers from its log, as after a crash. */
export type Shutdown = 'fast' | 'immediate'

/**
 * A PostgreSQL server of the tests' own, on a free port of loopback. `await using` stops it, and removes its files; both happen too
 * when this process is interrupted, killed, or fails.
 */
export interface PostgresServer extends AsyncDisposable {
  readonly connectionString: string
  readonly port: number
  /** Of the postmaster. */
  readonly pid: number
  /** Stops it, with its files left; what was committed is there when it starts again. @default 'fast' */
  stop(shutdown?: Shutdown): Promise<void>
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

/** What the server's own process is given. */
export interface ServerPlan {
  readonly folder: string
  readonly port: number
  readonly password: string
  readonly settings: Readonly<Record<string, string>>
}

export type ServerOrder = 'create' | 'start' | Shutdown

export interface ServerAnswer {
  /** Absent when none runs. */
  readonly pid?: number | undefined
  readonly error?: string
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
  const server = new ServerProcess({ folder: folder.path, port, password, settings: all })
  const dispose = async (): Promise<void> => {
    await server.end()
    await folder[Symbol.asyncDispose]()
  }
  try {
    await server.obey('create')
    await server.obey('start')
  } catch (error) {
    await dispose()
    throw error
  }
  return {
    connectionString: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    get pid() {
      return server.pid
    },
    stop: (shutdown = 'fast') => server.obey(shutdown),
    start: () => server.obey('start'),
    [Symbol.asyncDispose]: dispose,
  }
}

/** Of one server. It ends by itself, and the server with it, when this process is gone. */
class ServerProcess {
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  #pid: number | undefined

  constructor(plan: ServerPlan) {
    this.#child = fork(
      fileURLToPath(new URL('postgres-process.ts', import.meta.url)),
      [JSON.stringify(plan)],
      {
        execArgv: [], // not those of a test runner
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        detached: true, // Ctrl+C is for whoever uses it, who may have to ask it something still
      },
    )
    this.#exited = once(this.#child, 'exit')
  }

  /** @throws when the server does not run */
  get pid(): number {
    if (this.#pid === undefined) throw new Error('Expected a server that runs; it was stopped')
    return this.#pid
  }

  /** One order at a time. */
  async obey(order: ServerOrder): Promise<void> {
    this.#child.send(order)
    const ended = this.#exited.then(() => {
      throw new Error(`Expected the server's process to obey \`${order}\`, got its end`)
    })
    const [{ error, pid }] = (await Promise.race([once(this.#child, 'message'), ended])) as [ServerAnswer]
    if (error !== undefined) throw new Error(error)
    this.#pid = pid
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.#exited
  }
}
