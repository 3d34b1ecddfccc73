import type { Release } from 'deploy-hooks'
import type { Chance } from '../../../src/testing/store/chance.ts'
import type { Facts } from '../../../test/dispatch/news-steps.ts'

type Rollout = Omit<Facts, 'stage' | 'at' | 'key'>
/** What happens in a tenant, app and environment, in its order: each event at a time of its own. */
export type History = readonly Facts[]

const results = ['succeeded', 'failed', 'rolled-back'] as const
const scopes = 24

/**
 * Rollouts with results that flap, of a few apps. Some overlap, some have a deployment, and some bring a version back. Nothing that is
 * sent but what the library adds tells an event from another one of its rollout and stage.
 */
export function historiesOf(rollouts: number, base: number, chance: Chance): readonly History[] {
  const counts = Array.from({ length: scopes }, (_, index) => Math.floor((rollouts + index) / scopes))
  return counts.map((count, index) => {
    const all: Rollout[] = []
    while (all.length < count) all.push(rolloutOf(index, all, chance))
    const events = pairsOf(all).flatMap((pair) => mixed(pair, chance))
    return events.map((event, nth) => ({ ...event, at: base + nth * 1000 }))
  })
}

/** Of a new version, or of one that was away for a while. */
function rolloutOf(scope: number, before: readonly Rollout[], chance: Chance): Rollout {
  const recent = new Set(before.slice(-3).map(({ version }) => version))
  const away = before.filter(({ version }) => !recent.has(version))
  const version = away.length > 0 && chance.percent(15) ? chance.pick(away).version : `v${before.length + 1}`
  return {
    app: `app${Math.floor(scope / 3)}`,
    ...(scope % 3 > 0 && { environment: scope % 3 === 1 ? 'staging' : 'production' }),
    version,
    ...(chance.percent(70) && { sha: `sha-of-${version}` }),
    ...(chance.percent(50) && { deployment: `d${scope}-${before.length}` }),
  }
}

function pairsOf(rollouts: readonly Rollout[]): readonly (readonly Rollout[])[] {
  return rollouts.flatMap((_, index) => (index % 2 === 0 ? [rollouts.slice(index, index + 2)] : []))
}

/** Events of two rollouts, which overlap. */
function mixed(pair: readonly Rollout[], chance: Chance): readonly Facts[] {
  const left = pair.map((rollout) => eventsOf(rollout, chance))
  const all: Facts[] = []
  while (left.some((events) => events.length > 0)) {
    const behind = chance.percent(30) ? 1 : 0
    all.push(...(left[behind]?.splice(0, chance.between(1, 3)) ?? []))
  }
  return all
}

function eventsOf(rollout: Rollout, chance: Chance): Facts[] {
  const events: Facts[] = [{ ...rollout, stage: 'released' }]
  for (let left = chance.between(1, 8); left > 0; left -= 1) {
    const last = events.at(-1)?.stage
    events.push({ ...rollout, stage: chance.pick(results.filter((each) => each !== last)) })
  }
  return events
}

/** Tells events apart: the same for what is told and for what is recorded. */
export function nameOf({
  app,
  environment = '-',
  at = 0,
}: Pick<Facts, 'app' | 'environment' | 'at'>): string {
  return `${app} ${environment} ${at}`
}

export function eventOf({ app, environment = '-', at = '' }: Release): string {
  return nameOf({ app, environment, at: Date.parse(at) })
}
