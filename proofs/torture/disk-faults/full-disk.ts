import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDispatcher, StoreError, type Dispatcher } from 'deploy-hooks'
import { sqliteStore } from 'deploy-hooks/sqlite'
import type { Chance } from '../../../src/testing/store/chance.ts'
import { violationOf, type Finding } from '../../shared/report.ts'
import { checkFile } from './file-check.ts'
import { hookUrl, silentTransport } from './silent-transport.ts'
import type { SmallDisk } from './small-disk.ts'

/** Dispatches that a disk without a free byte must not all take: a WAL that was checkpointed is overwritten, and takes some. */
const mostOnFull = 3000
const patienceMs = 15_000

/** Fills the disk under a dispatcher so many times, and frees it again. */
export async function fillDisk(disk: SmallDisk, times: number, chance: Chance): Promise<Finding> {
  const full = new FullDisk(disk, chance)
  for (let time = 0; time < times; time += 1) await full.suffer()
  return full.end()
}

class FullDisk {
  readonly #disk: SmallDisk
  readonly #chance: Chance
  readonly #path: string
  readonly #store: ReturnType<typeof sqliteStore>
  readonly #dispatcher: Dispatcher
  readonly #acknowledged: number[] = []
  readonly #settled: Promise<unknown>[] = []
  readonly #violations: string[] = []
  #slowest = 0
  #version = 0
  #rejected = 0
  #putOff = 0
  #answers = Promise.withResolvers<void>()

  constructor(disk: SmallDisk, chance: Chance) {
    this.#disk = disk
    this.#chance = chance
    this.#path = join(disk.folder, 'store.db')
    this.#store = sqliteStore({ path: this.#path })
    const count = (message: string): void => {
      if (message.startsWith('An attempt could not be recorded yet')) this.#putOff += 1
    }
    this.#dispatcher = createDispatcher({
      hooks: [hookUrl],
      secret: 'of the torture',
      store: this.#store,
      transport: silentTransport(() => this.#answers.promise),
      logger: { warn: count, error: count },
    })
  }

  /** Some are in flight when the disk is full, and are answered before it is freed. */
  async suffer(): Promise<void> {
    await this.#dispatchSome(this.#chance.between(1, 150))
    this.#answers.resolve()
    await this.#allSettled('before the disk was full')
    this.#answers = Promise.withResolvers()
    await this.#dispatchSome(this.#chance.between(1, 9))
    this.#disk.fill()
    await this.#dispatchUntilFull()
    this.#answers.resolve()
    await sleep(this.#chance.between(50, 500))
    this.#disk.free()
    await this.#dispatchUntilAcknowledged()
    await this.#allSettled('after the disk was freed')
  }

  async end(): Promise<Finding> {
    await this.#dispatcher.close()
    await this.#store.close()
    const { missing, unsettled, others, isSound } = await checkFile(this.#path, this.#acknowledged)
    this.#violations.push(
      ...violationOf(missing, 'acknowledged, and not in the file'),
      ...violationOf(unsettled, 'not settled'),
    )
    if (!isSound) this.#violations.push('the file fails its integrity check')
    return {
      figures: {
        'dispatches acknowledged': this.#acknowledged.length,
        'dispatches rejected': this.#rejected,
        'settlements put off': this.#putOff,
        'acknowledged, not in the file': missing.length,
        'rejected, in the file': others.length,
        'integrity faults': isSound ? 0 : 1,
        'from free space to the next dispatch(), ms, slowest': Math.round(this.#slowest),
      },
      violations: this.#violations.map((text) => `full disk: ${text}`),
    }
  }

  async #dispatchSome(count: number): Promise<void> {
    for (let each = 0; each < count; each += 1) {
      const code = await this.#dispatch()
      if (code !== undefined) this.#violations.push(`rejected with ${code} while there was space`)
    }
  }

  async #dispatchUntilFull(): Promise<void> {
    const rejections = this.#chance.between(1, 5)
    let rejected = 0
    for (let each = 0; each < mostOnFull && rejected < rejections; each += 1) {
      const code = await this.#dispatch()
      if (code === undefined) continue
      rejected += 1
      if (code !== 'store_full') this.#violations.push(`rejected with ${code} while there was no space`)
    }
    if (rejected === 0) this.#violations.push(`${mostOnFull} dispatches found space on a full disk`)
  }

  async #dispatchUntilAcknowledged(): Promise<void> {
    const freedAt = performance.now()
    const code = await this.#dispatch()
    if (code !== undefined) this.#violations.push(`rejected with ${code} after space was freed`)
    this.#slowest = Math.max(this.#slowest, performance.now() - freedAt)
  }

  /** @returns what it was rejected with, if it was */
  async #dispatch(): Promise<string | undefined> {
    this.#version += 1
    const version = this.#version
    try {
      const { settled } = await this.#dispatcher.dispatch({ app: 'web', version, user: 'gabrtv' })
      this.#acknowledged.push(version)
      this.#settled.push(settled())
      return undefined
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      this.#rejected += 1
      return error.code
    }
  }

  async #allSettled(when: string): Promise<void> {
    const late = sleep(patienceMs, 'late')
    const all = Promise.all(this.#settled.splice(0))
    if ((await Promise.race([all, late])) === 'late') this.#violations.push(`not all was settled ${when}`)
  }
}
