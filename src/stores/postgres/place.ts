import { ConfigurationError } from '../../errors.ts'
import type { PostgresPool } from './pool.ts'
import { checkedSchema, defaultSchema } from './schema.ts'

/** A database, and the schema in it. Exactly one of `connectionString` and `pool`. */
export interface PostgresPlace {
  /** `postgres://user:password@host:5432/database`, as `pg` takes it. The store opens 6 connections at most. */
  readonly connectionString?: string | undefined
  /** A `Pool` of `pg` that stays the caller's: it is not closed. Give it 6 connections or more. */
  readonly pool?: PostgresPool | undefined
  /**
   * Where the tables are: lower-case letters, digits and `_`, 49 characters at most. What pg-boss keeps is in `<schema>_pgboss`.
   * @default 'deploy_hooks'
   */
  readonly schema?: string | undefined
}

/** @throws {@link ConfigurationError} `option_invalid` */
export function checkedPlace({
  connectionString,
  pool,
  schema = defaultSchema,
}: PostgresPlace): PostgresPlace & {
  readonly schema: string
} {
  if ((connectionString === undefined) === (pool === undefined)) {
    const got = pool === undefined ? 'none' : 'both'
    throw invalid(
      'connectionString',
      `Expected exactly one of \`connectionString\` and \`pool\`, got ${got}.`,
    )
  }
  if (connectionString !== undefined && (typeof connectionString !== 'string' || connectionString === ''))
    throw invalid('connectionString', 'Expected a string such as postgres://user@host/database.')
  if (pool !== undefined && typeof pool.connect !== 'function')
    throw invalid('pool', 'Expected a `Pool` of the package pg.')
  return { connectionString, pool, schema: checkedSchema(schema) }
}

export function invalid(option: string, message: string): ConfigurationError {
  return new ConfigurationError('option_invalid', option, message)
}
