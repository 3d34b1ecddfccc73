import type { Figures } from '../../shared/report.ts'

/** Counts in the order of their names. */
export function sorted(counts: ReadonlyMap<string, number>): Figures {
  return Object.fromEntries(
    [...counts.keys()].toSorted().map((name): [string, number] => [name, counts.get(name) ?? 0]),
  )
}
