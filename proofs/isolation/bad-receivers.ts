import { contest, type Contestant, type Standing } from '../shared/contest.ts'
import { quantile } from '../shared/statistics.ts'
import { latenciesOf, shareArrived } from './latencies.ts'
import type { Behaviour } from '../shared/receivers.ts'
import type { Traffic } from '../shared/traffic.ts'
import type { TransportName } from '../shared/transports.ts'
import { shown } from '../shared/table.ts'
import { runTrial, type TrialResult } from './trial.ts'
import type { Vitals } from '../shared/vitals.ts'

export type BadBehaviour = Extract<Behaviour, 'hang' | 'refuse' | 'fail'>

export interface BadReceiversOptions {
  readonly rounds: number
  /** Measured in each run. */
  readonly seconds: number
  /** Before the bad ones turn bad; 0 when they are bad from the first release. */
  readonly warmUpSeconds: number
  readonly behaviours: readonly BadBehaviour[]
  readonly transport: TransportName
  readonly say: (progress: string) => void
}

export const hooks = 100
export const perSecond = 1000
const badCounts = [0, 5, 20, 50, 90] as const
type BadCount = (typeof badCounts)[number]
const mostBad = 90

/** `p99From50` is that of the hooks from the 51st to the last. */
type P99 = `p99From${BadCount}`
/** The share of the healthy receivers' deliveries that arrived; the other times are those of the ones that are healthy in every run. */
type Figure = 'arrived' | 'p50' | 'max' | P99 | keyof Vitals

/** What so many bad receivers did to the healthy ones. */
export interface BadReceivers {
  readonly as: BadBehaviour | undefined
  readonly bad: BadCount
  readonly standing: Standing<Figure>
}

/** All runs take turns, also those without bad receivers, which the others are compared to. */
export async function measureBadReceivers(options: BadReceiversOptions): Promise<readonly BadReceivers[]> {
  const none = { as: undefined, bad: 0, contestant: contestantOf('hang', 0, options) } as const
  const some = options.behaviours.flatMap((as) =>
    badCounts
      .filter((bad) => bad > 0)
      .map((bad) => ({ as, bad, contestant: contestantOf(as, bad, options) })),
  )
  const all = [none, ...some]
  const contestants = all.map(({ contestant }) => contestant)
  const standings = await contest(contestants, none.contestant, { rounds: options.rounds, warmUpRounds: 0 })
  return all.flatMap(({ as, bad }, index) => {
    const standing = standings[index]
    return standing === undefined ? [] : [{ as, bad, standing }]
  })
}

/** The first of the hooks are bad. They are spread over the turns: steps of 37 meet each of 100 once. */
function contestantOf(as: BadBehaviour, bad: BadCount, options: BadReceiversOptions): Contestant<Figure> {
  const { seconds, warmUpSeconds, transport, say } = options
  const turns = Array.from({ length: hooks }, (_, turn) => (turn * 37) % hooks)
  const traffic: Traffic = { perSecond, turns, warmUpSeconds, seconds }
  const name = `${bad === 0 ? 'none' : `${bad} ${as}`}, ${warmUpSeconds === 0 ? 'cold' : 'warm'}`
  return {
    name,
    does: '',
    async measure() {
      const badHooks = Array.from({ length: bad }, (_, hook) => hook)
      const fromTheStart = warmUpSeconds === 0
      const result = await runTrial({ transport, hooks, traffic, bad: badHooks, as, fromTheStart })
      const figures = figuresOf(traffic, result, bad)
      say(`${name}: ${shown(figures.arrived, 1)} % arrived, p99 ${shown(figures.p99From90, 1)} ms`)
      return figures
    },
  }
}

function figuresOf(traffic: Traffic, result: TrialResult, bad: BadCount): Record<Figure, number> {
  const from = (first: number): readonly number[] => latenciesOf(traffic, result, (hook) => hook >= first)
  const p99s = badCounts.map((first) => [
    `p99From${first}`,
    first < bad ? Number.NaN : quantile(from(first), 0.99),
  ])
  return {
    ...(Object.fromEntries(p99s) as Record<P99, number>),
    ...result.vitals,
    arrived: shareArrived(from(bad)),
    p50: quantile(from(mostBad), 0.5),
    max: quantile(from(mostBad), 1),
  }
}
