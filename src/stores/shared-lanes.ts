/**
 * Which of several workers sends to which hook. One at a time does: so the places of a hook's lane, its pace and its breaker hold over
 * all workers, and nobody has to count together what the others do.
 */
export interface SharedLanes {
  /**
   * Takes part as a worker. Resolves when the store was reached; lanes are given one by one from then on.
   *
   * @throws what the store throws
   */
  join(worker: LaneWorker): Promise<LaneMember>
}

/** What a worker is told. None of it may throw. */
export interface LaneWorker {
  /** Ids of the hooks that it can send to. */
  readonly hooks: readonly string[]
  /**
   * The lane is this worker's. Claims that others had of its deliveries do not hold any more.
   *
   * @param memory what was last remembered of the lane: `null` for nothing, and `undefined` when nobody had it before
   */
  given(hookId: string, memory: unknown): void
  /** Another worker has too few lanes: nothing more is to be started, and the lane handed back when nothing is in flight. */
  asked(hookId: string): void
  /** The lane is another worker's by now, or may be: nothing more is to be started. */
  lost(hookId: string): void
  /** Something may be due for these hooks. A hint: what it misses is found by looking. */
  due(hookIds: readonly string[]): void
  /**
   * What whoever has the lane next is to know of it, as plain JSON.
   *
   * @param isLast the lane is being handed back; otherwise this worker goes on, and may be killed
   */
  memory(hookId: string, isLast: boolean): unknown
  /** The store could not be reached. It goes on trying. */
  failed(error: unknown): void
}

/** A worker's part. */
export interface LaneMember {
  /** Whether the lane is certainly this worker's just now: false before {@link LaneWorker.lost} tells so, when beats were missed. */
  holds(hookId: string): boolean
  /** Remembers now what {@link LaneWorker.memory} tells, in case this worker comes to nothing. Does nothing when the lane was lost. */
  remember(hookId: string): Promise<void>
  /** Hands a lane back, with its memory. Nothing of it may be in flight. */
  release(hookId: string): Promise<void>
  /** Takes no more lanes, which are others' now; goes on with those it has, until they are released. May be called again. */
  retire(): Promise<void>
  /** Hands all back, and takes part no more. May be called again. */
  leave(): Promise<void>
  /** Takes part no more, and keeps nothing: a lane that is not on its way back is free when its last heartbeat is old. */
  abandon(): void
}
