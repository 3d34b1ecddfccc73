import { table } from '../../../examples/demo/table.ts'
import type { Tally } from './tally.ts'

type Count = 'copies' | 'exact' | 'otherwise' | 'unsound'
const counts: readonly Count[] = ['copies', 'exact', 'otherwise', 'unsound']

/** A table for people, with its sums. */
export function tableOf(title: string, tallies: readonly Tally[]): string {
  const rows = tallies.map((tally) => [
    tally.kind,
    ...counts.map((count) => `${tally[count]}`),
    refusals([tally]),
  ])
  const sums = ['all', ...counts.map((count) => `${sumOf(tallies, count)}`), refusals(tallies)]
  return `\n${table([[title, ...counts, 'refused'], ...rows, sums]).join('\n')}\n`
}

export function sumOf(tallies: readonly Tally[], count: Count): number {
  return tallies.reduce((sum, tally) => sum + tally[count], 0)
}

function refusals(tallies: readonly Tally[]): string {
  const all = new Map<string, number>()
  for (const { refused } of tallies)
    for (const [code, count] of refused) all.set(code, (all.get(code) ?? 0) + count)
  return [...all].map(([code, count]) => `${count} ${code}`).join(', ')
}
