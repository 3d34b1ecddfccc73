import { Pace } from '../../pace.ts'

/** When deliveries that are sent again are due: each hook's at a pace, so that a receiver which has just come back is not flooded. */
export class ReplayPacing {
  readonly #start: number
  readonly #perSecond: number
  readonly #paces = new Map<string, Pace>()

  /** @param start epoch milliseconds of each hook's first one */
  constructor(start: number, perSecond: number) {
    this.#start = start
    this.#perSecond = perSecond
  }

  /** The hook's next one, in epoch milliseconds. */
  next(hookId: string): number {
    return Math.round(Math.max(this.#start, this.#paces.get(hookId)?.readyAt ?? 0))
  }

  take(hookId: string): number {
    const pace = this.#paces.get(hookId) ?? new Pace({ perSecond: this.#perSecond })
    this.#paces.set(hookId, pace)
    const at = Math.max(this.#start, pace.readyAt)
    pace.take(at)
    return Math.round(at)
  }
}
