export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string
}

/** A Markdown table, figures to the right of a name. */
export function tableOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const head = columns.map(({ title }) => title)
  const rule = columns.map((_, index) => (index === 0 ? '---' : '--:'))
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)))
  return [head, rule, ...cells].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** A dash for what is not a number: what did not arrive has no latency. */
export function shown(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '–'
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
