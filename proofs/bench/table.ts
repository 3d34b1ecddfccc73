import type { Standing } from '../shared/contest.ts'

export interface Column<Figure extends string> {
  readonly figure: Figure
  /** Heads the medians, with their unit. */
  readonly title: string
  /** Digits after the point. */
  readonly digits: number
}

/** A Markdown table of standings: for each figure its median and its ratio to the reference. */
export function tableOf<Figure extends string>(
  standings: readonly Standing<Figure>[],
  columns: readonly Column<Figure>[],
): string {
  const head = ['', ...columns.flatMap(({ title }) => [title, 'ratio']), '']
  const rule = ['---', ...columns.flatMap(() => ['--:', '--:']), '---']
  const rows = standings.map(({ name, does, median, ratio }) => [
    name,
    ...columns.flatMap(({ figure, digits }) => [
      shown(median[figure], digits),
      `**${shown(ratio[figure], 2)}**`,
    ]),
    does,
  ])
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function shown(value: number, digits: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
