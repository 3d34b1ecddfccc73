import { inWords } from './durations.ts'
import type { Figures } from './figures.ts'

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string
  /** What is no figure stands to the left. */
  readonly isText?: boolean
}

export function tableOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const head = columns.map(({ title }) => title)
  const rule = columns.map(({ isText }) => (isText === true ? '---' : '--:'))
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)))
  return [head, rule, ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

export function count(value: number): string {
  return value.toLocaleString('en')
}

/** A dash for what never came. */
export function time(ms: number | undefined): string {
  return ms === undefined ? '–' : inWords(ms)
}

/** `97 exhausted, 47 hook-disabled`, and `0` when none is. */
export function deadInWords(dead: Figures['dead']): string {
  const parts = Object.entries(dead).map(([verdict, deliveries]) => `${count(deliveries)} ${verdict}`)
  return parts.length === 0 ? '0' : parts.join(', ')
}

/** `1, 74, 5 min`: how often it opened, how many probes it let through, and how long it was open at most at a time. */
export function breakerInWords({ opened, probes, longestMs }: Figures['breaker']): string {
  return opened === 0 ? '0' : `${opened}, ${count(probes)}, ${inWords(longestMs)}`
}
