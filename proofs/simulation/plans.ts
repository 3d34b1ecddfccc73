import { day, hour, minute, second } from './durations.ts'
import type { Traffic } from './platform.ts'
import type { Down } from './receiver.ts'

export const downs: readonly Down[] = ['refuses', 'hangs', 'answers 503']

const once: Traffic = { name: 'one, at the start', everyMs: 'once' }
export const hourly: Traffic = { name: 'every hour', everyMs: hour }
export const everyTenMinutes: Traffic = { name: 'every 10 minutes', everyMs: 10 * minute }
export const tenAMinute: Traffic = { name: '10 a minute', everyMs: 6 * second }

/** How long a receiver is down, and what is released meanwhile. */
export interface Plan {
  readonly name: string
  readonly downMs: number
  readonly traffics: readonly Traffic[]
}

export const twentyMinutes: Plan = {
  name: '20 minutes',
  downMs: 20 * minute,
  traffics: [once, everyTenMinutes, tenAMinute],
}
export const sixHours: Plan = {
  name: '6 hours',
  downMs: 6 * hour,
  traffics: [once, everyTenMinutes, tenAMinute],
}
export const sixDays: Plan = { name: '6 days', downMs: 6 * day, traffics: [once, hourly, everyTenMinutes] }
