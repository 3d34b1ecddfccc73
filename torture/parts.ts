import { tableOf, type Report } from './report.ts'

const startedAt = performance.now()
/** A controller that hangs would hang all of it. */
const longestMs = 20 * 60_000

/** Tells of progress. */
export function say(progress: string): void {
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  process.stdout.write(`${String(seconds).padStart(4)} s  ${progress}\n`)
}

/** Runs the parts of a torture one after another, and prints what they come to. A violation sets the exit code. */
export async function runParts(parts: readonly (() => Promise<Report>)[]): Promise<void> {
  process.once('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => process.exit(143))
  setTimeout(giveUp, longestMs).unref()
  const reports: Report[] = []
  for (const part of parts) {
    const report = await part()
    reports.push(report)
    say(`${report.title}: done, ${report.violations.length} violations`)
    for (const violation of report.violations) say(`  ${violation}`)
  }
  process.stdout.write(`\n${tableOf(reports)}\n\n`)
  const violations = reports.flatMap(({ title, violations }) => violations.map((text) => `${title}: ${text}`))
  for (const violation of violations) process.stdout.write(`VIOLATION: ${violation}\n`)
  if (violations.length === 0) process.stdout.write('Nothing was lost.\n')
  process.exitCode = violations.length === 0 ? 0 : 1
}

function giveUp(): void {
  process.stdout.write('VIOLATION: It took over 20 minutes\n')
  process.exit(1)
}

/** @throws RangeError for anything but a positive integer */
export function wholeNumber(values: Readonly<Record<string, string>>, name: string): number {
  const number = Number(values[name])
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new RangeError(`Expected \`--${name}\` to be a positive integer, got \`${values[name]}\``)
  }
  return number
}
