import { createDispatcher, type Delivery, type Dispatcher, type DispatcherOptions } from 'deploy-hooks'
import { Chance } from '../../src/testing/store/chance.ts'
import { minute } from './durations.ts'
import { Observations } from './observations.ts'
import { SimulatedReceiver, type Down } from './receiver.ts'
import { VirtualTime } from './virtual-time.ts'

export const hookId = 'ci'

export interface Traffic {
  readonly name: string
  /** Between releases; or one alone, at the start of the outage. */
  readonly everyMs: number | 'once'
}

export interface PlatformOptions {
  readonly down: Down
  readonly downMs: number
  readonly traffic: Traffic
  /** What differs from the defaults. */
  readonly options?: Partial<DispatcherOptions> | undefined
}

const startsAt = Date.UTC(2026, 0, 1)
const healthyMs = 10 * minute
/** From the start of the outage to its first release; and so, since it lasts for a multiple of their distance, from its end to the next. */
const firstReleaseMs = 3 * minute
const seed = 20_261_121
const fractions = 2 ** 30

/** A platform with one hook, on virtual time: its releases, and an outage of the receiver after ten minutes without one. */
export class Platform implements AsyncDisposable {
  readonly time: VirtualTime = new VirtualTime(startsAt)
  readonly downAt: number = startsAt + healthyMs
  readonly backAt: number
  readonly dispatcher: Dispatcher
  readonly receiver: SimulatedReceiver
  readonly seen: Observations
  /** What the dispatcher logged as an error: there is to be none. */
  readonly errors: string[] = []
  /** In the order of release. */
  readonly recorded: Delivery[] = []
  readonly #everyMs: number
  #nextRelease: number

  constructor({ down, downMs, traffic: { everyMs }, options }: PlatformOptions) {
    this.backAt = this.downAt + downMs
    this.#everyMs = everyMs === 'once' ? Infinity : everyMs
    this.#nextRelease = everyMs === 'once' ? this.downAt : firstAfter(startsAt, this.downAt, everyMs)
    const now = (): number => this.time.now
    this.receiver = new SimulatedReceiver(this.time, { down, from: this.downAt, until: this.backAt })
    const chance = new Chance(seed)
    this.dispatcher = createDispatcher({
      hooks: [{ url: 'https://ci.example.com/run', id: hookId }],
      secret: 'of-the-simulation',
      transport: this.receiver,
      logger: { warn() {}, error: (message) => this.errors.push(message) },
      now,
      random: () => chance.below(fractions) / fractions,
      ...options,
    })
    this.seen = new Observations(this.dispatcher, now)
  }

  /** Deliveries of the releases made while the receiver was down. */
  get missed(): readonly Delivery[] {
    return this.recorded.filter(({ recordedAt }) => recordedAt >= this.downAt && recordedAt < this.backAt)
  }

  /** Lets time pass, with its releases, until then, or until this is so. */
  async advanceTo(at: number, isSo: () => boolean = () => false): Promise<void> {
    while (this.#nextRelease <= at) {
      await this.time.advanceTo(this.#nextRelease, isSo)
      if (isSo()) return
      const version = this.recorded.length + 1
      const { deliveries } = await this.dispatcher.dispatch({ app: 'web', version, user: 'gabrtv' })
      this.recorded.push(...deliveries)
      this.#nextRelease += this.#everyMs
    }
    await this.time.advanceTo(at, isSo)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.dispatcher.close({ deadlineMs: 0 })
    await this.time.advanceTo(this.time.now + minute)
    await closed
    this.time[Symbol.dispose]()
    if (this.errors.length > 0) throw new Error(`The dispatcher logged errors: ${this.errors.join('; ')}`)
  }
}

/** The first of the times of release that is not before the start. */
function firstAfter(start: number, downAt: number, everyMs: number): number {
  const first = downAt + firstReleaseMs
  return first - Math.floor((first - start) / everyMs) * everyMs
}
