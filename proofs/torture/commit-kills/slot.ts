import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommitPlan, Ending, Trial } from './plan.ts'

/** Runs one controller after another until every trial was begun: a kill ends one of them. @returns by number, what was said of it */
export async function runSlot(
  trials: readonly Trial[],
  plan: Omit<CommitPlan, 'trials'>,
): Promise<ReadonlyMap<number, Ending>> {
  let told = endingsIn(plan.endings)
  for (;;) {
    const left = trials.filter(({ number }) => !told.has(number))
    if (left.length === 0) return told
    const child = fork(
      join(import.meta.dirname, 'controller.ts'),
      [JSON.stringify({ ...plan, trials: left })],
      { execArgv: [] }, // not those of a test runner
    )
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    if (code !== 0 && signal !== 'SIGKILL')
      throw new Error(`A controller ended by itself: ${String(code ?? signal)}`)
    const before = told.size
    told = endingsIn(plan.endings)
    if (told.size === before) throw new Error('A controller ended before it began')
  }
}

/** The last line about a number counts; of one that was only begun nobody knows. */
function endingsIn(file: string): ReadonlyMap<number, Ending> {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
  const endings = new Map<number, Ending>()
  for (const line of lines) {
    const [, number, ending] = /^(\d+) (.+)$/u.exec(line) ?? []
    if (number !== undefined) endings.set(Number(number), ending === 'begun' ? 'unknown' : (ending as Ending))
  }
  return endings
}
