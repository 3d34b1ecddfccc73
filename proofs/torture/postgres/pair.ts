import type { Chance } from '../../../src/testing/store/chance.ts'
import type { Life } from '../life.ts'
import { callers, type Plan } from '../plan.ts'
import type { PostgresArena } from './arena.ts'

const apps = ['blue', 'green'] as const
export type App = (typeof apps)[number]

/** More than one worker dispatches in its life. */
const endless = 20_000

export interface Pace {
  /** Releases in a second, of both workers together. */
  readonly perSecond: number
  readonly closeMs?: readonly number[]
}

/** Two workers that share an arena. Both dispatch and send, until they are ended. */
export class Pair {
  readonly #arena: PostgresArena
  readonly #chance: Chance
  readonly #pace: Pace
  readonly #lives = new Map<App, Life>()

  constructor(arena: PostgresArena, chance: Chance, pace: Pace) {
    this.#arena = arena
    this.#chance = chance
    this.#pace = pace
    for (const app of apps) this.start(app)
  }

  start(app: App): Life {
    const { perSecond, closeMs = [2000] } = this.#pace
    const usualMs = (apps.length * callers * 1000) / perSecond
    const pauseMs = Math.ceil(usualMs * this.#chance.pick([0.5, 1, 2]))
    const plan: Partial<Plan> = { app, releases: endless, pauseMs, closeMs: this.#chance.pick(closeMs) }
    const life = this.#arena.start(plan)
    this.#lives.set(app, life)
    return life
  }

  of(app: App): Life {
    return this.#lives.get(app) as Life // both were started at once
  }

  either(): App {
    return this.#chance.pick(apps)
  }

  /** Resolves when both work, and each has some of the lanes. */
  async untilShared(): Promise<void> {
    await Promise.all(apps.map((app) => this.of(app).until('working')))
    await this.#arena.untilShared(apps.length)
  }

  /** As a supervisor does that has seen it start. */
  async terminate(app: App): Promise<void> {
    await this.of(app).until('opened')
    await this.of(app).terminate()
  }

  /** Ends both as they should end, and lets two others dispatch what is to be dispatched still, and send all. */
  async drain(releases: number): Promise<void> {
    const each = Math.ceil((releases * 4) / 7) // of the two quarters that both dispatch, one counts
    await this.#arena.server.restarted
    await Promise.all(apps.map((app) => this.terminate(app)))
    await this.#arena.drained(apps.map((app) => this.#arena.start({ app, releases: each, drain: true })))
  }
}
