import { setTimeout as sleep } from 'node:timers/promises'
import { startPostgres, type PostgresServer, type Shutdown } from '../../../test/stores/postgres-server.ts'
import type { Interruption } from '../life.ts'

/** A PostgreSQL server that keeps its promises, and is restarted now and then. `await using` ends it and removes its files. */
export class TorturedServer implements AsyncDisposable {
  readonly connectionString: string
  /** When it could not be reached, the restart that goes on just now included. */
  readonly outages: Interruption[] = []
  readonly #server: PostgresServer
  #restarting: Promise<void> = Promise.resolve()

  private constructor(server: PostgresServer) {
    this.#server = server
    this.connectionString = server.connectionString
  }

  static async start(): Promise<TorturedServer> {
    const settings = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' }
    return new TorturedServer(await startPostgres({ durable: true, settings }))
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
    await this.#server[Symbol.asyncDispose]()
  }

  async #restart(shutdown: Shutdown, downMs: number): Promise<void> {
    const from = Date.now()
    const index = this.outages.push({ from, until: Infinity }) - 1
    await this.#server.stop(shutdown)
    await sleep(downMs)
    await this.#server.start()
    this.outages[index] = { from, until: Date.now() }
  }
}
