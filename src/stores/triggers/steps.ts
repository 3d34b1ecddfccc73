import type { Row, Value } from '../rows.ts'

/** A statement, with `{table}` for the names of tables and `$1` for values. */
export interface Ask {
  readonly sql: string
  readonly values: readonly Value[]
}

/**
 * What a transaction does, step by step: it yields statements and is given their rows. So the same steps run in SQLite's thread, which waits for
 * nothing, and over a connection to PostgreSQL.
 */
export type Steps<Result> = Generator<Ask, Result, readonly Row[]>

export function* ask(sql: string, ...values: readonly Value[]): Steps<readonly Row[]> {
  return yield { sql, values }
}

export function* one(sql: string, ...values: readonly Value[]): Steps<Row | undefined> {
  return (yield { sql, values })[0]
}

/** PostgreSQL locks the rows for the transaction; SQLite has one writer at a time. */
export const forUpdate = '{for update}'

/** Runs steps where every statement answers at once. */
export function runNow<Result>(steps: Steps<Result>, run: (ask: Ask) => readonly Row[]): Result {
  let step = steps.next()
  while (step.done !== true) step = steps.next(run(step.value))
  return step.value
}

/** Runs steps where statements take time. */
export async function runSoon<Result>(
  steps: Steps<Result>,
  run: (ask: Ask) => Promise<readonly Row[]>,
): Promise<Result> {
  let step = steps.next()
  while (step.done !== true) step = steps.next(await run(step.value))
  return step.value
}
