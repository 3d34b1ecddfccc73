import { ConfigurationError } from '../../errors.ts'
import { checkFields, type Fields } from '../../option-fields.ts'
import type { Elsewhere } from '../../option-problems.ts'
import type { PostgresPool } from './pool.ts'
import { defaultSchema, schemaField } from './schema.ts'

interface ByConnectionString {
  /** `postgres://user:password@host:5432/database`, as `pg` takes it. The store opens 6 connections at most. */
  readonly connectionString: string
  readonly pool?: undefined
}

interface ByPool {
  /** A `Pool` of `pg` that stays the caller's: it is not closed. Give it 6 connections or more. */
  readonly pool: PostgresPool
  readonly connectionString?: undefined
}

/** A database. */
export type PostgresDatabase = ByConnectionString | ByPool

/** A database, by exactly one of `connectionString` and `pool`, and the schema in it. */
export type PostgresPlace = PostgresDatabase & {
  /**
   * Where the tables are: lower-case letters, digits and `_`, 49 characters at most. What pg-boss keeps is in `<schema>_pgboss`.
   * @default 'deploy_hooks'
   */
  readonly schema?: string | undefined
}

export const placeFields: Fields = {
  connectionString: {
    expected: 'a string such as postgres://user@host/database, without white space at its ends',
    is: (value) => typeof value === 'string' && value !== '' && value.trim() === value,
  },
  pool: {
    expected: 'a `Pool` of the package pg',
    is: (value) => typeof (value as Partial<PostgresPool> | null)?.connect === 'function',
  },
  schema: schemaField,
}

const ofPg = 'give it to a `Pool` of the package pg, and that as `pool`'
/** What people give to `pg` itself. */
const ofConnections: Elsewhere = Object.fromEntries(
  ['ssl', 'max', 'host', 'port', 'user', 'password', 'database'].map((name) => [name, ofPg]),
)

/** @throws {@link ConfigurationError} `option_invalid` */
export function checkPlace(options: PostgresPlace, fields: Fields, of: string): void {
  checkFields(options, fields, { of, elsewhere: ofConnections })
  const { connectionString, pool } = options
  if ((connectionString === undefined) !== (pool === undefined)) return
  const got = pool === undefined ? 'none' : 'both'
  const message = `Expected exactly one of \`connectionString\` and \`pool\`, got ${got}: give one of them, and look whether its environment variable is set.`
  throw new ConfigurationError('option_invalid', 'connectionString', message)
}

export function databaseOf({ connectionString, pool }: PostgresPlace): PostgresDatabase {
  return connectionString === undefined ? { pool } : { connectionString }
}

export function schemaOf({ schema = defaultSchema }: Pick<PostgresPlace, 'schema'>): string {
  return schema
}
