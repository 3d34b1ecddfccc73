import { setTimeout as sleep } from 'node:timers/promises'
import { contest, type Contestant, type Standing } from '../../shared/contest.ts'
import { startPostgres } from '../../shared/postgres-server.ts'
import { createScratchFolder } from '../../shared/scratch-folder.ts'
import { quantile } from '../../shared/statistics.ts'
import { full, hostileKinds } from '../answers/hostile-kinds.ts'
import { now } from '../../shared/clock.ts'
import { latenciesOf, shareArrived } from '../latencies.ts'
import { Peer } from '../../shared/peer.ts'
import { Receivers } from '../../shared/receivers.ts'
import { shown } from '../../shared/table.ts'
import type { Traffic } from '../../shared/traffic.ts'
import type {
  AnswersPlan,
  SenderNews,
  SenderOrder,
  SenderPlan,
  SenderReport,
  StorePlan,
  TenantHook,
} from './plan.ts'

export interface TenantOptions {
  readonly rounds: number
  readonly say: (progress: string) => void
}

type Figure = 'arrived' | 'p50' | 'p99' | 'max' | 'answers' | 'cpu' | 'loopP99'

/** What another tenant did to a healthy one. */
export interface TenantStanding {
  readonly store: string
  readonly standing: Standing<Figure>
  /** The least and the most of all rounds. */
  readonly p99Ratios: readonly [least: number, most: number]
}

export const seconds = 60
export const perSecond = 40
/** Of all hooks of the other tenant. */
export const otherPerSecond = 22
const mostRounds = 3
const warmUpSeconds = 5
const graceMs = 2000
const leadMs = 200
const limitMs = (warmUpSeconds + seconds) * 1000 + 60_000
const longestUrl = 4096

const stores = ['memory', 'SQLite', 'two PostgreSQL workers'] as const
const tenants = [
  'no other tenant',
  'an ordinary tenant',
  'a tenant whose answers are made to cost much',
] as const
type Tenant = (typeof tenants)[number]

/** The other tenant's hooks, and what their receiver answers. */
interface Others extends AnswersPlan {
  readonly hooks: readonly TenantHook[]
}

export async function measureTenants({ rounds, say }: TenantOptions): Promise<readonly TenantStanding[]> {
  await using server = await startPostgres()
  await using folder = await createScratchFolder()
  let run = 0
  const nextStores = (store: (typeof stores)[number]): readonly StorePlan[] => {
    run += 1
    if (store === 'memory') return [{ kind: 'memory' }]
    if (store === 'SQLite') return [{ kind: 'sqlite', path: folder.file(`run-${run}.db`) }]
    const plan = {
      kind: 'postgres',
      connectionString: server.connectionString,
      schema: `run_${run}`,
    } as const
    return [plan, plan]
  }
  const standings: TenantStanding[] = []
  for (const store of stores) {
    const p99s = tenants.map((): number[] => [])
    const contestants = tenants.map((tenant, index): Contestant<Figure> => ({
      name: tenant,
      does: '',
      async measure() {
        const figures = await runOnce(nextStores(store), tenant)
        p99s[index]?.push(figures.p99)
        say(`${store}, ${tenant}: p99 ${shown(figures.p99, 1)} ms, ${figures.answers} answers`)
        return figures
      },
    }))
    const [none] = contestants
    if (none === undefined) return []
    const all = await contest(contestants, none, { rounds: Math.min(rounds, mostRounds), warmUpRounds: 0 })
    for (const [index, standing] of all.entries()) {
      const ratios = (p99s[index] ?? []).map((p99, round) => p99 / (p99s[0]?.[round] ?? Number.NaN))
      standings.push({ store, standing, p99Ratios: [Math.min(...ratios), Math.max(...ratios)] })
    }
  }
  return standings
}

/** In new processes: the receiver of each tenant, and one that sends for each store. */
async function runOnce(stores: readonly StorePlan[], tenant: Tenant): Promise<Record<Figure, number>> {
  await using healthy = await Receivers.start(2, limitMs)
  const script = new URL('answers-process.ts', import.meta.url)
  await using receiver = new Peer<AnswersPlan, unknown>(script, { args: [], limitMs })
  const others = othersOf(tenant, `http://127.0.0.1:${String(await receiver.hear())}`)
  await receiver.ask({ answers: others.answers })
  const [healthyUrl = '', spareUrl = ''] = healthy.urls
  const traffic: Traffic = { perSecond, turns: [0], warmUpSeconds, seconds }
  const otherTraffic: Traffic = { ...traffic, perSecond: otherPerSecond, turns: [...others.hooks.keys()] }
  await using stack = new AsyncDisposableStack()
  const senders: Peer<SenderOrder, SenderNews>[] = []
  for (const [index, store] of stores.entries()) {
    const plan: SenderPlan = {
      store,
      dispatches: index === 0,
      healthyUrl,
      spareUrl,
      hooks: others.hooks,
      traffic,
      otherTraffic,
    }
    const sender = stack.use(
      new Peer<SenderOrder, SenderNews>(new URL('sender-process.ts', import.meta.url), {
        args: [],
        limitMs,
      }),
    )
    await sender.ask(plan) // one after the other, since the first makes the tables
    senders.push(sender)
  }
  const startedAt = now() + leadMs
  const reports = (await Promise.all(
    senders.map((sender) => sender.ask({ startAt: startedAt })),
  )) as SenderReport[]
  const endsAt = startedAt + (warmUpSeconds + seconds) * 1000 + graceMs
  await sleep(Math.max(0, endsAt - now()))
  const { receipts } = await healthy.report()
  const result = { startedAt, receipts: receipts.filter(([, , at]) => at <= endsAt) }
  return figuresOf(
    latenciesOf(traffic, result, () => true),
    reports,
  )
}

function figuresOf(latencies: readonly number[], reports: readonly SenderReport[]): Record<Figure, number> {
  return {
    arrived: shareArrived(latencies),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    max: quantile(latencies, 1),
    answers: reports.reduce((sum, { answers }) => sum + answers, 0),
    cpu: reports.reduce((sum, { cpu }) => sum + cpu, 0),
    loopP99: Math.max(...reports.map(({ loopP99 }) => loopP99)),
  }
}

/** Two hooks of each kind: one whose target reads the answer, which is refused, and one whose target does not. */
function othersOf(tenant: Tenant, origin: string): Others {
  if (tenant === 'no other tenant') return { hooks: [], answers: [] }
  const isOrdinary = tenant === 'an ordinary tenant'
  const all = hostileKinds.flatMap((kind) =>
    [true, false].map((reads) => ({ ...kind, reads, status: reads ? 400 : 200 })),
  )
  return {
    hooks: all.map(({ url, reads, secrets = [] }, index) => {
      const query = isOrdinary ? 'token=8f0c1e9a7b2d3c4e' : url.replace(/^http:\/\/h\.example\/\??/u, '')
      const whole = `${origin}/${index}?${query}`
      return { url: whole.slice(0, longestUrl).toWellFormed(), reads, secrets: isOrdinary ? [] : secrets }
    }),
    answers: all.map(({ answer, status }) => ({ status, body: isOrdinary ? '{"ok":true}' : full(answer) })),
  }
}
