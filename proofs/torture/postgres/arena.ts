import { setTimeout as sleep } from 'node:timers/promises'
import { Arena, newFolder, receiverIn } from '../arena.ts'
import type { Limits } from '../evidence.ts'
import type { Interruption } from '../life.ts'
import { hookNames } from '../plan.ts'
import type { Receiver } from '../receiver.ts'
import { violationOf, type Finding } from '../../shared/report.ts'
import type { StoredDelivery } from '../stored.ts'
import type { TorturedServer } from './server.ts'
import { lanesOfTheLiving, leftIn, readTables } from './tables.ts'

/** How long after an interruption a worker may have something to say of it, in milliseconds. */
const afterwardsMs = 12_000
/** By when lanes are shared among those who live, in milliseconds. */
const sharedWithinMs = 20_000

/** An arena whose controllers share a schema of a PostgreSQL server: each is a worker that has some of the lanes. */
export class PostgresArena extends Arena {
  readonly server: TorturedServer
  readonly #schema: string
  readonly #openedAt = Date.now()
  readonly #unshared: string[] = []

  private constructor(
    server: TorturedServer,
    schema: string,
    folder: string,
    receiver: Receiver,
    limits: Limits,
  ) {
    super(folder, { store: server.connectionString, schema }, receiver, limits)
    this.server = server
    this.#schema = schema
  }

  static async openOn(server: TorturedServer, schema: string, limits: Limits): Promise<PostgresArena> {
    const folder = newFolder()
    return new PostgresArena(server, schema, folder, await receiverIn(folder), limits)
  }

  /** Waits until every lane is somebody's who lives, and so many have some. */
  async untilShared(workers: number): Promise<void> {
    let from = Date.now()
    for (;;) {
      const lanes = await this.#livingLanes()
      const sum = lanes?.reduce((one, other) => one + other, 0)
      if (lanes?.length === workers && sum === hookNames.length) return
      if (lanes === undefined) from = Date.now()
      if (Date.now() - from > sharedWithinMs) {
        this.#unshared.push(`${sum} lanes of ${lanes?.length} workers after ${Date.now() - from} ms`)
        return
      }
      await sleep(100)
    }
  }

  /** How many each worker has that lives; `undefined` when the server was away. */
  async #livingLanes(): Promise<readonly number[] | undefined> {
    await this.server.restarted
    const askedAt = Date.now()
    try {
      return await lanesOfTheLiving(this.server.connectionString, this.#schema)
    } catch (error) {
      if (this.server.outages.some(({ until }) => until >= askedAt)) return undefined
      throw error
    }
  }

  protected override get outages(): readonly Interruption[] {
    return this.server.outages.filter(({ from }) => from >= this.#openedAt)
  }

  protected override readDeliveries(): Promise<ReadonlyMap<string, StoredDelivery>> {
    return readTables(this.server.connectionString, this.#schema)
  }

  protected override async examine(): Promise<Finding> {
    const { leased, lanes } = await leftIn(this.server.connectionString, this.#schema)
    return {
      figures: {
        ...(this.outages.length > 0 && { 'restarts of the server': this.outages.length }),
        'leases left': leased,
        'lanes not handed back': lanes,
      },
      violations: [
        ...violationOf(this.#unshared, `Lanes were not shared within ${sharedWithinMs} ms`),
        ...(leased + lanes > 0 ? [`${leased} leases are left, and ${lanes} lanes were not handed back`] : []),
      ],
    }
  }

  /** Takes out what workers said of interruptions, which is as it should be. @returns how often they did */
  forgive(): number {
    return this.lives.reduce((sum, life) => {
      const interruptions = [...this.outages, ...life.stops]
      const isOfThem = ({ at }: { readonly at: number }): boolean =>
        interruptions.some(({ from, until }) => at >= from && at <= until + afterwardsMs)
      return sum + life.forgive(isOfThem)
    }, 0)
  }
}
