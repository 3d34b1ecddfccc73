import type { Budget } from '../../explain/budget.ts'
import { replayed } from '../../explain/replayed.ts'
import { attempt } from '../../explain/wording.ts'
import { layoutsOf } from './layouts.ts'
import type { StandardNearMiss } from './near-misses.ts'

/** A body that may have been signed. */
export interface BodyVariant {
  readonly body: Buffer
  readonly misses: readonly StandardNearMiss[]
}

// Dozens of spellings of it are tried, in memory.
const mostText = 262_144

/**
 * Bodies that may have been signed instead of the one that came, the likeliest first; made one by one.
 *
 * @throws {@link BudgetSpent}
 */
export function* bodyVariants(body: Buffer, budget: Budget): Generator<BodyVariant> {
  if (body.length > mostText) return
  const text = attempt(() => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
  if (text === undefined) return
  const known = new Set([text])
  const unless = (other: string, misses: BodyVariant['misses']): readonly BodyVariant[] => {
    budget.read(2 * other.length)
    if (known.has(other)) return []
    known.add(other)
    return [{ body: Buffer.from(other, 'utf8'), misses }]
  }
  for (const other of withOtherEnd(text)) yield* unless(other, ['body-newline'])
  const layouts = replayed(layoutsOf(text, budget))
  const own = endOf(text)
  for (const layout of layouts) yield* unless(layout + own, ['body-reserialised'])
  for (const end of ['\n', '\r\n', '']) {
    for (const layout of layouts) yield* unless(layout + end, ['body-newline', 'body-reserialised'])
  }
}

function withOtherEnd(text: string): readonly string[] {
  return [`${text}\n`, `${text}\r\n`, text.slice(0, text.length - endOf(text).length)]
}

function endOf(text: string): string {
  if (!text.endsWith('\n')) return ''
  return text.endsWith('\r\n') ? '\r\n' : '\n'
}
