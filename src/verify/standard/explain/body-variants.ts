import { variantsOf, type Variant } from '../../explain/variants.ts'
import { attempt } from '../../explain/wording.ts'
import type { StandardNearMiss } from './near-misses.ts'

/** A body that may have been signed. */
export interface BodyVariant {
  readonly body: Buffer
  readonly misses: readonly StandardNearMiss[]
}

// Twenty spellings of it are tried, in memory.
const mostText = 262_144

/** Bodies that may have been signed instead of the one that came, that one first. */
export function bodyVariants(body: Buffer): readonly BodyVariant[] {
  const asItIs: BodyVariant = { body, misses: [] }
  const text = attempt(() => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
  if (text === undefined || body.length > mostText) return [asItIs]
  const start: Variant<StandardNearMiss> = { text, misses: [], distance: 0 }
  const [, ...others] = variantsOf<StandardNearMiss>(
    [start],
    [
      { miss: 'body-newline', apply: withOtherEnd },
      { miss: 'body-reserialised', apply: rewritten },
    ],
    2,
  )
  return [
    asItIs,
    ...others
      .toSorted((left, right) => left.distance - right.distance)
      .map((other) => ({ body: Buffer.from(other.text, 'utf8'), misses: other.misses })),
  ]
}

function withOtherEnd(text: string): readonly string[] {
  return [`${text}\n`, `${text}\r\n`, text.replace(/\r?\n$/u, '')]
}

/** How the JSON of a body may have been written before it was parsed: in the layouts and escapes of the usual writers, with the same end. */
function rewritten(text: string): readonly string[] {
  const value: unknown = attempt(() => JSON.parse(text))
  if (value === undefined) return []
  const layouts = [undefined, 2, 4, '\t'].map((indent) => JSON.stringify(value, undefined, indent))
  const end = /\r?\n$/u.exec(text)?.[0] ?? ''
  return [...layouts, spaced(value)].flatMap((layout) => escapes.map((escape) => escape(layout) + end))
}

/** `{"a": 1, "b": [1, 2]}`, as Python's json.dumps writes it. No line break of JSON.stringify is inside a string. */
function spaced(value: unknown): string {
  return JSON.stringify(value, undefined, 1).replaceAll(/,\n */gu, ', ').replaceAll(/\n */gu, '')
}

const escapes: readonly ((json: string) => string)[] = [
  (json) => json,
  (json) => escaped(json, /[\u0080-\uffff]/g), // Python's json.dumps
  (json) => escaped(json, /[<>&\u2028\u2029]/g), // Go's json.Marshal
  (json) => escaped(json, /[\u0080-\uffff]/g).replaceAll('/', String.raw`\/`), // PHP's json_encode
  (json) => json.replaceAll('/', String.raw`\/`),
]

function escaped(json: string, units: RegExp): string {
  return json.replaceAll(units, (unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
