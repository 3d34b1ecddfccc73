const block = /(<!-- simulated: ([^>]+) -->\n).*?(<!-- end -->)/gsu

/**
 * Puts tables into the text's blocks, from `<!-- simulated: name -->` to `<!-- end -->`.
 *
 * @throws RangeError when the text has no block for a table, or no table for a block
 */
export function withTables(text: string, tables: ReadonlyMap<string, string>): string {
  const missing = new Set(tables.keys())
  const filled = text.replaceAll(block, (_, start: string, name: string, end: string) => {
    const table = tables.get(name)
    if (table === undefined) throw new RangeError(`Expected a table for the block \`${name}\``)
    missing.delete(name)
    return `${start}\n${table}\n\n${end}`
  })
  if (missing.size > 0) throw new RangeError(`Expected a block for each of ${[...missing].join(', ')}`)
  return filled
}
