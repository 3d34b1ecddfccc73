import type { Budget } from '../../explain/budget.ts'
import { attempt } from '../../explain/wording.ts'
import { charactersPerParsed } from './cost.ts'

/** Four times the longest text that is written again: most JSON is no longer with four blanks a level. */
const longestLayout = 1_048_576

// What takes as long as reading so many characters, for each.
const perWritten = 5
const perEscaped = 5

/**
 * How JSON may have been written before it was parsed: in the layouts and escapes of the usual writers, without a line break at its end.
 * Indents of what is nested thousands of levels deep would take hundreds of megabytes, so that it has none here.
 *
 * @throws {@link BudgetSpent}
 */
export function* layoutsOf(text: string, budget: Budget): Generator<string> {
  budget.read(charactersPerParsed * text.length)
  const value: unknown = attempt(() => JSON.parse(text))
  if (value === undefined) return
  const { breaks, levels } = shapeOf(text)
  for (const [write, width] of writers) {
    const length = text.length + (width === 0 ? 0 : 2 * breaks + width * levels)
    if (length > longestLayout) continue
    budget.read(perWritten * length)
    const layout = attempt(() => write(value))
    if (layout === undefined) continue // nested too deep for the writer's stack
    for (const escape of escapes) {
      budget.read(layout.length)
      const escaped = escape(layout)
      budget.read(perEscaped * Math.max(0, escaped.length - layout.length))
      if (escaped !== layout || escape === asItIs) yield escaped
    }
  }
}

/** The layouts, with the blanks that each has before a line for each level. */
const writers: readonly (readonly [(value: unknown) => string, number])[] = [
  [(value) => JSON.stringify(value), 0],
  ...[2, 4, '\t'].map(
    (indent) => [(value: unknown) => JSON.stringify(value, undefined, indent), Number(indent) || 1] as const,
  ),
  [spaced, 1],
]

/** `{"a": 1, "b": [1, 2]}`, as Python's json.dumps writes it. No line break of JSON.stringify is inside a string. */
function spaced(value: unknown): string {
  return JSON.stringify(value, undefined, 1).replaceAll(/,\n */gu, ', ').replaceAll(/\n */gu, '')
}

/** What indents come to: the line breaks, and the levels before all of the lines. More than that it never is. */
function shapeOf(json: string): { readonly breaks: number; readonly levels: number } {
  let level = 0
  let breaks = 0
  let levels = 0
  let inString = false
  for (let index = 0; index < json.length; index += 1) {
    const sign = json[index] ?? ''
    if (sign === '\\')
      index += 1 // only in a string
    else if (sign === '"') inString = !inString
    else if (!inString && '[]{},'.includes(sign)) {
      if (sign === '[' || sign === '{') level += 1
      else if (sign !== ',') level -= 1
      breaks += 1
      levels += level
    }
  }
  return { breaks, levels }
}

const asItIs = (json: string): string => json

const escapes: readonly ((json: string) => string)[] = [
  asItIs,
  asPython,
  (json) => escaped(json, /[<>&\u2028\u2029]/u), // Go's json.Marshal
  (json) => withSlashes(asPython(json)), // PHP's json_encode
  withSlashes,
]

/** As json.dumps. */
function asPython(json: string): string {
  return escaped(json, /[\u0080-\uffff]/)
}

function withSlashes(json: string): string {
  return json.replaceAll(/\//gu, String.raw`\/`)
}

const hexadecimal = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

// By hand, since a function for each match takes four times as long, and there may be a hundred thousand.
function escaped(json: string, units: RegExp): string {
  if (!units.test(json)) return json
  let written = ''
  let from = 0
  for (let index = 0; index < json.length; index += 1) {
    if (!units.test(json[index] ?? '')) continue
    const code = json.charCodeAt(index)
    written += `${json.slice(from, index)}\\u${hexadecimal[code >> 8]}${hexadecimal[code & 0xff]}`
    from = index + 1
  }
  return written + json.slice(from)
}
