import { setTimeout as sleep } from 'node:timers/promises'
import type { Chance } from '../../../src/testing/store/chance.ts'
import { everyCheck } from '../arena.ts'
import type { Limits } from '../evidence.ts'
import { aMoment } from '../moments.ts'
import { hookNames } from '../plan.ts'
import type { Report } from '../../shared/report.ts'
import { PostgresArena } from './arena.ts'
import { Pair } from './pair.ts'
import type { TorturedServer } from './server.ts'
import { checkTakeovers } from './takeovers.ts'

export interface WorkerOptions {
  readonly server: TorturedServer
  readonly chance: Chance
  readonly limits: Limits
  readonly say: (progress: string) => void
}

export interface WorkerKillOptions extends WorkerOptions {
  readonly kills: number
  readonly restarts: number
  /** Deliveries at least. */
  readonly deliveries: number
}

/** Of so many kills one leaves the worker dead for long; the others come in quick succession. */
const longEvery = 7
/** What the kills of such a group take, in seconds. */
const secondsInAGroup = 42
/** How long the dead stay dead for long, in milliseconds: longer than it takes to take over what they had. */
const absenceMs = 15_500

/** Kills either of two workers at random moments, and restarts the server under them. */
export async function killWorkers(options: WorkerKillOptions): Promise<Report> {
  const { server, kills, restarts, deliveries, chance, limits, say } = options
  await using arena = await PostgresArena.openOn(server, 'killed', limits)
  const releases = deliveries / hookNames.length
  const perSecond = releases / ((kills / longEvery) * secondsInAGroup)
  const pair = new Pair(arena, chance, { perSecond })
  for (let kill = 1; kill <= kills; kill += 1) {
    const restart = restartsWith(kill, options) ? restartServer(server, chance) : undefined
    if (kill % longEvery === 1) await pair.untilShared()
    if (kill % longEvery === 0 || kill === kills) await killForLong(pair, chance)
    else await killBriefly(pair, kill, chance)
    await restart
    if (kill % 10 === 0) say(`${kill} of ${kills} kills, ${arena.acks.read().size} deliveries acknowledged`)
  }
  await pair.drain(Math.max(0, releases - arena.acks.read().size / hookNames.length))
  const forgiven = arena.forgive()
  const title = restarts > 0 ? 'killed, and the server restarted' : 'killed'
  const { figures, violations } = await arena.report(title, [...everyCheck, checkTakeovers])
  return { title, figures: { ...figures, 'warnings of an interruption': forgiven }, violations }
}

/** Spread over all kills, from the first on. */
function restartsWith(kill: number, { kills, restarts }: WorkerKillOptions): boolean {
  return Math.ceil((kill * restarts) / kills) > Math.ceil(((kill - 1) * restarts) / kills)
}

async function restartServer(server: TorturedServer, chance: Chance): Promise<void> {
  const [beforeMs, downMs] = [chance.below(2000), chance.between(200, 3000)]
  const shutdown = chance.pick(['fast', 'immediate'] as const)
  await sleep(beforeMs)
  await server.restart(shutdown, downMs)
}

async function killBriefly(pair: Pair, turn: number, chance: Chance): Promise<void> {
  const app = pair.either()
  await aMoment(pair.of(app), turn, chance)
  await pair.of(app).kill()
  await sleep(chance.below(1000))
  pair.start(app)
}

/** While it is dead, the other one has to take over what it had. */
async function killForLong(pair: Pair, chance: Chance): Promise<void> {
  await pair.untilShared()
  await sleep(chance.between(200, 1500))
  const app = pair.either()
  await pair.of(app).kill()
  await sleep(absenceMs + chance.below(1500))
  pair.start(app)
}
