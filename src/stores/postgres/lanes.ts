import type { PgBoss } from 'pg-boss'
import type { LaneMember, LaneWorker } from '../shared-lanes.ts'
import { Certainty } from './certainty.ts'
import type { Hints } from './hints.ts'
import type { LaneTable } from './lane-table.ts'

export interface LanesOptions {
  readonly table: LaneTable
  readonly hints: Hints
  /** A pg-boss of the worker's own, that looks after heartbeats. */
  readonly startBoss: (onError: (error: unknown) => void) => Promise<PgBoss>
}

/**
 * Takes part in the lanes that pg-boss gives out: each hook is one job of the queue `lanes`. Whoever has fetched the job has the lane, for
 * as long as its heartbeat goes on; when it stops, pg-boss gives the job to another worker, one `retryCount` later.
 */
export async function joinLanes(
  worker: LaneWorker,
  { table, hints, startBoss }: LanesOptions,
): Promise<LaneMember> {
  await table.join(worker.hooks)
  const boss = await startBoss((error) => worker.failed(error))
  const member = new PostgresLaneMember(boss, table, worker)
  try {
    await member.start(hints)
    return member
  } catch (error) {
    await boss.stop({ graceful: false })
    throw error
  }
}

/** The queue of pg-boss: a job for each hook. */
const laneQueue = 'lanes'
/** What says on the channel of hints that a lane is free. */
const laneHint = 'lanes'
/** What says that there is a worker less, so that the others' shares are larger. */
const workersHint = 'workers'
const tickMs = 1000
/** pg-boss takes a job back whose heartbeat is 10 s old. */
const beatMs = 2500
/** Lanes that are free for longer than others take to notice are taken by whoever sees them. */
const patienceMs = 3000
/** A job is handed back now and then, since pg-boss ends those that take a day. */
const longestMs = 12 * 3600 * 1000

/** A job of pg-boss, as far as lanes need it. */
interface LaneJob {
  readonly id: string
  readonly singletonKey: string | null
  readonly retryCount: number
}

/** A lane that this worker has. */
interface Held {
  readonly job: string
  /** Of pg-boss: how often the job was taken before. */
  readonly term: number
  /** Epoch milliseconds. */
  readonly since: number
  /** It was asked for. */
  isLeaving?: boolean
}

class PostgresLaneMember implements LaneMember {
  readonly #boss: PgBoss
  readonly #table: LaneTable
  readonly #worker: LaneWorker
  readonly #certainty = new Certainty()
  readonly #held = new Map<string, Held>()
  /** Those that the worker knows it has. */
  readonly #told = new Set<string>()
  /** Hooks that this worker does not know. */
  readonly #foreign = new Set<string>()
  #share = 0
  #beatAt = 0
  #extraAt = 0
  #timer: NodeJS.Timeout | undefined
  #ticking: Promise<void> | undefined
  #tickAgain = false
  #stopListening: (() => void) | undefined
  /** Lanes on their way back. */
  readonly #releasing = new Set<Promise<void>>()
  #retired: Promise<void> | undefined
  #left: Promise<void> | undefined

  constructor(boss: PgBoss, table: LaneTable, worker: LaneWorker) {
    this.#boss = boss
    this.#table = table
    this.#worker = worker
  }

  async start(hints: Hints): Promise<void> {
    const jobs = this.#worker.hooks.map((hookId) => ({ singletonKey: hookId, group: { id: hookId } }))
    if (jobs.length > 0) await this.#boss.insert(laneQueue, jobs)
    await this.#beat()
    this.#stopListening = hints.subscribe((hint) => this.#onHint(hint))
    this.#timer = setInterval(() => this.#tick(), tickMs)
    this.#tick()
    await this.#ticking
  }

  holds(hookId: string): boolean {
    return this.#told.has(hookId) && this.#certainty.isCertain
  }

  async remember(hookId: string): Promise<void> {
    const held = this.#held.get(hookId)
    if (held !== undefined) await this.#table.remember(hookId, held, this.#worker.memory(hookId, false))
  }

  async release(hookId: string): Promise<void> {
    const held = this.#held.get(hookId)
    if (held === undefined) return
    const released = this.#release(hookId, held)
    this.#releasing.add(released)
    try {
      await released
    } finally {
      this.#releasing.delete(released)
    }
  }

  async #release(hookId: string, held: Held): Promise<void> {
    this.#held.delete(hookId)
    this.#told.delete(hookId)
    this.#extraAt = Date.now() + patienceMs
    const memory = this.#worker.memory(hookId, true)
    if (await this.#table.release(hookId, held, memory)) await this.#handBack([held.job])
  }

  retire(): void {
    this.#retired ??= this.#retire().catch((error: unknown) => this.#worker.failed(error))
  }

  async #retire(): Promise<void> {
    await this.#table.leave()
    await this.#table.hint(workersHint)
  }

  leave(): Promise<void> {
    this.retire()
    this.#left ??= this.#leave()
    return this.#left
  }

  async #leave(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopListening?.()
    await this.#ticking
    await this.#retired
    try {
      await Promise.allSettled(this.#releasing) // whoever released them is told
      await Promise.all([...this.#held.keys()].map((hookId) => this.release(hookId)))
    } finally {
      await this.#boss.stop({ graceful: false })
    }
  }

  #onHint(hint: string | undefined): void {
    if (hint === undefined)
      this.#worker.due([...this.#told]) // what was hinted at meanwhile was missed
    else if (this.#told.has(hint)) this.#worker.due([hint])
    if (hint === undefined || hint === workersHint) this.#beatAt = 0
    if (hint === undefined || hint === workersHint || hint === laneHint) this.#tick()
  }

  /** One at a time, and another one if it was asked for meanwhile. */
  #tick(): void {
    this.#doubt()
    this.#tickAgain = true
    if (this.#left === undefined) this.#ticking ??= this.#tickOrReport()
  }

  async #tickOrReport(): Promise<void> {
    try {
      while (this.#tickAgain && this.#left === undefined) {
        this.#tickAgain = false
        if (Date.now() - this.#beatAt >= beatMs) await this.#beat()
        await this.#takeFree()
        this.#worker.due([...this.#told]) // hints may be lost: looking is what can be relied on
      }
    } catch (error) {
      this.#worker.failed(error)
    } finally {
      this.#ticking = undefined
    }
  }

  /** Without a heartbeat for long, its lanes may be others'. */
  #doubt(): void {
    if (this.#certainty.isCertain) return
    for (const hookId of this.#told) this.#lose(hookId)
  }

  /** Says that it lives, and sees what it still has. */
  async #beat(): Promise<void> {
    const renewed = this.#certainty.begin()
    const jobs = [...this.#held.values()].map(({ job }) => job)
    if (jobs.length > 0) await this.#boss.touch(laneQueue, jobs)
    // Asked after: a job that another worker has taken before is beaten for too, and then it has another term.
    const { isKnown, lanes, live } = await this.#table.beat(this.#worker.hooks)
    if (!isKnown && this.#retired === undefined) await this.#table.join(this.#worker.hooks)
    for (const [hookId, { job, term }] of this.#held) {
      const now = lanes.get(hookId)
      if (now?.isMine !== true || now.job !== job || now.term !== term) this.#forget(hookId)
    }
    renewed()
    this.#beatAt = Date.now()
    for (const hookId of this.#held.keys()) this.#give(hookId, undefined)
    this.#share = Math.ceil(this.#worker.hooks.length / Math.max(1, live.size))
    await this.#shareOut(live)
  }

  /** Takes its share of what is free; more when nobody else does. */
  async #takeFree(): Promise<void> {
    if (this.#retired !== undefined) return
    const missing = this.#share - this.#held.size
    const isExtra = missing <= 0
    if (isExtra && Date.now() < this.#extraAt) return
    if (isExtra) this.#extraAt = Date.now() + patienceMs
    const batchSize = isExtra ? this.#worker.hooks.length - this.#held.size : missing
    if (batchSize <= 0) return
    const ignoreGroups = [...this.#foreign]
    const jobs: readonly LaneJob[] = await this.#boss.fetch(laneQueue, {
      batchSize,
      includeMetadata: true,
      ignoreGroups,
    })
    const known = jobs.filter((job) => this.#isWanted(job))
    const foreign = jobs.filter((job) => !this.#isWanted(job))
    if (known.length > 0) await this.#take(known)
    if (foreign.length === 0) return
    for (const { singletonKey } of foreign) this.#foreign.add(String(singletonKey))
    await this.#handBack(foreign.map(({ id }) => id))
    this.#tickAgain = true
  }

  #isWanted({ singletonKey }: LaneJob): boolean {
    const isRetired = this.#retired !== undefined // while pg-boss was asked
    return !isRetired && singletonKey !== null && this.#worker.hooks.includes(singletonKey)
  }

  async #take(jobs: readonly LaneJob[]): Promise<void> {
    const taken = await this.#table.take(
      jobs.map(({ id, singletonKey, retryCount }) => ({
        hookId: String(singletonKey),
        job: id,
        term: retryCount,
      })),
    )
    for (const { hookId, job, term, memory } of taken) {
      this.#held.set(hookId, { job, term, since: Date.now() })
      this.#give(hookId, memory)
    }
  }

  /** Asks its own worker for lanes that others have too few of, and for one that it has had for long. */
  async #shareOut(live: ReadonlyMap<number, number>): Promise<void> {
    const now = Date.now()
    const staying = [...this.#held].filter(([, { isLeaving }]) => isLeaving !== true)
    const old = staying.find(([, { since }]) => now - since > longestMs)
    if (old !== undefined) this.#ask(old[0])
    const fewest = Math.floor(this.#worker.hooks.length / Math.max(1, live.size))
    const poor = [...live].filter(([, lanes]) => lanes < fewest)
    const surplus = staying.length - this.#share
    if (surplus <= 0 || poor.length === 0) return
    const wanted = await this.#table.hooksOf(poor.map(([id]) => id))
    const lacking = poor.reduce((sum, [, lanes]) => sum + fewest - lanes, 0)
    const movable = staying.map(([hookId]) => hookId).filter((hookId) => wanted.has(hookId))
    for (const hookId of movable.slice(0, Math.min(surplus, lacking))) this.#ask(hookId)
  }

  #ask(hookId: string): void {
    const held = this.#held.get(hookId)
    if (held === undefined) return
    held.isLeaving = true
    this.#worker.asked(hookId)
  }

  #give(hookId: string, memory: unknown): void {
    if (this.#told.has(hookId) || this.#held.get(hookId)?.isLeaving === true) return
    this.#told.add(hookId)
    this.#worker.given(hookId, memory)
  }

  #lose(hookId: string): void {
    if (this.#told.delete(hookId)) this.#worker.lost(hookId)
  }

  #forget(hookId: string): void {
    this.#held.delete(hookId)
    this.#lose(hookId)
  }

  /** pg-boss has one word for it: failing is what makes a job wait for its next worker. */
  async #handBack(jobs: string[]): Promise<void> {
    await this.#boss.fail(laneQueue, jobs)
    await this.#table.hint(laneHint)
  }
}
