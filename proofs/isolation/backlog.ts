import { contest, type Contestant, type Standing } from '../shared/contest.ts'
import { quantile } from '../shared/statistics.ts'
import { latenciesOf, shareArrived } from './latencies.ts'
import type { Traffic } from '../shared/traffic.ts'
import type { TransportName } from '../shared/transports.ts'
import { shown } from '../shared/table.ts'
import { runTrial } from './trial.ts'
import type { Vitals } from '../shared/vitals.ts'

export interface BacklogOptions {
  readonly rounds: number
  readonly seconds: number
  readonly transport: TransportName
  readonly say: (progress: string) => void
}

type Figure = 'arrived' | 'p50' | 'p99' | 'max' | keyof Vitals

export const perSecond = 200
export const others = 20
export const waiting = 20_000
const slowHook = 0

/** One hook has none waiting, or very many, and its receiver is slow: what it does to others. */
export async function measureBacklog(options: BacklogOptions): Promise<readonly Standing<Figure>[]> {
  const none = contestantOf(0, options)
  const contestants = [none, contestantOf(waiting, options)]
  return contest(contestants, none, { rounds: options.rounds, warmUpRounds: 0 })
}

function contestantOf(deliveries: number, { seconds, transport, say }: BacklogOptions): Contestant<Figure> {
  const turns = Array.from({ length: others }, (_, turn) => slowHook + 1 + turn)
  const traffic: Traffic = { perSecond, turns, warmUpSeconds: 0, seconds }
  const name = `${deliveries.toLocaleString('en')} waiting`
  return {
    name,
    does: '',
    async measure() {
      const result = await runTrial({
        transport,
        hooks: others + 1,
        traffic,
        backlog: { hook: slowHook, deliveries },
        bad: [slowHook],
        as: 'slow',
        fromTheStart: true,
      })
      const latencies = latenciesOf(traffic, result, () => true)
      const [p50, p99, max] = [quantile(latencies, 0.5), quantile(latencies, 0.99), quantile(latencies, 1)]
      say(`${name}: p99 ${shown(p99, 1)} ms, max ${shown(max, 1)} ms`)
      return { ...result.vitals, arrived: shareArrived(latencies), p50, p99, max }
    },
  }
}
