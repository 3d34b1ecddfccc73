import PQueue from 'p-queue'
import type { PgBoss } from 'pg-boss'
import { Looks } from '../../../looks.ts'
import type { LaneMember, LaneWorker } from '../../shared-lanes.ts'
import type { Hints } from '../hints.ts'
import { Heartbeat } from './heartbeat.ts'
import { HeldLanes } from './held-lanes.ts'
import { laneHint, LaneJobs } from './lane-jobs.ts'
import { LaneShare } from './lane-share.ts'
import type { Beat, LaneTable, LaneTerm } from './lane-table.ts'

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
export async function joinLanes(worker: LaneWorker, options: LanesOptions): Promise<LaneMember> {
  const { table, hints, startBoss, track } = options
  await table.join(worker.hooks)
  let member: PostgresLaneMember | undefined = undefined
  const failed = (error: unknown): void => {
    if (member?.hasLeft !== true) worker.failed(error) // what others do by now is no matter of this worker's
  }
  const boss = await startBoss(failed)
  member = new PostgresLaneMember(worker, { table, track, failed, jobs: new LaneJobs(boss, table) })
  try {
    await member.start(hints)
    return member
  } catch (error) {
    await boss.stop({ graceful: false })
    throw error
  }
}

/** What says that there is a worker less, so that the others' shares are larger. */
const workersHint = 'workers'
const tickMs = 1000

interface MemberOptions extends Pick<LanesOptions, 'table' | 'track'> {
  readonly jobs: LaneJobs
  readonly failed: (error: unknown) => void
}

class PostgresLaneMember implements LaneMember {
  readonly #worker: LaneWorker
  readonly #options: MemberOptions
  readonly #heartbeat = new Heartbeat()
  readonly #held: HeldLanes
  readonly #share: LaneShare
  readonly #looks = new Looks({
    look: () => this.#look(),
    failed: (error) => this.#options.failed(error),
  })
  #timer: NodeJS.Timeout | undefined
  #stopListening: (() => void) | undefined
  /** Lanes on their way back. */
  readonly #returning = new PQueue()
  #retired: Promise<void> | undefined
  #left: Promise<void> | undefined

  constructor(worker: LaneWorker, options: MemberOptions) {
    this.#worker = worker
    this.#options = options
    this.#held = new HeldLanes(worker)
    this.#share = new LaneShare({ ...options, hooks: worker.hooks, held: this.#held })
  }

  async start(hints: LanesOptions['hints']): Promise<void> {
    await this.#beat()
    this.#stopListening = hints.subscribe((hint) => this.#onHint(hint))
    this.#timer = setInterval(() => this.#tick(), tickMs)
    this.#tick()
    await this.#looks.idle()
  }

  holds(hookId: string): boolean {
    return this.#held.isTold(hookId) && this.#heartbeat.isCertain
  }

  async remember(hookId: string): Promise<void> {
    const held = this.#held.get(hookId)
    if (held !== undefined)
      await this.#options.table.remember(hookId, held, this.#worker.memory(hookId, false))
  }

  async release(hookId: string): Promise<void> {
    const held = this.#held.get(hookId)
    if (held === undefined) return
    await this.#returning.add(() => this.#options.track(this.#release(hookId, held)))
  }

  async #release(hookId: string, held: LaneTerm): Promise<void> {
    const { table, jobs } = this.#options
    this.#held.delete(hookId)
    this.#share.leaveToOthers()
    const memory = this.#worker.memory(hookId, true)
    if (await table.release(hookId, held, memory)) await jobs.handBack([held.job])
  }

  retire(): Promise<void> {
    this.#retired ??= this.#retire()
    return this.#retired
  }

  async #retire(): Promise<void> {
    const { table } = this.#options
    this.#share.close()
    await table.leave()
    await table.hint(workersHint)
  }

  leave(): Promise<void> {
    this.#left ??= this.#options.track(this.#leave(true))
    return this.#left
  }

  abandon(): void {
    this.#left ??= this.#options.track(this.#leave(false))
    this.#left.catch(() => undefined) // nobody waits for it
  }

  get hasLeft(): boolean {
    return this.#left !== undefined
  }

  /** Beats no more from now on. */
  async #leave(handsBack: boolean): Promise<void> {
    const retired = this.retire()
    clearInterval(this.#timer)
    this.#stopListening?.()
    await this.#looks.close()
    try {
      await Promise.allSettled([retired, this.#returning.onIdle()]) // whoever asked for it is told
      if (handsBack) await Promise.all(this.#held.hookIds.map((hookId) => this.release(hookId)))
    } finally {
      await this.#options.jobs.stop()
    }
  }

  /** Of what was hinted at while nobody listened, nothing is known. */
  #onHint(hint: string | undefined): void {
    if (hint === undefined) this.#worker.due(this.#held.told)
    else if (this.#held.isTold(hint)) this.#worker.due([hint])
    if (hint === undefined || hint === workersHint) this.#heartbeat.outdate()
    if (hint === undefined || hint === workersHint || hint === laneHint) this.#tick()
  }

  #tick(): void {
    if (!this.#heartbeat.isCertain) this.#held.loseAll() // without one for long, they may be others'
    this.#looks.ask()
  }

  async #look(): Promise<void> {
    if (this.#heartbeat.isDue) await this.#beat()
    if (await this.#share.take()) this.#looks.ask()
    this.#worker.due(this.#held.told) // hints may be lost: looking is what can be relied on
  }

  /** Says that it lives, and sees what it still has. */
  async #beat(): Promise<void> {
    const { table, jobs } = this.#options
    const { hooks } = this.#worker
    let arrived = (): void => undefined
    const beat = await table.beat(hooks, this.#held.terms, () => {
      arrived = this.#heartbeat.begin()
    })
    this.#held.keep(beat)
    arrived()
    this.#held.tellAll()
    if (this.#retired !== undefined) return
    await jobs.make(hooks.filter((hookId) => this.#needsJob(hookId, beat)))
    await this.#share.shareOut(beat)
  }

  /** Nobody has its lane: it is new, or its job is gone, as pg-boss deletes what is old and waits. */
  #needsJob(hookId: string, { lanes, live }: Beat): boolean {
    const lane = lanes.get(hookId)
    return lane === undefined || !live.has(lane.worker) || (lane.isMine && !this.#held.has(hookId))
  }
}
