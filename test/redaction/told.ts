import { printedOf, seenOf } from './seen.ts'

/** Every line that was told, once: events come twice, and what they are about often. */
const lines = new Set<string>()

/** What an operator may print of it. */
export function tell(what: string, value: unknown): void {
  keep(what, printedOf(value))
}

/** All that can be seen of it by looking inside. */
export function show(what: string, value: unknown): void {
  keep(what, seenOf(value))
}

function keep(what: string, texts: readonly string[]): void {
  lines.add(`${what}: `)
  for (const text of texts) for (const line of text.split('\n')) lines.add(line)
}

export function toldLines(): string {
  return [...lines].join('\n')
}
