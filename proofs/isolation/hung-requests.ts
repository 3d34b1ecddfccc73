import { setTimeout as sleep } from 'node:timers/promises'
import { contest, type Contestant, type Standing } from '../shared/contest.ts'
import type { HungNews, HungOrder, HungPlan } from './hung-plan.ts'
import { Peer } from '../shared/peer.ts'
import { Receivers } from '../shared/receivers.ts'
import type { TransportName } from '../shared/transports.ts'

export interface HungRequestsOptions {
  readonly rounds: number
  readonly transports: readonly TransportName[]
  readonly say: (progress: string) => void
}

export type HungFigure = 'timeouts' | 'growthMb' | 'growthKbEach' | 'lateMedian' | 'lateMax' | 'socketsLeft'

export const hooks = 250
export const perHook = 4
export const requests: number = hooks * perHook
export const deadlineMs = 5000
const limitMs = 60_000
const lookEveryMs = 50

/** What requests that hang take of memory, and when they end. */
export async function measureHungRequests(
  options: HungRequestsOptions,
): Promise<readonly Standing<HungFigure>[]> {
  const [reference, ...others] = options.transports.map((transport) => contestantOf(transport, options))
  if (reference === undefined) return []
  return contest([reference, ...others], reference, { rounds: options.rounds, warmUpRounds: 0 })
}

function contestantOf(transport: TransportName, { say }: HungRequestsOptions): Contestant<HungFigure> {
  return {
    name: transport,
    does: '',
    async measure() {
      const figures = await hangOnce(transport)
      const { timeouts, growthMb, lateMax } = figures
      say(`${transport}: ${timeouts} timeouts, ${growthMb.toFixed(1)} MB, ${lateMax} ms late at most`)
      return figures
    },
  }
}

async function hangOnce(transport: TransportName): Promise<Record<HungFigure, number>> {
  await using receivers = await Receivers.start(hooks + 1, limitMs)
  await receivers.behave(
    'hang',
    Array.from({ length: hooks }, (_, hook) => hook),
  )
  const urls = receivers.urls.slice(0, hooks)
  const plan: HungPlan = { transport, urls, spareUrl: receivers.urls[hooks] ?? '', perHook, deadlineMs }
  await using sender = new Peer<HungOrder, HungNews>(new URL('hung-process.ts', import.meta.url), {
    args: [JSON.stringify(plan)],
    limitMs,
    execArgv: ['--expose-gc'],
  })
  await sender.hear()
  while ((await receivers.report()).hanging < requests) await sleep(lookEveryMs)
  const news = await sender.ask({ kind: 'measure' })
  if (news === 'dispatched') throw new Error('Expected figures, got nothing')
  const { growthMb } = news
  return { ...news, growthKbEach: (growthMb * 1000) / requests }
}
