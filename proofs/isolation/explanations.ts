import { runInChild } from '../shared/child.ts'
import type { ExplanationsFigures, ExplanationsPlan } from './explanations/plan.ts'

/** Of each verifier, in a round. Five rounds make 10,000 documents and queries. */
const requests = 1000
/** The first of a round's, so that no round repeats what another one asked. */
const seedOf = (round: number): number => 1_000_000 * (round + 1)

/** What is promised of one. */
const promised = { hashedMib: 64, cpuMs: 500 }

export interface ExplanationsOptions {
  readonly rounds: number
  readonly say: (progress: string) => void
}

/** What it takes to explain requests that nobody should send, over all rounds. */
export async function measureExplanations({
  rounds,
  say,
}: ExplanationsOptions): Promise<readonly ExplanationsFigures[]> {
  const all: ExplanationsFigures[] = []
  for (let round = 0; round < rounds; round += 1) {
    const plan: ExplanationsPlan = { seed: seedOf(round), requests }
    const script = new URL('explanations-process.ts', import.meta.url)
    const figures = await runInChild<ExplanationsFigures>(script, [JSON.stringify(plan)])
    all.push(figures)
    for (const [verifier, { mostCpuMs, mostThreadMs, mostHashedMib, costliest }] of Object.entries(figures)) {
      const isKept = mostCpuMs <= promised.cpuMs && mostHashedMib <= promised.hashedMib
      const said = `${mostCpuMs.toFixed(0)} ms, ${mostThreadMs.toFixed(0)} of its thread, ${mostHashedMib.toFixed(1)} MiB at most; ${costliest}`
      say(`${verifier}: ${isKept ? '' : 'MORE THAN IS PROMISED: '}${said}`)
      if (!isKept) process.exitCode = 1
    }
  }
  return all
}
