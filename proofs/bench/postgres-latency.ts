import { setTimeout as sleep } from 'node:timers/promises'
import { Peer } from '../shared/peer.ts'
import { Receivers } from '../shared/receivers.ts'
import type { TransportName } from '../shared/transports.ts'
import { contest, type ContestOptions, type Contestant, type Standing } from '../shared/contest.ts'
import type { OpenLoopOptions } from './open-loop.ts'
import type { Called, SenderNews, SenderOrder, SenderPlan } from './postgres-sender.ts'
import { startPostgres } from '../shared/postgres-server.ts'
import { quantile } from '../shared/statistics.ts'

export interface PostgresLatencyOptions extends ContestOptions, OpenLoopOptions {
  readonly transport: TransportName
}

export interface PostgresIsolationOptions extends PostgresLatencyOptions {
  readonly healthy: number
  /** Deliveries for the hook that hangs. */
  readonly waiting: number
}

/** Milliseconds: to the arrival of the request, and to the resolution of `dispatch()`. */
export type ArrivalFigure = 'p50' | 'p99' | 'dispatchP99'

interface Trial extends OpenLoopOptions {
  readonly transport: TransportName
  /** Absent: the memory store. */
  readonly connectionString?: string
  /** Whether a process only records, and another sends. */
  readonly isApart?: boolean
  readonly concurrency: number
  readonly healthy: number
  /** Deliveries for a hook whose receiver hangs, recorded before. */
  readonly waiting: number
}

const limitMs = 90_000
const warmUp = 300
/** What arrives later than this after the last release is as late as this. */
const graceMs = 1000
let schemas = 0

/** How long after `dispatch()` was called the request arrives. */
export async function measurePostgresLatency(
  options: PostgresLatencyOptions,
): Promise<readonly Standing<ArrivalFigure>[]> {
  await using server = await startPostgres()
  const { connectionString } = server
  const trial = { ...options, concurrency: 64, healthy: 1, waiting: 0 }
  const inMemory = contestantOf('memory store', 'what the request itself takes', trial)
  const contestants = [
    inMemory,
    contestantOf('one process', 'dispatches and sends', { ...trial, connectionString }),
    contestantOf('two processes', 'one with `workers: false` dispatches, the other sends', {
      ...trial,
      connectionString,
      isApart: true,
    }),
  ]
  return await contest(contestants, inMemory, options)
}

/** The same for healthy hooks, beside one that hangs and has none or very many deliveries waiting. */
export async function measurePostgresIsolation(
  options: PostgresIsolationOptions,
): Promise<readonly Standing<ArrivalFigure>[]> {
  await using server = await startPostgres()
  const trial = { ...options, concurrency: 4, connectionString: server.connectionString }
  const none = contestantOf('none waiting', 'all are healthy', { ...trial, waiting: 0 })
  const name = `${options.waiting.toLocaleString('en')} waiting`
  return await contest([none, contestantOf(name, 'for one that hangs', trial)], none, options)
}

function contestantOf(name: string, does: string, trial: Trial): Contestant<ArrivalFigure> {
  return { name, does, measure: () => measureOnce(trial) }
}

/** In new processes and, since those are killed, a new schema. */
async function measureOnce(trial: Trial): Promise<Record<ArrivalFigure, number>> {
  const { connectionString, isApart = false, transport, concurrency, healthy, waiting } = trial
  await using receivers = await Receivers.start(healthy + 1, limitMs)
  const { urls } = receivers
  await receivers.behave('hang', [0])
  const database =
    connectionString === undefined ? undefined : { connectionString, schema: `trial_${(schemas += 1)}` }
  const plan = { database, transport, urls, concurrency, workers: true }
  await using sender = await start({ ...plan, workers: !isApart })
  await using others = new AsyncDisposableStack()
  if (isApart) others.use(await start(plan))

  const hooks = Array.from({ length: healthy }, (_, hook) => hook + 1)
  await sender.ask({ kind: 'settle', hooks, releases: warmUp })
  if (waiting > 0) await sender.ask({ kind: 'leave', hook: 0, releases: waiting })
  const { perSecond, seconds } = trial
  const called = (await sender.ask({ kind: 'dispatch', hooks, perSecond, seconds })) as readonly Called[]
  await sleep(graceMs)
  const { receipts } = await receivers.report()
  const arrivals = new Map(receipts.map(([, version, at]) => [version, at]))
  const latencies = called.map(([version, at]) => (arrivals.get(version) ?? at + graceMs) - at)
  return {
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    dispatchP99: quantile(
      called.map(([, , waitMs]) => waitMs),
      0.99,
    ),
  }
}

async function start(plan: SenderPlan): Promise<Peer<SenderOrder, SenderNews>> {
  const script = new URL('postgres-sender-process.ts', import.meta.url)
  const peer = new Peer<SenderOrder, SenderNews>(script, { args: [JSON.stringify(plan)], limitMs })
  await peer.hear()
  return peer
}
