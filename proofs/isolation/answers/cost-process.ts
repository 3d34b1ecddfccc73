/** Handles answers for hooks, both made to cost much, and measures what each takes. `<plan>` */
import { tellParent } from '../../shared/child.ts'
import { median, quantile } from '../../shared/statistics.ts'
import { Chance } from '../../../src/testing/store/chance.ts'
import { answerBytes, type AnswerCost, type AnswerCosts, type AnswerPlan } from './answer-plan.ts'
import { handle, hookOf, type Hook } from './handling.ts'
import { hostileHooks, type HostileHook } from './hostile-pairs.ts'

interface Sample {
  readonly kind: string
  readonly ms: number
  readonly isFirst: boolean
}

/** Answers before those that count: they compile the code. */
const warmUp = 2000
/** What took longer may have been slowed down by others: it is done again, and what still does is done so many times. */
const suspiciousMs = 2
const tries = 3
const batch = 10

const { pairs, seed } = JSON.parse(process.argv[2] ?? '') as AnswerPlan
const startedAt = performance.now()
const samples: Sample[] = []
let leftOut = 0
let left = warmUp
for (const hostile of hostileHooks(new Chance(seed))) {
  const measured = samplesOf(hostile)
  left -= measured.length
  if (left > 0) continue
  samples.push(...measured)
  if (samples.length >= pairs) break
}
tellParent({
  all: costOf('all', samples),
  byKind: [...Map.groupBy(samples, ({ kind }) => kind)].map(([kind, some]) => costOf(kind, some)),
  leftOut,
  seconds: (performance.now() - startedAt) / 1000,
} satisfies AnswerCosts)

function samplesOf(hostile: HostileHook): readonly Sample[] {
  const hook = hookOf(hostile)
  return hostile.answers.map((text, index) => {
    const body = Buffer.from(text).subarray(0, answerBytes)
    const isFirst = index === 0
    return { kind: hostile.kind, ms: cpuMsOf(body, () => (isFirst ? hookOf(hostile) : hook)), isFirst }
  })
}

function cpuMsOf(body: Uint8Array, hook: () => Hook): number {
  let ms = Infinity
  for (let count = 0; count < tries && ms > suspiciousMs; count += 1)
    ms = Math.min(ms, cpuMsOfAll(body, [hook()]))
  if (ms <= suspiciousMs) return ms
  return Math.min(...Array.from({ length: tries }, () => cpuMsOfBatch(body, hook)))
}

/** Of one in many. What making the hooks has left is collected before: it is no cost of an answer. */
function cpuMsOfBatch(body: Uint8Array, hook: () => Hook): number {
  const hooks = Array.from({ length: batch }, hook)
  globalThis.gc?.()
  return cpuMsOfAll(body, hooks) / batch
}

function cpuMsOfAll(body: Uint8Array, hooks: readonly Hook[]): number {
  const before = process.cpuUsage()
  const attempts = hooks.map((hook) => handle(hook, body))
  const { user, system } = process.cpuUsage(before)
  if (attempts.some((attempt) => JSON.stringify(attempt).includes('[left out'))) leftOut += 1
  return (user + system) / 1000
}

function costOf(kind: string, some: readonly Sample[]): AnswerCost {
  const of = (first: boolean): readonly number[] =>
    some.filter(({ isFirst }) => isFirst === first).map(({ ms }) => ms)
  const next = of(false)
  return {
    kind,
    pairs: some.length,
    median: median(next),
    worst: quantile(next, 1),
    worstFirst: quantile(of(true), 1),
  }
}
