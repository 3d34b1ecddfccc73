import type { PgBoss } from 'pg-boss'
import { Looks } from '../../looks.ts'
import type { LaneMember, LaneWorker } from '../shared-lanes.ts'
import { Certainty } from './certainty.ts'
import type { Hints } from './hints.ts'
import { laneQueue, type Beat, type LaneTable } from './lane-table.ts'

export interface LanesOptions {
  readonly table: Pick<
    LaneTable,
    'join' | 'beat' | 'hooksOf' | 'take' | 'remember' | 'release' | 'leave' | 'hint'
  >
  readonly hints: Pick<Hints, 'subscribe'>
  /** A pg-boss of the worker's own, that looks after heartbeats. */
  readonly startBoss: (onError: (error: unknown) => void) => Promise<PgBoss>
  /** Has the store wait for what is on its way back, when it is closed. */
  readonly track: (work: Promise<void>) => Promise<void>
}

/**
 * Takes part in the lanes that pg-boss gives out: each hook is one job of the queue `lanes`. Whoever has fetched the job has the lane, for
 * as long as its heartbeat goes on; when it stops, pg-boss gives the job to another worker, one `retryCount` later.
 */
export async function joinLanes(
  worker: LaneWorker,
  { table, hints, startBoss, track }: LanesOptions,
): Promise<LaneMember> {
  await table.join(worker.hooks)
  const boss = await startBoss((error) => worker.failed(error))
  const member = new PostgresLaneMember(boss, table, worker, track)
  try {
    await member.start(hints)
    return member
  } catch (error) {
    await boss.stop({ graceful: false })
    throw error
  }
}

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
  readonly #table: LanesOptions['table']
  readonly #worker: LaneWorker
  readonly #track: LanesOptions['track']
  readonly #certainty = new Certainty()
  readonly #held = new Map<string, Held>()
  /** Those that the worker knows it has. */
  readonly #told = new Set<string>()
  /** Hooks that this worker does not know. */
  readonly #foreign = new Set<string>()
  #share = 0
  // By the clock that cannot be set: a worker whose clock is set back would not beat until that has caught up.
  #beatAt = -Infinity
  /** When it was last heard that there are others than the last heartbeat told of. */
  #othersAt = -Infinity
  #extraAt = -Infinity
  #timer: NodeJS.Timeout | undefined
  readonly #looks = new Looks({
    look: () => this.#look(),
    failed: (error) => this.#worker.failed(error),
  })
  #stopListening: (() => void) | undefined
  /** Lanes on their way back. */
  readonly #releasing = new Set<Promise<void>>()
  #retired: Promise<void> | undefined
  #left: Promise<void> | undefined

  constructor(boss: PgBoss, table: LanesOptions['table'], worker: LaneWorker, track: LanesOptions['track']) {
    this.#boss = boss
    this.#table = table
    this.#worker = worker
    this.#track = track
  }

  async start(hints: LanesOptions['hints']): Promise<void> {
    await this.#beat()
    this.#stopListening = hints.subscribe((hint) => this.#onHint(hint))
    this.#timer = setInterval(() => this.#tick(), tickMs)
    this.#tick()
    await this.#looks.idle()
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
    const released = this.#track(this.#release(hookId, held))
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
    this.#extraAt = performance.now() + patienceMs
    const memory = this.#worker.memory(hookId, true)
    if (await this.#table.release(hookId, held, memory)) await this.#handBack([held.job])
  }

  retire(): Promise<void> {
    this.#retired ??= this.#retire()
    return this.#retired
  }

  get #isRetired(): boolean {
    return this.#retired !== undefined
  }

  async #retire(): Promise<void> {
    await this.#table.leave()
    await this.#table.hint(workersHint)
  }

  leave(): Promise<void> {
    this.#left ??= this.#track(this.#leave(true))
    return this.#left
  }

  abandon(): void {
    this.#left ??= this.#track(this.#leave(false))
    this.#left.catch(() => undefined) // nobody waits for it
  }

  /** Beats no more from now on. */
  async #leave(handsBack: boolean): Promise<void> {
    const retired = this.retire()
    clearInterval(this.#timer)
    this.#stopListening?.()
    await this.#looks.close()
    try {
      await Promise.allSettled([retired, ...this.#releasing]) // whoever asked for it is told
      if (handsBack) await Promise.all([...this.#held.keys()].map((hookId) => this.release(hookId)))
    } finally {
      await this.#boss.stop({ graceful: false })
    }
  }

  #onHint(hint: string | undefined): void {
    if (hint === undefined)
      this.#worker.due([...this.#told]) // what was hinted at meanwhile was missed
    else if (this.#told.has(hint)) this.#worker.due([hint])
    if (hint === undefined || hint === workersHint) this.#othersAt = performance.now()
    if (hint === undefined || hint === workersHint || hint === laneHint) this.#tick()
  }

  #tick(): void {
    this.#doubt()
    this.#looks.ask()
  }

  async #look(): Promise<void> {
    if (this.#isBeatDue) await this.#beat()
    await this.#takeFree()
    this.#worker.due([...this.#told]) // hints may be lost: looking is what can be relied on
  }

  /** A heartbeat that is on its way when others come or go does not tell of them: there is another one then. */
  get #isBeatDue(): boolean {
    return this.#othersAt >= this.#beatAt || performance.now() - this.#beatAt >= beatMs
  }

  /** Without a heartbeat for long, its lanes may be others'. */
  #doubt(): void {
    if (this.#certainty.isCertain) return
    for (const hookId of this.#told) this.#lose(hookId)
  }

  /** Says that it lives, and sees what it still has. */
  async #beat(): Promise<void> {
    let renewed = (): void => undefined
    let sentAt = -Infinity
    const beat = await this.#table.beat(this.#worker.hooks, [...this.#held.values()], () => {
      renewed = this.#certainty.begin()
      sentAt = performance.now()
    })
    for (const [hookId, { job, term }] of this.#held) {
      const now = beat.lanes.get(hookId)
      const isMine = now?.isMine === true && now.job === job && now.term === term
      if (!isMine || !beat.touched.has(job)) this.#forget(hookId)
    }
    renewed()
    this.#beatAt = sentAt
    for (const hookId of this.#held.keys()) this.#tell(hookId, undefined)
    if (this.#isRetired) return
    await this.#makeJobs(beat)
    this.#share = Math.ceil(this.#worker.hooks.length / Math.max(1, beat.live.size))
    await this.#shareOut(beat)
  }

  /** Jobs for hooks that nobody has: for new ones, and for those whose job is gone, as pg-boss deletes what is old and waits. */
  async #makeJobs({ lanes, live }: Beat): Promise<void> {
    const unheld = this.#worker.hooks.filter((hookId) => {
      const lane = lanes.get(hookId)
      return lane === undefined || !live.has(lane.worker) || (lane.isMine && !this.#held.has(hookId))
    })
    const jobs = unheld.map((hookId) => ({ singletonKey: hookId, group: { id: hookId } }))
    if (jobs.length > 0) await this.#boss.insert(laneQueue, jobs)
  }

  /** Takes its share of what is free; more when nobody else does. */
  async #takeFree(): Promise<void> {
    if (this.#isRetired) return
    const missing = this.#share - this.#held.size
    const isExtra = missing <= 0
    if (isExtra && performance.now() < this.#extraAt) return
    if (isExtra) this.#extraAt = performance.now() + patienceMs
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
    this.#looks.ask()
  }

  #isWanted({ singletonKey }: LaneJob): boolean {
    // Retired while pg-boss was asked, it wants none.
    return !this.#isRetired && singletonKey !== null && this.#worker.hooks.includes(singletonKey)
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
      this.#tell(hookId, memory)
    }
  }

  /** Asks its own worker for lanes that others have too few of, and for one that it has had for long. */
  async #shareOut({ self, live }: Beat): Promise<void> {
    const now = Date.now()
    const staying = [...this.#held].filter(([, { isLeaving }]) => isLeaving !== true)
    const old = staying.find(([, { since }]) => now - since > longestMs)
    if (old !== undefined) this.#ask(old[0])
    const fewest = Math.floor(this.#worker.hooks.length / Math.max(1, live.size))
    const surplus = staying.length - this.#share
    if (surplus > 0) await this.#give(staying, surplus, this.#share, live)
    else if (staying.length > fewest && mayGiveOne(self, live, fewest)) {
      this.#share = fewest // until the next beat, so that it does not take it again itself
      await this.#give(staying, 1, fewest, live)
    }
  }

  /** Gives lanes to those that have fewer than so many, and know their hooks. The sum of what they lack bounds it. */
  async #give(
    staying: readonly (readonly [string, Held])[],
    most: number,
    fewest: number,
    live: Beat['live'],
  ): Promise<void> {
    const poor = [...live].filter(([, lanes]) => lanes < fewest)
    if (poor.length === 0) return
    const wanted = await this.#table.hooksOf(poor.map(([worker]) => worker))
    const movable = staying.map(([hookId]) => hookId).filter((hookId) => wanted.has(hookId))
    for (const hookId of movable.slice(0, Math.min(most, lackingOf(live, fewest)))) this.#ask(hookId)
  }

  #ask(hookId: string): void {
    const held = this.#held.get(hookId)
    if (held === undefined) return
    held.isLeaving = true
    this.#worker.asked(hookId)
  }

  #tell(hookId: string, memory: unknown): void {
    if (this.#told.has(hookId) || this.#held.get(hookId)?.isLeaving === true) return
    this.#told.add(hookId)
    this.#worker.given(hookId, memory)
  }

  #lose(hookId: string): void {
    const held = this.#held.get(hookId)
    if (held !== undefined) held.isLeaving = false // the worker has forgotten that it was asked
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

/** How many lanes workers have less than so many each. */
function lackingOf(live: Beat['live'], fewest: number): number {
  return [...live.values()].reduce((sum, lanes) => sum + Math.max(0, fewest - lanes), 0)
}

/** When nobody has more than a share, as many give one as others lack: those with the lowest numbers, as everybody counts alike. */
function mayGiveOne(self: number, live: Beat['live'], fewest: number): boolean {
  const counts = [...live.values()]
  if (counts.some((lanes) => lanes > fewest + 1)) return false
  const before = [...live].filter(([worker, lanes]) => worker < self && lanes > fewest).length
  return before < lackingOf(live, fewest)
}
