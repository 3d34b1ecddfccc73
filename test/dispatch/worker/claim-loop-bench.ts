import { ClaimLoop } from '../../../src/dispatch/worker/claim-loop.ts'
import type { Claim } from '../../../src/index.ts'
import type { ClaimOptions, DueHooks, DueOptions } from '../../../src/stores/store.ts'
import { Claiming, leaseMs } from './claiming.ts'
import { isSettled, reporterTo } from './fakes.ts'

/** A loop over a store that gives what it is told to. */
export class ClaimLoopBench extends Claiming {
  readonly stop: AbortController = new AbortController()
  gives: (options: ClaimOptions) => Promise<readonly Claim[]> = async () => []
  /** Of the hooks that it is asked for, those that something is due of. */
  due: string[] = []
  dueAt: number | undefined
  readonly loop: ClaimLoop = new ClaimLoop({
    ...this.parts,
    store: {
      claim: async (options) => {
        const rooms = [...options.hooks].map(([id, room]) => `${id} ${room}`)
        this.does.push(`claim ${rooms.join(', ')} at ${options.now} until ${options.until}`)
        return this.gives(options)
      },
      due: async (options) => {
        const among = options.among === undefined ? 'all' : [...options.among].join(', ')
        this.does.push(['due of', among, ...[...options.except].map((id) => `but ${id}`)].join(' '))
        return this.#found(options)
      },
    },
    reporter: reporterTo(this.log),
    leaseMs,
    now: Date.now,
    signal: this.stop.signal,
  })

  /** What is asked for when it is woken. */
  async wake(): Promise<readonly string[]> {
    this.wakes.wake()
    return this.asked()
  }

  async asked(): Promise<readonly string[]> {
    await isSettled(Promise.resolve())
    return this.does.splice(0)
  }

  #found({ except, among, limit }: DueOptions): DueHooks {
    const found = this.due.filter((id) => !except.has(id) && among?.has(id) !== false)
    return { hooks: found.slice(0, limit), nextAt: this.dueAt }
  }
}
