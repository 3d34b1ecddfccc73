/** How often a worker says that it lives, in milliseconds: pg-boss takes a job back whose heartbeat is 10 s old. */
const everyMs = 2500
/** So long, in milliseconds, a lane is certainly held after a heartbeat. */
const certainForMs = 8000

/** When a worker said last that it lives, counted from before that was sent. */
export class Heartbeat {
  // By two clocks, since each may stand still or be set: the one of the wall, and one that only runs while the machine does.
  #wall = -Infinity
  #running = -Infinity
  #outdatedAt = -Infinity

  /** Whether the last heartbeat is so fresh that nobody else can have been given what this process holds. */
  get isCertain(): boolean {
    const elapsed = Math.max(Date.now() - this.#wall, performance.now() - this.#running)
    return elapsed < certainForMs
  }

  /** By the clock that cannot be set: a worker whose clock is set back would not beat until that has caught up. */
  get isDue(): boolean {
    return this.#outdatedAt >= this.#running || performance.now() - this.#running >= everyMs
  }

  /** Others came or went. A heartbeat that is on its way does not tell of them: there is another one then. */
  outdate(): void {
    this.#outdatedAt = performance.now()
  }

  /** One is about to be sent. @returns what is to be called when it has arrived */
  begin(): () => void {
    const wall = Date.now()
    const running = performance.now()
    return () => {
      this.#wall = wall
      this.#running = running
    }
  }
}
