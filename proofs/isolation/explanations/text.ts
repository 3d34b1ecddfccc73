import type { Chance } from '../../../src/testing/store/chance.ts'

/** Some text, and what it is like, for a report. */
export interface Made<Value> {
  readonly value: Value
  readonly like: string
}

const pieces = [
  'a&',
  '?',
  '&',
  '=',
  '+',
  '~',
  '/',
  '%',
  '%2f',
  '%2F',
  '%zz',
  '%61pp=x&',
  'app=x&',
  'release=1&',
  'release_stage=failed&',
  'a=b&',
  'token=1&',
  '&&=?',
  '"',
  '\\',
  '\\"',
  '<',
  ' ',
  '\r\n',
  '\0',
  'é',
  '部',
  '💥',
  '\uD800',
  '[',
  '{"a":',
  '[],',
  '{"é<":"/&"},',
  '1e9,',
  'x',
] as const

/** From a few characters to so many, each length as likely as one ten times as long. */
export function lengthUpTo(most: number, chance: Chance): number {
  return Math.floor(10 ** (chance.below(1000 * Math.log10(most)) / 1000))
}

/** Made of pieces that parsers, patterns and writers trip over: of one, or of several in turn, or by chance. */
export function oddText(most: number, chance: Chance): Made<string> {
  const length = lengthUpTo(most, chance)
  const some = chance.some(pieces, chance.percent(50) ? 1 : 4)
  const like = `${length} characters of ${JSON.stringify(some.join(' '))}`
  if (chance.percent(70)) {
    const unit = some.join('')
    return { value: unit.repeat(Math.ceil(length / unit.length)).slice(0, length), like }
  }
  const mixed: string[] = []
  for (let size = 0; size < length; size += mixed.at(-1)?.length ?? 1) mixed.push(chance.pick(some))
  return { value: mixed.join('').slice(0, length), like: `${like}, mixed` }
}
