import { sixDays, sixHours, twentyMinutes } from './plans.ts'
import { runsOf } from './runs.ts'
import { section as breaker } from './sections/breaker.ts'
import { section as enabling } from './sections/enabling.ts'
import { section as options } from './sections/options.ts'
import { longOutage, outage } from './sections/outage.ts'
import { dead, waiting } from './sections/replaying.ts'
import { section as schedule } from './sections/schedule.ts'

/** Simulates everything. @returns the tables of docs/recovery.md, by name */
export async function simulate(): Promise<ReadonlyMap<string, string>> {
  const minutes = await runsOf(twentyMinutes)
  const hours = await runsOf(sixHours)
  const days = await runsOf(sixDays)
  return new Map([
    ['schedule', schedule()],
    ['20 minutes', outage(minutes)],
    ['6 hours', outage(hours)],
    ['waiting', await waiting([...minutes, ...hours])],
    ['6 days', longOutage(days)],
    ['enable', await enabling()],
    ['replay', await dead()],
    ['breaker', await breaker([...minutes, ...hours, ...days])],
    ['options', await options()],
  ])
}
