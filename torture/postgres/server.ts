import { existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startPostgres, type PostgresServer } from '../../test/stores/postgres-server.ts'
import type { Interruption } from '../life.ts'
import { rowsOf } from './tables.ts'

/** `fast` ends its sessions and writes all to disk; `immediate` writes nothing, so that it recovers from its log, as after a crash. */
export type Shutdown = 'fast' | 'immediate'

/** A PostgreSQL server that keeps its promises, and is restarted now and then. `await using` ends it and removes its files. */
export class TorturedServer implements AsyncDisposable {
  readonly connectionString: string
  /** When it could not be reached, the restart that goes on just now included. */
  readonly outages: Interruption[] = []
  readonly #server: PostgresServer
  readonly #data: string
  readonly #abandon = (): void => {
    if (existsSync(this.#pidFile)) process.kill(this.#pid, 'SIGQUIT') // a signal may have ended it already
    rmSync(dirname(this.#data), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }) // while it ends
  }
  #restarting: Promise<void> = Promise.resolve()

  private constructor(server: PostgresServer, data: string) {
    this.#server = server
    this.#data = data
    this.connectionString = server.connectionString
    process.once('exit', this.#abandon) // an interrupted run leaves nothing behind
  }

  static async start(): Promise<TorturedServer> {
    const server = await startPostgres({
      durable: true,
      settings: { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' },
    })
    const [shown] = await rowsOf(server.connectionString, 'SHOW data_directory')
    return new TorturedServer(server, String(shown?.['data_directory']))
  }

  /** Resolves when no restart is under way. */
  get restarted(): Promise<void> {
    return this.#restarting
  }

  /** Stops it, and starts it so many milliseconds after it has ended. One restart at a time. */
  restart(shutdown: Shutdown, downMs: number): Promise<void> {
    this.#restarting = this.#restarting.then(() => this.#restart(shutdown, downMs))
    return this.#restarting
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#restarting
    process.off('exit', this.#abandon)
    await this.#server[Symbol.asyncDispose]()
  }

  async #restart(shutdown: Shutdown, downMs: number): Promise<void> {
    const from = Date.now()
    const index = this.outages.push({ from, until: Infinity }) - 1
    if (shutdown === 'fast') await this.#server.stop()
    else await this.#crash()
    await sleep(downMs)
    await this.#server.start()
    this.outages[index] = { from, until: Date.now() }
  }

  async #crash(): Promise<void> {
    const pid = this.#pid
    process.kill(pid, 'SIGQUIT')
    while (isRunning(pid)) await sleep(5)
  }

  get #pid(): number {
    return Number(readFileSync(this.#pidFile, 'utf8').split('\n', 1)[0])
  }

  get #pidFile(): string {
    return join(this.#data, 'postmaster.pid')
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false // there is no other reason, as it is a child of this process
  }
}
