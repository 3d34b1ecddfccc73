import { hour } from '../durations.ts'
import { enabledAfter, type Enabled } from '../enabling.ts'
import { downs, everyTenMinutes, hourly, sixDays } from '../plans.ts'
import { count, tableOf, time } from '../table.ts'
import type { Scenario } from '../runs.ts'
import { scenarioColumns } from './outage.ts'

interface Row extends Scenario {
  readonly back: Enabled
  readonly early: Enabled
}

/** `enable()` after six days, an hour after the receiver is back, and an hour before it is. */
export async function section(): Promise<string> {
  const rows: Row[] = []
  for (const traffic of [hourly, everyTenMinutes])
    for (const down of downs) {
      const outage = { down, downMs: sixDays.downMs, traffic }
      const [back, early] = [await enabledAfter(outage, hour), await enabledAfter(outage, -hour)]
      rows.push({ traffic, down, back, early })
    }
  return tableOf(rows, [
    ...scenarioColumns,
    { title: 'requests to the first that arrives', cell: ({ back }) => count(back.requests) },
    { title: 'it does after', cell: ({ back }) => time(back.firstMs) },
    { title: 'lost since', cell: ({ back }) => count(back.lost) },
    { title: 'an hour too early: requests', cell: ({ early }) => count(early.requests) },
    { title: 'after the return', cell: ({ early }) => time(early.firstAfterReturnMs) },
    { title: 'lost since', cell: ({ early }) => count(early.lost) },
  ])
}
