/** So long, in milliseconds, a lane is certainly held after a heartbeat: pg-boss waits for 10 s. */
const certainForMs = 8000

/**
 * Whether the last heartbeat is so fresh that nobody else can have been given what this process holds. Counted from before it was sent.
 *
 * By two clocks, since each may stand still or be set: the one of the wall, and one that only runs while the machine does.
 */
export class Certainty {
  #wall = -Infinity
  #running = -Infinity

  get isCertain(): boolean {
    const elapsed = Math.max(Date.now() - this.#wall, performance.now() - this.#running)
    return elapsed < certainForMs
  }

  /** A heartbeat is about to be sent. @returns what is to be called when it has arrived */
  begin(): () => void {
    const wall = Date.now()
    const running = performance.now()
    return () => {
      this.#wall = wall
      this.#running = running
    }
  }
}
