import { setTimeout as sleep } from 'node:timers/promises'
import { Arena, everyCheck } from './arena.ts'
import { checkRecovery } from './checks/recovery.ts'
import { pausesMs } from './moments.ts'
import type { KillOptions } from './one-controller.ts'
import { violationOf, type Report } from '../shared/report.ts'

export interface TermOptions extends Pick<KillOptions, 'chance' | 'limits' | 'say'> {
  readonly terms: number
}

/** Some leave no time for what is in flight, some enough for all that is claimed. */
const deadlinesMs = [0, 50, 200, 500] as const

/** Ends a controller under load by SIGTERM, and starts it again. */
export async function terminate({ terms, chance, limits, say }: TermOptions): Promise<Report> {
  await using arena = await Arena.open(limits)
  const left: string[] = []
  for (let term = 1; term <= terms; term += 1) {
    const plan = { releases: chance.between(20, 120), pauseMs: chance.pick(pausesMs) }
    const life = arena.start({ ...plan, closeMs: chance.pick(deadlinesMs) })
    await life.until('working')
    await sleep(chance.below(250))
    await life.terminate()
    const { leased, owners } = arena.leases()
    if (leased + owners > 0) left.push(`${leased} leases and ${owners} owners of process ${life.plan.life}`)
    if (term % 20 === 0) say(`${term} of ${terms} SIGTERMs`)
  }
  await arena.drain()
  const report = await arena.report('SIGTERM', [...everyCheck, checkRecovery])
  const violations = violationOf(left, 'Processes that were asked to end left leases behind')
  return { ...report, violations: [...report.violations, ...violations] }
}
