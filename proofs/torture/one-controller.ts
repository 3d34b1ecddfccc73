import type { Chance } from '../../src/testing/store/chance.ts'
import { Arena, everyCheck } from './arena.ts'
import { checkRecovery } from './checks/recovery.ts'
import type { Limits } from './evidence.ts'
import { aMoment, pausesMs } from './moments.ts'
import { hookNames } from './plan.ts'
import type { Report } from '../shared/report.ts'

export interface KillOptions {
  readonly kills: number
  /** Deliveries at least. */
  readonly deliveries: number
  readonly chance: Chance
  readonly limits: Limits
  readonly say: (progress: string) => void
}

/** Kills the one controller of a store at random moments, and starts it again, as a supervisor does. */
export async function killOneController({
  kills,
  deliveries,
  chance,
  limits,
  say,
}: KillOptions): Promise<Report> {
  await using arena = await Arena.open(limits)
  const left = (until: number): number =>
    Math.ceil(Math.max(50, deliveries * until - arena.acks.read().size) / hookNames.length)
  for (let kill = 1; kill <= kills; kill += 1) {
    const life = arena.start({ releases: left(kill / kills), pauseMs: chance.pick(pausesMs) })
    await aMoment(life, kill, chance)
    await life.kill()
    if (chance.percent(5)) arena.checkIntegrity()
    if (kill % 20 === 0) say(`${kill} of ${kills} kills, ${arena.acks.read().size} deliveries acknowledged`)
  }
  await arena.drain({ releases: left(1) })
  return await arena.report('one, killed', [...everyCheck, checkRecovery])
}
