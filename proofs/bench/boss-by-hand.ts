import { createHmac } from 'node:crypto'
import type { ReleaseInput } from 'deploy-hooks'
import { PgBoss } from 'pg-boss'
import type { SendByHand } from './delivery-by-hand.ts'
import { releaseUrlByHand } from './release-url-by-hand.ts'

export interface BossByHandOptions {
  readonly connectionString: string
  /** Of pg-boss: a queue of its own for each who does this. */
  readonly queue: string
  readonly hookUrls: readonly string[]
  readonly secret: string
  /** Requests at once. */
  readonly inFlight: number
  readonly send: SendByHand
}

interface Job {
  readonly url: string
}

/** Of pg-boss: how long it keeps what is completed. */
const keptSeconds = 3600

/**
 * What a platform writes on pg-boss: a job for each release and hook, inserted in batches; batches of jobs are fetched, sent at once,
 * and completed together. No evidence of attempts, no events, no places or breaker of a hook, no lanes.
 */
export class BossByHand implements AsyncDisposable {
  readonly #options: BossByHandOptions
  readonly #boss: PgBoss

  private constructor(options: BossByHandOptions, boss: PgBoss) {
    this.#options = options
    this.#boss = boss
  }

  static async start(options: BossByHandOptions): Promise<BossByHand> {
    const boss = new PgBoss({ connectionString: options.connectionString, schedule: false })
    boss.on('error', (error) => {
      throw error
    })
    await boss.start()
    await boss.createQueue(options.queue, {
      retryLimit: 10,
      retryBackoff: true,
      deleteAfterSeconds: keptSeconds,
    })
    return new BossByHand(options, boss)
  }

  /** Resolves when all deliveries of these releases are completed. */
  async deliver(releases: readonly ReleaseInput[]): Promise<void> {
    const { hookUrls } = this.#options
    await Promise.all([this.#record(releases), this.#work(releases.length * hookUrls.length)])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#boss.stop({ graceful: false })
  }

  async #record(releases: readonly ReleaseInput[]): Promise<void> {
    const { hookUrls, inFlight, queue } = this.#options
    const each = Math.max(1, Math.floor(inFlight / hookUrls.length))
    for (let from = 0; from < releases.length; from += each) {
      const batch = releases.slice(from, from + each)
      const jobs = batch.flatMap((release) =>
        hookUrls.map((hookUrl) => ({ data: { url: releaseUrlByHand(hookUrl, release) } satisfies Job })),
      )
      await this.#boss.insert(queue, jobs)
    }
  }

  async #work(jobs: number): Promise<void> {
    const { inFlight, queue } = this.#options
    let done = 0
    while (done < jobs) {
      const batch = await this.#boss.fetch<Job>(queue, { batchSize: inFlight })
      await Promise.all(batch.map(({ id, data }) => this.#send(id, data.url)))
      const ids = batch.map(({ id }) => id)
      if (ids.length > 0) await this.#boss.complete(queue, ids)
      done += ids.length
    }
  }

  async #send(id: string, url: string): Promise<void> {
    const { secret, send } = this.#options
    const status = await send(url, {
      'user-agent': 'by-hand/1.0.0',
      'idempotency-key': `"${id}"`,
      authorization: createHmac('sha256', secret).update(url).digest('hex'),
    })
    if (status !== 200) throw new Error(`Expected 200, got ${status}`)
  }
}
