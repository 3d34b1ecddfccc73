import { Peer } from '../shared/peer.ts'
import type { TransportName } from '../shared/transports.ts'
import type { Case } from './cases.ts'
import { concurrent, warmUps, type Figures, type Plan, type ProxyPlan, type ProxyReport } from './plan.ts'
import { within } from './within.ts'

export interface Trial {
  readonly of: Case
  readonly transport: TransportName
  readonly times: number
  readonly figures: Figures
  /** What the proxy still has open when the sender is closed, and what it was asked. */
  readonly proxy: ProxyReport
}

/** For starting, loading and closing. */
const marginMs = 30_000
/** In which the proxy sees that its client has left. */
const leavingMs = 5000

/** One fault, met by one transport: two new processes, one that sends and one that goes wrong. */
export async function runTrial(of: Case, transport: TransportName, times: number): Promise<Trial> {
  const limitMs = marginMs + (Math.ceil((times + warmUps) / concurrent) + 2) * of.deadlineMs * 2
  const proxyPlan: ProxyPlan = { fault: of.fault }
  await using proxy = new Peer<object, unknown>(new URL('proxy-process.ts', import.meta.url), {
    args: [JSON.stringify(proxyPlan)],
    limitMs,
  })
  const url = `${of.protocol}//127.0.0.1:${(await proxy.hear()) as number}`
  const plan: Plan = { transport, url, times, deadlineMs: of.deadlineMs }
  await using sender = new Peer<object, Figures>(new URL('sender-process.ts', import.meta.url), {
    args: [JSON.stringify(plan)],
    limitMs,
    execArgv: ['--expose-gc'],
  })
  const figures = await sender.hear()
  let report = { open: Infinity, requests: Infinity }
  await within(leavingMs, async () => {
    report = (await proxy.ask({})) as ProxyReport
    return report.open === 0 || undefined
  })
  return { of, transport, times, figures, proxy: report }
}
