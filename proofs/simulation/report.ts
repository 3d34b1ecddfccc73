import { sixDays, sixHours, twentyMinutes } from './plans.ts'
import { runsOf } from './runs.ts'
import { section as breaker } from './sections/breaker.ts'
import { section as enabling } from './sections/enabling.ts'
import { section as options } from './sections/options.ts'
import { longOutage, outage } from './sections/outage.ts'
import { dead, waiting } from './sections/replaying.ts'
import { section as schedule } from './sections/schedule.ts'

const minutes = once(() => runsOf(twentyMinutes))
const hours = once(() => runsOf(sixHours))
const days = once(() => runsOf(sixDays))

/** The tables of docs/recovery.md, by name. */
const tables: Readonly<Record<string, () => Promise<string> | string>> = {
  schedule,
  '20 minutes': async () => outage(await minutes()),
  '6 hours': async () => outage(await hours()),
  waiting: async () => waiting([...(await minutes()), ...(await hours())]),
  '6 days': async () => longOutage(await days()),
  enable: enabling,
  replay: dead,
  breaker: async () => breaker([...(await minutes()), ...(await hours()), ...(await days())]),
  options,
}

/**
 * Simulates what tables of docs/recovery.md tell of.
 *
 * @param names of tables. @default all of them
 * @returns the tables, by name
 */
export async function simulate(
  names: readonly string[] = Object.keys(tables),
): Promise<ReadonlyMap<string, string>> {
  const simulated = new Map<string, string>()
  for (const [name, simulateOne] of Object.entries(tables))
    if (names.includes(name)) simulated.set(name, await simulateOne())
  return simulated
}

/** Several tables tell of the same runs. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => (made ??= make())
}
