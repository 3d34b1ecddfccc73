import { setTimeout as sleep } from 'node:timers/promises'
import { now } from '../shared/clock.ts'
import { Peer } from '../shared/peer.ts'
import type { Plan, SenderNews, SenderOrder } from './plan.ts'
import { Receivers, type Behaviour, type Receipt } from '../shared/receivers.ts'
import type { Traffic } from '../shared/traffic.ts'
import type { TransportName } from '../shared/transports.ts'
import type { Vitals } from '../shared/vitals.ts'

export interface TrialOptions {
  readonly transport: TransportName
  readonly hooks: number
  readonly traffic: Traffic
  readonly backlog?: Plan['backlog']
  /** Hooks that are not healthy. */
  readonly bad: readonly number[]
  readonly as: Behaviour
  /** Whether they are so before the first dispatch, or only when the warm-up is over. */
  readonly fromTheStart: boolean
}

export interface TrialResult {
  /** Of the traffic, in epoch milliseconds. */
  readonly startedAt: number
  readonly receipts: readonly Receipt[]
  readonly vitals: Vitals
}

/** What arrives later than this after the last release does not count. */
const graceMs = 2000
/** From the last order to the first release. */
const leadMs = 200
/** For all that is not the traffic: starting, loading, recording what shall wait. */
const marginMs = 60_000

/** One run, in two new processes: the receivers, and the sender. */
export async function runTrial(options: TrialOptions): Promise<TrialResult> {
  const { hooks, traffic, bad, as, fromTheStart, transport, backlog } = options
  const trafficMs = (traffic.warmUpSeconds + traffic.seconds) * 1000
  const limitMs = trafficMs + marginMs
  await using receivers = await Receivers.start(hooks + 1, limitMs)
  if (fromTheStart) await receivers.behave(as, bad)
  const urls = receivers.urls.slice(0, hooks)
  const plan: Plan = { transport, urls, spareUrl: receivers.urls[hooks] ?? '', traffic, backlog }
  const script = new URL('sender-process.ts', import.meta.url)
  await using sender = new Peer<SenderOrder, SenderNews>(script, { args: [JSON.stringify(plan)], limitMs })
  await sender.hear()

  const startedAt = now() + leadMs
  if (!fromTheStart) await receivers.behave(as, bad, startedAt + traffic.warmUpSeconds * 1000)
  const vitals = (await sender.ask({ startAt: startedAt })) as Vitals
  const endsAt = startedAt + trafficMs + graceMs
  await sleep(Math.max(0, endsAt - now()))
  const { receipts } = await receivers.report()
  return { startedAt, receipts: receipts.filter(([, , at]) => at <= endsAt), vitals }
}
