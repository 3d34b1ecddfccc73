/** Explains requests that nobody should send, and looks at what each takes. `<plan>` */
import { Chance } from '../../src/testing/store/chance.ts'
import { median } from '../shared/statistics.ts'
import { tellParent } from '../shared/child.ts'
import { countHashedBytes, takeHashedBytes } from './explanations/hashed-bytes.ts'
import type { ExplanationFigures, ExplanationsFigures, ExplanationsPlan } from './explanations/plan.ts'
import type { Made } from './explanations/text.ts'

countHashedBytes()
const { createStandardVerifier, createVerifier } = await import('deploy-hooks/verify')
const { randomDelivery } = await import('./explanations/deliveries.ts')
const { randomWebhook } = await import('./explanations/webhooks.ts')

const { seed, requests } = JSON.parse(process.argv[2] ?? '') as ExplanationsPlan
const warmUps = 20

interface Explanation {
  readonly ok: boolean
  readonly stopped?: true
  readonly nearMisses: readonly string[]
  readonly message: string
}

/** @param make one explanation, ready to be called */
function measure(make: (chance: Chance) => Made<() => Explanation>): ExplanationFigures {
  const costs: {
    readonly cpuMs: number
    readonly threadMs: number
    readonly hashed: number
    readonly like: string
  }[] = []
  let stopped = 0
  let explained = 0
  for (let index = -warmUps; index < requests; index += 1) {
    const { value: explain, like } = make(new Chance(seed + index))
    takeHashedBytes()
    globalThis.gc?.() // what making the request left is not the explanation's
    const before = process.cpuUsage()
    const threadBefore = process.threadCpuUsage()
    const explanation = explain()
    const threadMs = millis(process.threadCpuUsage(threadBefore))
    const cpuMs = millis(process.cpuUsage(before))
    if (index < 0) continue // the code was compiled meanwhile
    costs.push({ cpuMs, threadMs, hashed: takeHashedBytes(), like: `${seed + index}: ${like}` })
    if (explanation.stopped === true) stopped += 1
    if (explanation.ok || explanation.nearMisses.length > 0) explained += 1
  }
  const most = (of: (cost: (typeof costs)[number]) => number): number => Math.max(...costs.map(of))
  const mostCpuMs = most(({ cpuMs }) => cpuMs)
  return {
    requests,
    mostHashedMib: most(({ hashed }) => hashed) / 1024 / 1024,
    mostThreadMs: most(({ threadMs }) => threadMs),
    mostCpuMs,
    medianCpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
    stopped,
    explained,
    costliest: costs.find(({ cpuMs }) => cpuMs === mostCpuMs)?.like ?? '',
  }
}

function millis({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000
}

tellParent({
  urls: measure((chance) => {
    const { value, like } = randomDelivery(chance)
    const verifier = createVerifier(value.options)
    return { value: () => verifier.explain(value.request, value.further), like }
  }),
  standard: measure((chance) => {
    const { value, like } = randomWebhook(chance)
    const verifier = createStandardVerifier(value.options)
    return { value: () => verifier.explain(value.request, value.further), like }
  }),
} satisfies ExplanationsFigures)
