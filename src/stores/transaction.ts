/** A client of `pg` after `BEGIN`, an `EntityManager` of TypeORM, or a few lines around something else. */
export interface QueryTransaction {
  /** @param text SQL with `$1`, `$2` for the values */
  query(text: string, values?: unknown[]): Promise<unknown>
}

/** What an adapter of pg-boss gives. */
export interface SqlExecutor {
  executeSql(text: string, values?: unknown[]): Promise<unknown>
}

/** `tx` of Drizzle's `db.transaction(async (tx) => …)`. */
export interface DrizzleTransaction {
  execute(query: string): PromiseLike<unknown>
  rollback(): never
}

/** `trx` of Kysely's `db.transaction().execute(async (trx) => …)`. */
export interface KyselyTransaction {
  readonly isTransaction: boolean
  executeQuery(query: unknown): Promise<unknown>
}

/** `trx` of Knex's `knex.transaction(async (trx) => …)`. */
export interface KnexTransaction {
  readonly isTransaction?: boolean
  raw(sql: string, bindings: readonly string[]): PromiseLike<unknown>
}

/** `tx` of Prisma's `prisma.$transaction(async (tx) => …)`. */
export interface PrismaTransaction {
  $queryRawUnsafe(query: string, ...values: unknown[]): PromiseLike<unknown>
}

/** `sql` of postgres.js's `sql.begin(async (sql) => …)`. */
export interface PostgresJsTransaction {
  unsafe(query: string, parameters?: unknown[]): PromiseLike<unknown>
  savepoint(...args: never[]): PromiseLike<unknown>
}

/** A transaction of the caller's, as its client or query builder gives it. */
export type Transaction =
  | QueryTransaction
  | SqlExecutor
  | DrizzleTransaction
  | KyselyTransaction
  | KnexTransaction
  | PrismaTransaction
  | PostgresJsTransaction
