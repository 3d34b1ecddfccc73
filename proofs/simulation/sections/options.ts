import type { DispatcherOptions } from 'deploy-hooks'
import { day, minute, second } from '../durations.ts'
import { figuresOf, type Figures } from '../figures.ts'
import { everyTenMinutes, hourly, sixDays, sixHours, tenAMinute, type Plan } from '../plans.ts'
import type { Traffic } from '../platform.ts'
import { count, deadInWords, tableOf, time, type Column } from '../table.ts'

interface Variant {
  readonly text: string
  readonly options?: Partial<DispatcherOptions>
}

interface Row extends Variant {
  readonly plan: Plan
  readonly traffic: Traffic
  readonly figures: Figures
}

const defaults: Variant = { text: 'defaults' }
const noLongWaits = [5 * second, 30 * second, 2 * minute, ...Array.from({ length: 48 }, () => 30 * minute)]
const unrepeated = { retries: 0, minTimeout: 100, maxTimeout: 1500, factor: 2 }
const variants: readonly [Plan, Traffic, readonly Variant[]][] = [
  [
    sixHours,
    everyTenMinutes,
    [
      defaults,
      {
        text: '`retry.delaysMs`: 5 s, 30 s, 2 min, and 48 times 30 min',
        options: { retry: { delaysMs: noLongWaits } },
      },
      { text: '`retry.connect.retries: 0`', options: { retry: { connect: unrepeated } } },
      { text: '`breaker.minimum: 5`', options: { breaker: { minimum: 5 } } },
    ],
  ],
  [
    sixHours,
    tenAMinute,
    [defaults, { text: '`breaker.maxOpenMs: 60_000`', options: { breaker: { maxOpenMs: minute } } }],
  ],
  [
    sixDays,
    hourly,
    [
      defaults,
      { text: '`disableAfterMs`: 1 d', options: { disableAfterMs: day } },
      { text: '`disableAfterMs: Infinity`', options: { disableAfterMs: Infinity } },
    ],
  ],
  [
    sixDays,
    everyTenMinutes,
    [defaults, { text: '`disableAfterMs: Infinity`', options: { disableAfterMs: Infinity } }],
  ],
]

const columns: readonly Column<Row>[] = [
  { title: 'down for', cell: ({ plan }) => plan.name, isText: true },
  { title: 'releases', cell: ({ traffic }) => traffic.name, isText: true },
  { title: 'options', cell: ({ text }) => text, isText: true },
  { title: 'requests', cell: ({ figures }) => count(figures.requests) },
  { title: 'dead', cell: ({ figures }) => deadInWords(figures.dead) },
  { title: 'arrived', cell: ({ figures }) => count(figures.delivered) },
  { title: 'first arrives after', cell: ({ figures }) => time(figures.firstAfterMs) },
  { title: 'last arrives after', cell: ({ figures }) => time(figures.lastAfterMs) },
]

/** What some options change, for a receiver that refuses connections. */
export async function section(): Promise<string> {
  const rows: Row[] = []
  for (const [plan, traffic, all] of variants)
    for (const variant of all) {
      const { options } = variant
      const figures = await figuresOf({ down: 'refuses', downMs: plan.downMs, traffic, options })
      rows.push({ ...variant, plan, traffic, figures })
    }
  return tableOf(rows, columns)
}
