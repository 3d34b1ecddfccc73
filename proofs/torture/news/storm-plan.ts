import type { Chance } from '../../../src/testing/store/chance.ts'
import { isolations, type Facts } from '../../../test/dispatch/news-steps.ts'

/** How something is told: by dispatches at once, in a transaction of the caller's, or by the SQL function in one. */
const ways = ['dispatch', 'dispatch', 'transaction', 'transaction', 'function'] as const

/** Events that a caller tells of together, in this order. */
export interface Task {
  readonly events: readonly Facts[]
  readonly way: (typeof ways)[number]
  readonly isolation: (typeof isolations)[number]
  /** How often he rolls it back before he commits it. */
  readonly rollbacks: number
}

export const members = 3
const apps = ['web', 'api', 'jobs', 'mail', 'docs', 'auth'] as const

/** For each process what it tells. Every event is told by two of them, of which one goes through the apps the other way round. */
export function tasksOf(events: number, base: number, chance: Chance): readonly (readonly Task[])[] {
  const own: readonly Task[][] = Array.from({ length: members }, () => [])
  for (const bundle of bundlesOf(events, base, chance)) {
    const first = chance.below(members)
    const second = (first + 1 + chance.below(members - 1)) % members
    own[first]?.push(taskOf(bundle, chance))
    own[second]?.push(taskOf(bundle.toReversed(), chance))
  }
  return own
}

/** Each of a few events, of an app each. */
function bundlesOf(events: number, base: number, chance: Chance): readonly (readonly Facts[])[] {
  const bundles: Facts[][] = []
  for (let number = 1; number <= events;) {
    const size = chance.between(2, 3)
    const from = chance.below(apps.length - size + 1)
    const some = apps.slice(from, from + size)
    bundles.push(some.map((app, index) => eventOf(number + index, app, base, chance)))
    number += size
  }
  return bundles
}

/**
 * What was told before: events that are known by their time have happened before, so that they are told again under an id that no other
 * dispatch would give them. Then another rollout of each app, which closes those.
 */
export function historyOf(tasks: readonly Task[]): readonly Facts[] {
  const events = new Map(tasks.flatMap((task) => task.events.map((event) => [event.version, event])))
  const earlier = [...events.values()].flatMap(({ at, ...event }) =>
    at === undefined ? [] : [{ ...event, at: at - earlierMs }],
  )
  return [...earlier, ...apps.map((app): Facts => ({ app, version: 'v0.1', stage: 'released' }))]
}

/** Tells events apart: the same for what is told and for what is recorded. */
export function nameOf({ app, version, at }: Pick<Facts, 'app' | 'version' | 'at'>): string {
  return `${app}-${version}-${at}`
}

const earlierMs = 3_600_000

/** Known by its deployment, its key or its time: whatever else was told in its scope in between. */
function eventOf(number: number, app: string, base: number, chance: Chance): Facts {
  const stage = chance.pick(['released', 'succeeded', 'failed'] as const)
  const event = { app, version: `v${number}`, stage }
  const at = { at: base + number }
  return { ...event, ...chance.pick([{ deployment: `d${number}` }, { key: `k${number}` }, at, at]) }
}

function taskOf(events: readonly Facts[], chance: Chance): Task {
  return {
    events,
    way: chance.pick(ways),
    isolation: chance.pick(isolations),
    rollbacks: chance.percent(40) ? chance.between(1, 2) : 0,
  }
}
