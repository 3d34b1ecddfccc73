/** Rows of text as columns that line up, the first row underlined. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const [header = []] = rows
  const widths = header.map((_cell, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  return lines.toSpliced(1, 0, rule).map((line) => line.trimEnd())
}
