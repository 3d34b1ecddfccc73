import { tableOf, type Report } from './report.ts'

export type Part = () => Promise<Report | readonly Report[]>

export interface PartsOptions {
  /** What hangs would hang all of it: a violation then, in milliseconds. @default 20 minutes */
  readonly longestMs?: number
  /** What is said when nothing is violated. */
  readonly allIsWell?: string
  /** @default one table of all figures */
  readonly print?: (reports: readonly Report[]) => string
}

const startedAt = performance.now()

/** What takes the place of all parts in `VIOLATED=1 npm run proofs -- torture/sqlite`, and of every other proof: so a test sees that the command fails. */
const onPurpose: Part = () =>
  Promise.resolve({ title: 'on purpose', figures: {}, violations: ['VIOLATED is set'] })

/** Whether a test wants to see the proof fail. */
export function isViolatedOnPurpose(): boolean {
  return process.env['VIOLATED'] !== undefined
}

/** Tells of progress. */
export function say(progress: string): void {
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  process.stdout.write(`${String(seconds).padStart(4)} s  ${progress}\n`)
}

/** Runs the parts of a torture one after another, and prints what they come to. A violation sets the exit code. */
export async function runParts(parts: readonly Part[], options: PartsOptions = {}): Promise<void> {
  const { longestMs = 20 * 60_000, allIsWell = 'Nothing was lost.', print = tableOf } = options
  process.once('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => process.exit(143))
  setTimeout(() => giveUp(longestMs), longestMs).unref()
  const reports: Report[] = []
  for (const part of isViolatedOnPurpose() ? [onPurpose] : parts) {
    for (const report of [await part()].flat()) {
      reports.push(report)
      say(`${report.title}: done, ${report.violations.length} violations`)
      for (const violation of report.violations) say(`  ${violation}`)
    }
  }
  process.stdout.write(`\n${print(reports)}\n\n`)
  const found = reports.flatMap(({ title, violations }) => violations.map((text) => `${title}: ${text}`))
  const violations = reports.length === 0 ? ['Nothing could be looked at on this machine'] : found
  for (const violation of violations) process.stdout.write(`VIOLATION: ${violation}\n`)
  if (violations.length === 0) process.stdout.write(`${allIsWell}\n`)
  process.exitCode = violations.length === 0 ? 0 : 1
}

function giveUp(longestMs: number): void {
  process.stdout.write(`VIOLATION: It took over ${longestMs / 60_000} minutes\n`)
  process.exit(1)
}
