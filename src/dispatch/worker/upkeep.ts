import type { Reporter } from '../reporter.ts'
import type { Chores } from './chores.ts'
import type { HealthSync } from './health-sync.ts'
import type { Lanes } from './lanes.ts'
import type { Settler } from './settler.ts'
import type { WakeTimer } from './wake-timer.ts'
import type { Watcher } from './watcher.ts'

export interface UpkeepOptions {
  readonly settler: Pick<Settler, 'returnOwed'>
  readonly healthSync: Pick<HealthSync, 'see' | 'move' | 'save'>
  readonly watcher: Pick<Watcher, 'tellAllFinal' | 'close'>
  readonly lanes: Pick<Lanes, 'dropThoseAtRest'>
  readonly wakes: WakeTimer
  readonly chores: Chores
  readonly reporter: Pick<Reporter, 'lastingFault'>
}

/** How often it is seen what other processes have changed, in milliseconds. */
const beatMs = 5000

/** Makes up for what failed, and sees what other processes have changed, at every beat. Leases do not wait for it. */
export class Upkeep {
  readonly #options: UpkeepOptions
  readonly #timer: NodeJS.Timeout
  #isBeating = false

  constructor(options: UpkeepOptions) {
    this.#options = options
    this.#timer = setInterval(() => {
      if (!this.#isBeating) void options.chores.add(() => this.#onBeat()) // in a slow store they would pile up
    }, beatMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#options.watcher.close()
  }

  async #onBeat(): Promise<void> {
    const { settler, healthSync, lanes, watcher, wakes, reporter } = this.#options
    this.#isBeating = true
    lanes.dropThoseAtRest()
    try {
      await settler.returnOwed()
      await healthSync.see()
      healthSync.move()
      await healthSync.save()
      await watcher.tellAllFinal()
    } catch (error) {
      reporter.lastingFault('The store could not be read, or not be told what is known of the hooks', error)
    } finally {
      this.#isBeating = false
    }
    wakes.wake()
  }
}
