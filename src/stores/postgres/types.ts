import type { PostgresQuery } from './pool.ts'
import { given, givenJson } from './text.ts'

// Object ids of types, https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat
const numbers: ReadonlySet<number> = new Set([20, 21, 23, 700, 701, 1700])
const json: ReadonlySet<number> = new Set([114, 3802])

/** Whatever parsers the caller gave to `pg`: numbers, and text as it was before it was kept. JSON stays text. */
export const types: NonNullable<PostgresQuery['types']> = {
  getTypeParser(type: number): (value: string) => unknown {
    if (numbers.has(type)) return Number
    if (type === 16) return (value) => value === 't'
    return json.has(type) ? givenJson : given
  },
}
