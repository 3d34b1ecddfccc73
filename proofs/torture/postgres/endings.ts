import { setTimeout as sleep } from 'node:timers/promises'
import { everyCheck } from '../arena.ts'
import type { Report } from '../../shared/report.ts'
import { PostgresArena } from './arena.ts'
import { checkHandOvers } from './hand-overs.ts'
import type { WorkerOptions } from './kills.ts'
import { Pair } from './pair.ts'
import { checkTakeovers } from './takeovers.ts'

export interface EndingOptions extends WorkerOptions {
  /** How often. */
  readonly times: number
}

/** Some are over before the slowest receiver answers. */
const closeMs = [500, 3000, 8000]
const perSecond = 20

/** Ends either of two workers by SIGTERM: it hands its lanes back, and the other one goes on with them. */
export async function terminateWorkers({
  server,
  times,
  chance,
  limits,
  say,
}: EndingOptions): Promise<Report> {
  await using arena = await PostgresArena.openOn(server, 'terminated', limits)
  const pair = new Pair(arena, chance, { perSecond, closeMs })
  for (let term = 1; term <= times; term += 1) {
    await pair.untilShared()
    await sleep(chance.between(500, 1500))
    const app = pair.either()
    await pair.terminate(app)
    await sleep(2500)
    pair.start(app)
    say(`${term} of ${times} SIGTERMs`)
  }
  await pair.drain(0)
  return await arena.report('SIGTERM', [...everyCheck, checkHandOvers])
}

/** So long a worker stands still, in milliseconds: longer than it takes to take over what it had. */
const stillMs = 20_000

/** Stops either of two workers by SIGSTOP, and lets it go on when others have long gone on with what it had. */
export async function stopWorkers({ server, times, chance, limits, say }: EndingOptions): Promise<Report> {
  await using arena = await PostgresArena.openOn(server, 'stopped', limits)
  const pair = new Pair(arena, chance, { perSecond })
  for (let stop = 1; stop <= times; stop += 1) {
    await pair.untilShared()
    await sleep(chance.between(500, 1500))
    await pair.of(pair.either()).stop(stillMs)
    await sleep(2500)
    say(`${stop} of ${times} SIGSTOPs`)
  }
  await pair.untilShared() // who stood still gets lanes again
  await pair.drain(0)
  const forgiven = arena.forgive()
  const { title, figures, violations } = await arena.report('SIGSTOP', [...everyCheck, checkTakeovers])
  return { title, figures: { ...figures, 'warnings of an interruption': forgiven }, violations }
}
