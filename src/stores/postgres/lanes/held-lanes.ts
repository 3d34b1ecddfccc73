import type { LaneWorker } from '../../shared-lanes.ts'
import type { Beat, LaneTerm, TakenLane } from './lane-table.ts'

/** A lane that this worker has. */
interface HeldLane extends LaneTerm {
  /** Epoch milliseconds. */
  readonly since: number
  /** It was asked for. */
  isLeaving: boolean
}

/** The lanes that this worker has, and which of them whoever sends knows of. */
export class HeldLanes {
  readonly #worker: LaneWorker
  readonly #held = new Map<string, HeldLane>()
  readonly #told = new Set<string>()

  /** @param worker is told what becomes of its lanes */
  constructor(worker: LaneWorker) {
    this.#worker = worker
  }

  get size(): number {
    return this.#held.size
  }

  get hookIds(): readonly string[] {
    return [...this.#held.keys()]
  }

  get terms(): readonly LaneTerm[] {
    return [...this.#held.values()]
  }

  /** Those that the worker knows it has. */
  get told(): readonly string[] {
    return [...this.#told]
  }

  /** Those that were not asked for. */
  get staying(): readonly (readonly [hookId: string, lane: HeldLane])[] {
    return [...this.#held].filter(([, { isLeaving }]) => !isLeaving)
  }

  isTold(hookId: string): boolean {
    return this.#told.has(hookId)
  }

  has(hookId: string): boolean {
    return this.#held.has(hookId)
  }

  get(hookId: string): LaneTerm | undefined {
    return this.#held.get(hookId)
  }

  add({ hookId, job, term, memory }: TakenLane): void {
    this.#held.set(hookId, { job, term, since: Date.now(), isLeaving: false })
    this.#tell(hookId, memory)
  }

  /** The worker asks for none of it any more: it is on its way back. */
  delete(hookId: string): void {
    this.#held.delete(hookId)
    this.#told.delete(hookId)
  }

  /** Asks the worker for a lane. It hands it back when nothing of it is in flight. */
  ask(hookId: string): void {
    const held = this.#held.get(hookId)
    if (held === undefined) return
    held.isLeaving = true
    this.#worker.asked(hookId)
  }

  /** Forgets those that are others' by now. */
  keep({ lanes, touched }: Beat): void {
    for (const [hookId, { job, term }] of this.#held) {
      const now = lanes.get(hookId)
      const isMine = now?.isMine === true && now.job === job && now.term === term
      if (isMine && touched.has(job)) continue
      this.#held.delete(hookId)
      this.#lose(hookId)
    }
  }

  /** It is certain again that they are this worker's. */
  tellAll(): void {
    for (const hookId of this.#held.keys()) this.#tell(hookId, undefined)
  }

  /** They may be others' by now. */
  loseAll(): void {
    for (const hookId of this.#told) this.#lose(hookId)
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
}
