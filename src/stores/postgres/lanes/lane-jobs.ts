import type { PgBoss } from 'pg-boss'
import { laneQueue, type LaneTable, type LaneTerm } from './lane-table.ts'

/** What says on the channel of hints that a lane is free. */
export const laneHint = 'lanes'

export interface FetchedLane extends LaneTerm {
  readonly hookId: string
}

interface Fetched {
  readonly wanted: readonly FetchedLane[]
  readonly unwanted: readonly FetchedLane[]
}

/** The jobs that stand for lanes, one for each hook: whoever has fetched it has the lane. */
export class LaneJobs {
  readonly #boss: PgBoss
  readonly #table: Pick<LaneTable, 'hint'>
  /** Hooks that this worker does not know. */
  readonly #foreign = new Set<string>()

  constructor(boss: PgBoss, table: Pick<LaneTable, 'hint'>) {
    this.#boss = boss
    this.#table = table
  }

  /** Does nothing for a hook that has one. */
  async make(hookIds: readonly string[]): Promise<void> {
    const jobs = hookIds.map((hookId) => ({ singletonKey: hookId, group: { id: hookId } }))
    if (jobs.length > 0) await this.#boss.insert(laneQueue, jobs)
  }

  async fetch(most: number, isWanted: (hookId: string) => boolean): Promise<Fetched> {
    const jobs = await this.#boss.fetch(laneQueue, {
      batchSize: most,
      includeMetadata: true,
      ignoreGroups: [...this.#foreign],
    })
    const lanes = jobs.map(({ id, singletonKey, retryCount }) => ({
      hookId: String(singletonKey),
      job: id,
      term: retryCount,
    }))
    return {
      wanted: lanes.filter(({ hookId }) => isWanted(hookId)),
      unwanted: lanes.filter(({ hookId }) => !isWanted(hookId)),
    }
  }

  /** Hands lanes back that others know, and fetches none of these hooks from now on. */
  async leaveToOthers(lanes: readonly FetchedLane[]): Promise<void> {
    for (const { hookId } of lanes) this.#foreign.add(hookId)
    await this.handBack(lanes.map(({ job }) => job))
  }

  /** pg-boss has one word for it: failing is what makes a job wait for its next worker. */
  async handBack(jobs: string[]): Promise<void> {
    await this.#boss.fail(laneQueue, jobs)
    await this.#table.hint(laneHint)
  }

  stop(): Promise<void> {
    return this.#boss.stop({ graceful: false })
  }
}
