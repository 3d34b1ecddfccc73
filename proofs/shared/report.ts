import { table } from '../../examples/demo/table.ts'

/** Counts, and times in milliseconds, by what they are. */
export type Figures = Readonly<Record<string, number>>

/** What a check found. */
export interface Finding {
  readonly figures: Figures
  /** A sentence for each kind of thing that should not have happened. */
  readonly violations: readonly string[]
}

/** What a part of the torture came to. */
export interface Report extends Finding {
  readonly title: string
}

/** A sentence about cases of a kind, or none when there are none. */
export function violationOf(cases: readonly string[], sentence: string): readonly string[] {
  const [first] = cases
  return first === undefined ? [] : [`${sentence}: ${cases.length}, such as ${first}`]
}

export function joined(findings: readonly Finding[]): Finding {
  return {
    figures: Object.assign({}, ...findings.map(({ figures }) => figures)) as Figures,
    violations: findings.flatMap(({ violations }) => violations),
  }
}

/** A column for each report, a row for each figure. */
export function tableOf(reports: readonly Report[]): string {
  const names = [...new Set(reports.flatMap(({ figures }) => Object.keys(figures)))]
  const rows = names.map((name) => [name, ...reports.map(({ figures }) => shown(figures[name]))])
  return table([['', ...reports.map(({ title }) => title)], ...rows]).join('\n')
}

function shown(value: number | undefined): string {
  return value === undefined ? '' : value.toLocaleString('en', { maximumFractionDigits: 0 })
}
