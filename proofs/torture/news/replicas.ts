import { Chance } from '../../../src/testing/store/chance.ts'
import { NewsModel } from '../../../test/dispatch/news-model.ts'
import { violationOf, type Report } from '../../shared/report.ts'
import { everything, hooks } from './hooks.ts'
import { eventOf, historiesOf, nameOf, type History } from './rollouts.ts'
import { runTeam, type TeamPlan } from './team.ts'
import { judge } from './verdict.ts'

/** What a replica is started with. It crosses to its process as JSON. */
export interface ReplicaPlan extends TeamPlan {
  readonly rollouts: number
  /** Epoch milliseconds of the first events. */
  readonly base: number
  readonly seed: number
}

/** What a replica did. */
export interface Told {
  dispatches: number
  retries: number
  /** Events that were no repeats. */
  readonly news: string[]
  readonly errors: string[]
  /** What it logged. */
  readonly lines: string[]
}

export interface ReplicasOptions {
  readonly rollouts: number
  readonly seed: number
  readonly connectionString: string
}

const size = 3

/** Lets replicas tell of the same events, with the same times, and looks at what every receiver handled. */
export async function tellByReplicas({ rollouts, seed, connectionString }: ReplicasOptions): Promise<Report> {
  const base = Math.floor(Date.now() / 1000) * 1000 - 3_600_000
  const { told, deliveries, receipts } = await runTeam<Told>({
    script: 'replica-process.ts',
    size,
    schema: 'replicas',
    connectionString,
    plan: { rollouts, base, seed },
  })
  const expected = expectedOf(historiesOf(rollouts, base, new Chance(seed)))
  const eventNamed = ({ release }: (typeof deliveries)[number]): string => eventOf(release)
  const found = judge({ expected, deliveries, receipts, eventOf: eventNamed })
  const sum = (count: (each: Told) => number): number => told.reduce((total, each) => total + count(each), 0)
  const errors = told.flatMap((each) => each.errors)
  const news = told.flatMap((each) => each.news)
  return {
    title: `${size} replicas`,
    figures: {
      rollouts,
      dispatches: sum(({ dispatches }) => dispatches),
      'of them retries': sum(({ retries }) => retries),
      ...found.figures,
      'lines logged': sum(({ lines }) => lines.length),
    },
    violations: [
      ...found.violations,
      ...violationOf(errors, 'A dispatch failed'),
      ...violationOf(swallowed(expected), 'The rule itself swallows an event'),
      ...(news.length === expected.size && new Set(news).size === news.length
        ? []
        : [`${expected.size} events were news ${news.length} times`]),
    ],
  }
}

/** Hooks that should hear of each event: as if one replica told of them, in their order. */
function expectedOf(histories: readonly History[]): ReadonlyMap<string, readonly string[]> {
  const model = new NewsModel()
  const told = histories.flat().map((event): [string, readonly string[]] => {
    const wanting = hooks.filter(({ after }) => after.includes(event.stage))
    return [nameOf(event), model.tell(event, wanting, Date.now(), true).to]
  })
  return new Map(told)
}

function swallowed(expected: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return [...expected]
    .filter(([, to]) => !everything.every((hook) => to.includes(hook)))
    .map(([event]) => event)
}
