import { setTimeout as sleep } from 'node:timers/promises'
import { Arena, everyCheck } from './arena.ts'
import { checkTakeover } from './checks/takeover.ts'
import { aMoment, pausesMs } from './moments.ts'
import type { KillOptions } from './one-controller.ts'
import { hookNames } from './plan.ts'
import type { Report } from '../shared/report.ts'

const apps = ['blue', 'green'] as const

/** Two controllers share the file, as in a rolling restart, and either is killed at random moments. */
export async function killTwoControllers({
  kills,
  deliveries,
  chance,
  limits,
  say,
}: KillOptions): Promise<Report> {
  await using arena = await Arena.open(limits)
  let killed = 0
  const left = (): number =>
    Math.ceil(Math.max(50, (deliveries * (killed + 1)) / kills - arena.acks.read().size) / hookNames.length)
  const killInTurn = async (app: string): Promise<void> => {
    while (killed < kills - 1) {
      killed += 1
      const life = arena.start({ app, releases: left(), pauseMs: chance.pick(pausesMs) })
      await aMoment(life, killed, chance)
      await life.kill()
      if (killed % 20 === 0)
        say(`${killed} of ${kills} kills, ${arena.acks.read().size} deliveries acknowledged`)
    }
  }
  await Promise.all(apps.map((app) => killInTurn(app)))
  const gone = arena.start({ app: apps[0], releases: left() })
  const stays = arena.start({ app: apps[1], releases: left(), drain: true })
  await gone.until('working')
  await sleep(chance.between(500, 1000))
  await gone.kill() // and is not started again: the other one goes on with what it had
  await arena.drained([stays])
  return await arena.report('two, killed', [...everyCheck, checkTakeover])
}

export type TwoOptions = Pick<KillOptions, 'deliveries' | 'limits'>

/** Two controllers share the file, and a quarter of the releases, and nobody is killed: nothing is sent twice. */
export async function runTwoControllers({ deliveries, limits }: TwoOptions): Promise<Report> {
  await using arena = await Arena.open(limits)
  const releases = Math.ceil((deliveries * 4) / 7 / hookNames.length) // of the two quarters that both dispatch, one counts
  const lives = apps.map((app) => arena.start({ app, releases, pauseMs: 1, drain: true }))
  await arena.drained(lives)
  return await arena.report('two, not killed', everyCheck)
}
