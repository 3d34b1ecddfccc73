import type * as z from 'zod'
import type { ConfigurationProblem } from '../errors.ts'

/** The options that there are, without those that are wrong: inherited ones too, as whoever reads them by name would have them. */
export function usableOf(given: object, schema: z.ZodObject, isWrong: ReadonlySet<string>): object {
  const names = Object.keys(schema.shape).filter((name) => name in given && !isWrong.has(name))
  return Object.fromEntries(names.map((name) => [name, (given as Record<string, unknown>)[name]]))
}

/** Names of the options that problems are about, each the first of its path. */
export function wrongNames(problems: readonly ConfigurationProblem[], within = ''): ReadonlySet<string> {
  return new Set(
    problems.map(({ option }) => option.slice(within.length).replace(/^\./u, '').split(/[.[]/u)[0] ?? ''),
  )
}
