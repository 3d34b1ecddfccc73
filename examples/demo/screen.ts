import { styleText } from 'node:util'
import { table } from './table.ts'

const columns = 100
const started = performance.now()
const coloured = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === ''

export type Colour = 'green' | 'yellow' | 'red' | 'dim' | 'bold'

/** Colours a text where colours are wanted. Pad it before: escape codes have no width. */
export function paint(colour: Colour, text: string): string {
  return coloured ? styleText(colour, text, { validateStream: false }) : text
}

/** Prints what someone says: the time since the start, who, and the text, wrapped to the width of the screen. */
export function say(who: string, text: string, colour?: Colour): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(2)
  const margin = `${seconds.padStart(6)} s  ${who.padEnd(12)} │ `
  for (const line of wrapped(text, columns - margin.length)) {
    console.log(`${paint('dim', margin)}${colour === undefined ? line : paint(colour, line)}`)
  }
}

/** Prints a table, set off from what is around it. */
export function show(rows: readonly (readonly string[])[]): void {
  const [header = '', ...lines] = table(rows)
  console.log(`\n${paint('bold', header)}\n${lines.join('\n')}\n`)
}

/** Lines of at most this width, broken at blanks; what follows the first is indented. */
function wrapped(text: string, width: number): readonly string[] {
  if (text.length <= width) return [text]
  const blank = text.lastIndexOf(' ', width)
  if (blank <= 2) return [text]
  return [text.slice(0, blank), ...wrapped(`  ${text.slice(blank + 1)}`, width)]
}
