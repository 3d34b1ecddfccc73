import type { Database } from './database.ts'
import type { Statements } from './statements.ts'
import { wholeTime } from './values.ts'

/** Deliveries that are forgotten in one transaction. */
const atOnce = 500
const firstMs = 60_000
const everyMs = 3_600_000

interface PrunerOptions {
  readonly database: Database
  readonly schema: string
  readonly sql: Statements
  /** How long what is final is kept. */
  readonly keepMs: number
}

/** Forgets what is old: when it is told to, and every hour. */
export class Pruner {
  readonly #options: PrunerOptions
  readonly #lockKey: string
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(options: PrunerOptions) {
    this.#options = options
    this.#lockKey = `pg_catalog.hashtextextended('deploy-hooks prunes ${options.schema}', 0)`
  }

  /** The first time soon, and not at once: processes may live for seconds only. */
  start(): void {
    this.#wait(firstMs)
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  /** Waits while another prunes. @returns how many were forgotten; fewer than were, when a connection was lost */
  async prune(olderThan: number): Promise<number> {
    let pruned = 0
    let last: number | undefined
    do {
      last = await this.#options.database.repeat(() =>
        this.#some(olderThan, `pg_catalog.pg_advisory_xact_lock(${this.#lockKey})`),
      )
      pruned += last ?? 0
    } while (last === atOnce)
    return pruned
  }

  #wait(ms: number): void {
    if (this.#isStopped) return
    this.#timer = setTimeout(() => void this.#tick(), ms)
    this.#timer.unref()
  }

  async #tick(): Promise<void> {
    const olderThan = Date.now() - this.#options.keepMs
    try {
      let last: number | undefined = this.#options.keepMs === Infinity ? 0 : atOnce
      while (last === atOnce && !this.#isStopped)
        last = await this.#some(olderThan, `pg_catalog.pg_try_advisory_xact_lock(${this.#lockKey})`)
      while ((await this.#forget()) === atOnce && !this.#isStopped);
    } catch {
      // Whoever uses the store is told what is wrong with it; what is old waits for the next time.
    }
    this.#wait(everyMs)
  }

  /** Of what was told, what is not remembered any more. @returns how many rows of one table at most */
  async #forget(): Promise<number> {
    const { database, sql } = this.#options
    const [gone] = await database.query(sql.pruneLedger, [Date.now(), atOnce])
    return Number(gone?.['count'])
  }

  /** @returns how many; `undefined` while another prunes */
  #some(olderThan: number, lock: string): Promise<number | undefined> {
    return this.#options.database.transaction(async (run) => {
      const [row] = await run(`SELECT ${lock} AS locked`)
      if (row?.['locked'] === false) return undefined
      const [gone] = await run(this.#options.sql.prune, [wholeTime(olderThan), atOnce])
      return Number(gone?.['count'])
    })
  }
}
