import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Acks } from './acks.ts'
import { checkAttempts } from './checks/attempts.ts'
import { checkEndings } from './checks/endings.ts'
import { checkIdentity } from './checks/identity.ts'
import { checkRecorded } from './checks/recorded.ts'
import { checkRepeats } from './checks/repeats.ts'
import type { Evidence, Limits } from './evidence.ts'
import { readLedger } from './ledger.ts'
import { Life, type Interruption } from './life.ts'
import type { Plan } from './plan.ts'
import { startReceiver, type Receiver } from './receiver.ts'
import { joined, violationOf, type Finding, type Report } from '../shared/report.ts'
import { faultsOf, leasesIn, lockFilesOf, readDeliveries } from './store-file.ts'
import type { StoredDelivery } from './stored.ts'

export type Check = (evidence: Evidence, limits: Limits) => Finding

/** What must hold however controllers end. */
export const everyCheck: readonly Check[] = [
  checkEndings,
  checkRecorded,
  checkAttempts,
  checkIdentity,
  checkRepeats,
]

/** Where controllers have their store. */
type Place = Pick<Plan, 'store' | 'schema'>

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'deploy-hooks-torture-'))
}

export function receiverIn(folder: string): Promise<Receiver> {
  return startReceiver(join(folder, 'ledger'))
}

/** One store, one receiver, and the controllers that live and die between them. `await using` ends and removes all. */
export class Arena implements AsyncDisposable {
  readonly folder: string
  readonly lives: Life[] = []
  readonly acks: Acks
  readonly limits: Limits
  readonly #place: Place
  readonly #receiver: Receiver
  readonly #remove = (): void => rmSync(this.folder, { recursive: true, force: true })
  readonly #faults: string[] = []
  #checks = 0

  protected constructor(folder: string, place: Place, receiver: Receiver, limits: Limits) {
    this.folder = folder
    this.#place = place
    this.#receiver = receiver
    this.limits = limits
    this.acks = new Acks(join(folder, 'acks'))
    process.once('exit', this.#remove) // an interrupted run leaves no files behind
  }

  static async open(limits: Limits): Promise<Arena> {
    const folder = newFolder()
    return new Arena(folder, { store: join(folder, 'deploy-hooks.db') }, await receiverIn(folder), limits)
  }

  /** Starts a controller on the store. It goes on with what the last one of its app did not get acknowledged. */
  start(plan: Partial<Plan> = {}): Life {
    const { app = 'web' } = plan
    const { last, unacknowledged } = this.acks.standing(app)
    const life = new Life({
      life: this.lives.length + 1,
      ...this.#place,
      acks: this.acks.path,
      receiver: this.#receiver.origin,
      app,
      again: unacknowledged,
      first: last + 1,
      releases: 0,
      pauseMs: 0,
      aheadMs: 0,
      drain: false,
      closeMs: 0,
      ...plan,
    })
    this.lives.push(life)
    return life
  }

  /** Lets a last controller send all that is left. */
  async drain(plan: Partial<Plan> = {}): Promise<void> {
    await this.drained([this.start({ ...plan, drain: true })])
  }

  /** Resolves when these controllers have dispatched and sent all that there is, or time is up. */
  async drained(lives: readonly Life[]): Promise<void> {
    await Promise.all(lives.map((life) => life.until('dispatched')))
    this.#receiver.hurry()
    await Promise.all(lives.map((life) => life.endWithin(this.limits.drainMs)))
  }

  checkIntegrity(): void {
    this.#checks += 1
    this.#faults.push(...faultsOf(this.#place.store))
  }

  leases(): ReturnType<typeof leasesIn> {
    return leasesIn(this.#place.store)
  }

  /** What the checks find, and what is found in the store itself. Every controller must have ended. */
  async report(title: string, checks: readonly Check[]): Promise<Report> {
    const evidence = await this.#evidence()
    const found = checks.map((check) => check(evidence, this.limits))
    return { title, ...joined([...found, await this.examine()]) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.lives.map((life) => life.kill()))
    await this.#receiver[Symbol.asyncDispose]()
    this.acks.close()
    this.#remove()
    process.off('exit', this.#remove)
  }

  async #evidence(): Promise<Evidence> {
    await this.#receiver.finish()
    const receipts = await readLedger(join(this.folder, 'ledger'))
    return {
      lives: new Map(this.lives.map((life) => [life.plan.life, life])),
      acked: this.acks.read(),
      receipts: Map.groupBy(receipts, ({ id }) => id),
      stored: await this.readDeliveries(),
      outages: this.outages,
    }
  }

  /** When the store could not be reached. */
  protected get outages(): readonly Interruption[] {
    return []
  }

  protected readDeliveries(): Promise<ReadonlyMap<string, StoredDelivery>> {
    return Promise.resolve(readDeliveries(this.#place.store))
  }

  /** What is found in the store when every controller has ended. */
  protected examine(): Promise<Finding> {
    return Promise.resolve(this.#examineFile())
  }

  #examineFile(): Finding {
    this.checkIntegrity()
    const { leased, owners } = this.leases()
    const locks = lockFilesOf(this.#place.store)
    return {
      figures: {
        'integrity checks': this.#checks,
        'integrity faults': this.#faults.length,
        'leases left': leased + owners,
        'lock files left': locks.length,
      },
      violations: [
        ...violationOf(this.#faults, 'SQLite finds faults in the file'),
        ...(leased + owners > 0
          ? [`${leased} leases and ${owners} of their owners are left in the file`]
          : []),
        ...violationOf(locks, 'Lock files are left beside the store'),
      ],
    }
  }
}
