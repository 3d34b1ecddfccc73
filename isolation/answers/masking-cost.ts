import { median, quantile } from '../../bench/statistics.ts'
import { createHooks } from '../../dist/dispatch/hook.js'
import { excerptOf, maskable } from '../../dist/dispatch/redact.js'
import { secretsOfUrl } from '../../dist/dispatch/url-secrets.js'
import { parseUrl } from '../../dist/signing/hook-url.js'
import { answerBytes, hostilePairs, randomOf, type HostilePair } from './random-pairs.ts'

export interface MaskingOptions {
  readonly count: number
  readonly seed: number
  readonly say: (progress: string) => void
}

/** Milliseconds for one answer. */
export interface MaskingCost {
  readonly kind: string
  readonly pairs: number
  readonly median: number
  readonly worst: number
  /** Of the first answer for a hook, for which all that is looked for is made. */
  readonly worstFirst: number
}

interface Sample {
  readonly kind: string
  readonly ms: number
  readonly isFirst: boolean
}

const warmUp = 1000
/** What took longer may have been held up: it is measured by the clock of CPU time, which may tick in 4 ms, so many times at once. */
const suspiciousMs = 2
const batch = 25
const quiet = { warn: () => undefined, error: () => undefined }

/** Masks answers for hooks, both made to cost much, one by one. By kind, with all of them first. */
export function measureMasking({ count, seed, say }: MaskingOptions): readonly MaskingCost[] {
  const samples: Sample[] = []
  let left = warmUp
  for (const pair of hostilePairs(randomOf(seed))) {
    const measured = samplesOf(pair)
    left -= measured.length
    if (left > 0) continue
    for (const sample of measured) {
      samples.push(sample)
      if (samples.length % 5000 === 0)
        say(`${samples.length.toLocaleString('en')} pairs, ${shownOf(samples)}`)
    }
    if (samples.length >= count) break
  }
  const kinds = [...new Set(samples.map(({ kind }) => kind))].toSorted()
  const some = (kind: string): readonly Sample[] => samples.filter((sample) => sample.kind === kind)
  return [costOf('all', samples), ...kinds.map((kind) => costOf(kind, some(kind)))]
}

function samplesOf({ kind, url, secrets, answers }: HostilePair): readonly Sample[] {
  const own = { url, secret: secrets.length > 0 ? secrets : undefined, secretPath: true }
  const hook = createHooks({ hooks: [own] }, quiet)[0]?.sensitive ?? []
  const parsed = parseUrl(url)
  // As the hook's own, which is made but once.
  const another = (): Texts => maskable(() => [...secrets, ...secretsOfUrl(parsed, true)])
  return answers.map(({ how, text }, index) => {
    const body = Buffer.from(text).subarray(0, answerBytes)
    const isFirst = index === 0
    const ms = cpuMsOf(hook, isFirst ? another : () => hook, (texts) => excerptOf(body, texts, true))
    return { kind: how === '' ? kind : `${kind}; ${how}`, ms, isFirst }
  })
}

type Texts = Parameters<typeof excerptOf>[1]

function cpuMsOf(texts: Texts, others: () => Texts, work: (texts: Texts) => void): number {
  let ms = wallMsOf(() => work(texts))
  if (ms > suspiciousMs)
    ms = Math.min(
      ms,
      wallMsOf(() => work(others())),
    )
  if (ms <= suspiciousMs) return ms
  const before = process.threadCpuUsage()
  for (let count = 0; count < batch; count += 1) work(others())
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000 / batch
}

function wallMsOf(work: () => void): number {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}

function costOf(kind: string, samples: readonly Sample[]): MaskingCost {
  const of = (first: boolean): readonly number[] =>
    samples.filter(({ isFirst }) => isFirst === first).map(({ ms }) => ms)
  const next = of(false)
  return {
    kind,
    pairs: samples.length,
    median: median(next),
    worst: quantile(next, 1),
    worstFirst: quantile(of(true), 1),
  }
}

function shownOf(samples: readonly Sample[]): string {
  const { worst, worstFirst } = costOf('', samples)
  return `worst ${worst.toFixed(2)} ms, of a first answer ${worstFirst.toFixed(2)} ms`
}
