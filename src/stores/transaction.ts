/** Whatever runs a query in a transaction: a client of `pg`, or a few lines around another one. */
export interface QueryTransaction {
  /** @param text SQL with `$1`, `$2` for the values */
  query(text: string, values?: unknown[]): Promise<unknown>
}

/** A transaction of the caller's, as its client or query builder gives it. */
export type Transaction = QueryTransaction
