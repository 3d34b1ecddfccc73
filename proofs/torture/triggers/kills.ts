import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTriggers, type Overlap, type TriggerDialect, type Triggers } from 'deploy-hooks/triggers'
import type { Store } from 'deploy-hooks'
import { Chance } from '../../../src/testing/store/chance.ts'
import { freePort } from '../../../test/loopback.ts'
import { createScratchFolder } from '../../shared/scratch-folder.ts'
import type { Report } from '../../shared/report.ts'
import { sorted } from './sorted.ts'
import { params } from './params.ts'
import { rowsOf, storeAt, type Place } from './place.ts'
import { PlatformLog } from './platform-log.ts'
import { steps, type Call, type CallerPlan, type Target } from './plan.ts'
import { judgeKills, type Ended } from './kill-verdict.ts'
import { Worker } from './worker.ts'

export interface KillOptions {
  readonly place: Place
  readonly kills: number
  /** Calls that are answered, at least. */
  readonly calls: number
  readonly seed: number
  /** For all that is taken to be started and ended, once nobody calls any more, in milliseconds. */
  readonly settlingMs: number
  readonly say: (progress: string) => void
}

const workerCount = 2
const callerProcesses = 3
const triggersOfApp = 3
const overlaps: readonly Overlap[] = ['latest', 'latest', 'queue', 'cancel', 'cancel', 'skip', 'reject']
const kinds: readonly TriggerDialect[] = [
  'native',
  'native',
  'shipmight',
  'fortrabbit',
  'flightcontrol',
  'stackblaze',
]

/** Kills the processes of a platform, of which two share a store, while its triggers are called, and some of them end. */
export async function killPlatform(options: KillOptions): Promise<Report> {
  const { place, kills, calls, seed, settlingMs, say } = options
  await using folder = await createScratchFolder()
  await using cleanUp = new AsyncDisposableStack()
  const log = new PlatformLog(folder.file('platform.log'))
  cleanUp.defer(() => log.close())
  const store = storeAt(place)
  cleanUp.defer(() => store.close())
  const platform = new Platform(store, log, new Chance(seed))
  cleanUp.defer(() => platform.close())
  const apps = Math.max(6, Math.ceil(calls / 300))
  const targets = await platform.createTriggers(apps)
  const ports = await Promise.all(Array.from({ length: workerCount }, freePort))
  const team = new Team({ place, ports, log: log.path }, new Chance(seed + 1))
  cleanUp.use(team)
  await team.opened()
  const perCaller = Math.ceil(calls / callerProcesses)
  const callers = await Promise.all(
    Array.from({ length: callerProcesses }, (_, member) =>
      startCaller({ member, seed, calls: perCaller, targets, ports }),
    ),
  )
  for (const { child } of callers) cleanUp.defer(() => void child.kill('SIGKILL'))
  const startedAt = performance.now()
  platform.endDeployments()
  const endEvery = Math.max(1, Math.floor(kills / Math.ceil(targets.length / 2)))
  for (let kill = 1; kill <= kills; kill += 1) {
    await team.killOne()
    if (kill % endEvery === 0) await platform.endOneTrigger(place)
    if (kill % 10 === 0) say(`${kill} of ${kills} SIGKILLs`)
  }
  const told = (await Promise.all(callers.map((caller) => caller.end()))).flat()
  say(`${told.length} calls are made`)
  await platform.settled(place, settlingMs)
  await team.end()
  const evidence = {
    targets,
    calls: told,
    ended: platform.ended,
    finishedAt: platform.finishedAt,
    log: log.read(),
    killedAt: team.killedAt,
    complaints: team.complaints,
    stored: {
      calls: await rowsOf(place, 'trigger_calls'),
      deployments: await rowsOf(place, 'trigger_deployments'),
      keys: await rowsOf(place, 'trigger_keys'),
    },
  }
  const { figures, violations } = judgeKills(evidence)
  return {
    title: `kills, ${place.name}`,
    figures: {
      SIGKILLs: kills,
      ...team.figures,
      ...figures,
      seconds: (performance.now() - startedAt) / 1000,
    },
    violations,
  }
}

/** What a platform does beside taking calls: it makes triggers and ends them, and tells how deployments ended. */
class Platform {
  readonly ended: Ended[] = []
  /** By the deployment: when its end was begun to be told. */
  readonly finishedAt = new Map<string, number>()
  readonly #triggers: Triggers
  readonly #log: PlatformLog
  readonly #chance: Chance
  #left: string[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(store: Store, log: PlatformLog, chance: Chance) {
    this.#log = log
    this.#chance = chance
    this.#triggers = createTriggers({
      store,
      params,
      publicUrl: 'http://localhost',
      workers: false,
      onTrigger: () => ({ id: 'never' }),
    })
  }

  /** Several of each app, which share its lanes. */
  async createTriggers(apps: number): Promise<readonly Target[]> {
    const targets: Target[] = []
    for (let index = 0; index < apps * triggersOfApp; index += 1) {
      const app = `app-${index % apps}`
      const dialect = this.#chance.pick(kinds)
      const { trigger, token, url } = await this.#triggers.create({
        app,
        environment: 'production',
        dialect,
        branch: 'main',
        overlap: this.#chance.pick(overlaps),
        ...(dialect === 'native' ? { params: ['branch', 'sha', 'note'] } : undefined),
        ...(dialect === 'flightcontrol' ? { environmentId: index + 1 } : undefined),
        ...(this.#chance.percent(25) ? { debounce: { quietMs: 200, maxWaitMs: 800 } } : undefined),
      })
      targets.push({ triggerId: trigger.id, dialect, token, path: new URL(url ?? '').pathname })
    }
    this.#left = targets.map(({ triggerId }) => triggerId)
    return targets
  }

  /** Revokes it, mostly one of which something waits, or takes its token away. */
  async endOneTrigger(place: Place): Promise<void> {
    const rows = (await rowsOf(place, 'trigger_deployments')).filter((row) => row['status'] === 'waiting')
    const waiting = this.#left.filter((id) => rows.some((row) => row['trigger_id'] === id))
    const isDropped = waiting.length > 0 && this.#chance.percent(70)
    if (this.#left.length === 0) return
    const triggerId = this.#chance.pick(isDropped ? waiting : this.#left)
    this.#left = this.#left.filter((id) => id !== triggerId)
    const how = isDropped ? 'dropped' : this.#chance.pick(['revoked', 'dropped', 'rotated'] as const)
    if (how === 'rotated') await this.#triggers.rotate(triggerId, { overlapMs: 0 })
    else await this.#triggers.revoke(triggerId, { dropWaiting: how === 'dropped' })
    this.ended.push({ triggerId, how, at: Date.now() })
  }

  /** Goes on telling the ends of what runs, by the id of either side. */
  endDeployments(): void {
    const end = async (): Promise<void> => {
      await this.#endSome(40)
      this.#timer = setTimeout(() => void end(), 100)
    }
    void end()
  }

  async #endSome(percent: number): Promise<void> {
    for (const { what, runs, deploymentId } of this.#log.read()) {
      if (what !== 'given' || runs !== true || this.finishedAt.has(deploymentId)) continue
      if (!this.#chance.percent(percent)) continue
      this.finishedAt.set(deploymentId, Date.now())
      const status = this.#chance.pick(['succeeded', 'failed'] as const)
      const isTold = this.#chance.percent(50) && (await this.#triggers.finished(`of-${deploymentId}`, status))
      if (!isTold) await this.#triggers.finished(deploymentId, status)
    }
  }

  /** Waits until all that was taken has started and ended, for so many milliseconds. */
  async settled(place: Place, withinMs: number): Promise<void> {
    const until = performance.now() + withinMs
    for (;;) {
      const open = (await rowsOf(place, 'trigger_deployments')).filter((row) => row['finished_at'] === null)
      if (open.length === 0 || performance.now() > until) return
      await sleep(250)
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#triggers.close()
  }
}

/** The processes that take calls, of which one is killed after the other, and started again. */
class Team implements AsyncDisposable {
  readonly #plan: { readonly place: Place; readonly ports: readonly number[]; readonly log: string }
  readonly #chance: Chance
  readonly #all: Worker[] = []
  readonly #living: Worker[] = []
  readonly #killedIn = new Map<string, number>()

  constructor(
    plan: { readonly place: Place; readonly ports: readonly number[]; readonly log: string },
    chance: Chance,
  ) {
    this.#plan = plan
    this.#chance = chance
    for (const index of plan.ports.keys()) this.#start(index)
  }

  async opened(): Promise<void> {
    await Promise.all(this.#living.map((worker) => worker.says('opened', 30_000)))
  }

  /** In the middle of one of its steps, or of whatever it does. */
  async killOne(): Promise<void> {
    const index = this.#chance.below(this.#living.length)
    const worker = this.#living[index] as Worker
    const step = this.#chance.pick([...steps, 'anything'] as const)
    const isIn = step === 'anything' || (await worker.says(step, 4000))
    await sleep(step === 'anything' ? this.#chance.below(500) : this.#chance.pick([0, 0, 1, 3, 10]))
    const name = `in the middle of ${isIn ? step : 'anything'}`
    this.#killedIn.set(name, (this.#killedIn.get(name) ?? 0) + 1)
    await worker.kill()
    this.#start(index)
    if (this.#chance.percent(80)) await this.#living[index]?.says('opened', 30_000)
  }

  get killedAt(): ReadonlyMap<number, number> {
    return new Map(this.#all.map(({ plan, killedAt = Infinity }) => [plan.life, killedAt]))
  }

  get complaints(): readonly string[] {
    return this.#all.flatMap(({ complaints }) => complaints)
  }

  get figures(): Readonly<Record<string, number>> {
    return sorted(this.#killedIn)
  }

  async end(): Promise<void> {
    await Promise.all(this.#living.map((worker) => worker.kill()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }

  #start(index: number): void {
    const { place, ports, log } = this.#plan
    const worker = new Worker({ life: this.#all.length + 1, place, log, port: ports[index] as number })
    this.#all.push(worker)
    this.#living[index] = worker
  }
}

async function startCaller(plan: CallerPlan): Promise<{
  readonly child: ChildProcess
  readonly end: () => Promise<readonly Call[]>
}> {
  const child = fork(join(import.meta.dirname, 'caller-process.ts'), [JSON.stringify(plan)], { execArgv: [] })
  await once(child, 'message')
  return {
    child,
    async end() {
      child.send('end')
      const [calls] = (await once(child, 'message')) as [readonly Call[]]
      return calls
    },
  }
}
