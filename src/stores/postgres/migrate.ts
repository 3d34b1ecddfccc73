import { StoreError } from '../../errors.ts'
import { checkFields, wholeNumber, type Fields } from '../../option-fields.ts'
import type { Row } from '../rows.ts'
import { Database } from './database.ts'
import type { Run } from './in-transaction.ts'
import { codeOf } from './faults.ts'
import { imported } from './pool.ts'
import { checkPlace, databaseOf, placeFields, schemaOf, type PostgresPlace } from './place.ts'
import {
  bossSchemaOf,
  bossVersion,
  createSchema,
  queues,
  quoted,
  schemaField,
  schemaVersion,
  stepsFrom,
} from './schema.ts'
import { fixedPath } from './search-path.ts'

/** Building an index of a large table takes its time. */
const migrationMs = 600_000
/** How long workers wait behind a step that waits for them, before it gives up, to be tried again by whoever asks next. */
const lockMs = 2000
/** Of databases that keep every text. */
const encodings: readonly string[] = ['UTF8', 'SQL_ASCII']
/** How long to wait for another that migrates. */
const othersMs = 60_000

interface Versions {
  /** 0: there is no such schema. */
  readonly own: number
  readonly boss: number
}

/**
 * Makes the tables of the store, and those of pg-boss beside them, or brings them up to date: all of it in one transaction, or nothing.
 * It may run beside workers of the version before, and several may run it at once. Does nothing when nothing is to be done.
 *
 * For those who change schemas apart from the program: its store then opens with `migrate: false`, and its role needs no right to
 * create anything.
 *
 * @throws {@link StoreError} `store_newer`, and what connecting comes to. {@link ConfigurationError} `option_invalid`
 * @example
 * import { migrate } from 'deploy-hooks/postgres'
 *
 * await migrate({ connectionString: process.env.MIGRATION_DATABASE_URL ?? '' })
 */
export async function migrate(options: PostgresPlace): Promise<void> {
  checkPlace(options, placeFields, 'migrate()')
  const database = new Database(databaseOf(options))
  try {
    await migrateBy(database, schemaOf(options))
  } finally {
    await database.close()
  }
}

/** As {@link migrate}, by a database that is there. */
export async function migrateBy(database: Database, schema: string): Promise<void> {
  await database.repeat(async () => {
    const versions = await versionsOf(database, schema)
    checkNotNewer(versions)
    if (!isCurrent(versions))
      await database.transaction((run) => migrateIn(run, schema), { timeoutMs: migrationMs })
  })
}

/** Throws for a database that this version of the library cannot use as it is. */
export async function checkMigrated(database: Database, schema: string): Promise<void> {
  const versions = await database.repeat(() => versionsOf(database, schema))
  checkNotNewer(versions)
  if (isCurrent(versions)) return
  throw new StoreError(
    'store_unavailable',
    `Expected version ${schemaVersion} of the tables in schema ${schema} and ${bossVersion} of pg-boss's, got ${versions.own} and ${versions.boss}. Run \`migrate()\` of deploy-hooks/postgres, or what \`migrationSql()\` prints; or open the store with \`migrate: true\`.`,
  )
}

function isCurrent({ own, boss }: Versions): boolean {
  return own === schemaVersion && boss >= bossVersion
}

function checkNotNewer({ own }: Versions): void {
  if (own <= schemaVersion) return
  const message = `Expected schema version ${schemaVersion} or older, got ${own}: a newer deploy-hooks made it. Use that version.`
  throw new StoreError('store_newer', message)
}

async function versionsOf(database: { query: Run }, schema: string): Promise<Versions> {
  const version = async (table: string): Promise<number> => {
    try {
      const rows: readonly Row[] = await database.query(
        `SELECT pg_catalog.max(version) AS version FROM ${table}`,
      )
      return Number(rows[0]?.['version'] ?? 0)
    } catch (error) {
      if (/^(?:42P01|3F000)$/u.test(codeOf(error))) return 0
      throw error
    }
  }
  return {
    own: await version(`${quoted(schema)}.migrations`),
    boss: await version(`${bossSchemaOf(schema)}.version`),
  }
}

async function migrateIn(run: Run, schema: string): Promise<void> {
  await run(`SET LOCAL statement_timeout = 0; ${begun(schema)}`)
  const versions = await versionsNow(run, schema) // another may have been first
  checkNotNewer(versions)
  if (versions.own === 0) await checkEncoding(run)
  if (!isCurrent(versions)) await run(await sqlFrom(schema, versions))
}

/** Others cannot keep what receivers answer, nor what pg-boss's functions say. SQL_ASCII keeps bytes as they are. */
async function checkEncoding(run: Run): Promise<void> {
  const [row] = await run(`SELECT pg_catalog.current_setting('server_encoding') AS encoding`)
  if (encodings.includes(String(row?.['encoding']))) return
  const message = `Expected a database of encoding UTF8, got ${String(row?.['encoding'])}. Make one: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.`
  throw new StoreError('store_failed', message)
}

/** In a transaction, where asking for a table that is not there would end it. */
async function versionsNow(run: Run, schema: string): Promise<Versions> {
  const version = async (table: string): Promise<number> => {
    const [found] = await run(`SELECT pg_catalog.to_regclass('${table}') IS NOT NULL AS there`)
    if (found?.['there'] !== true) return 0
    const [row] = await run(`SELECT pg_catalog.max(version) AS version FROM ${table}`)
    return Number(row?.['version'] ?? 0)
  }
  return {
    own: await version(`${quoted(schema)}.migrations`),
    boss: await version(`${bossSchemaOf(schema)}.version`),
  }
}

/**
 * Runs nothing of others, whatever the session's search path. Waits for others that migrate; nobody can do without what they are at. The
 * plans of pg-boss hold backslashes that are no escapes.
 */
function begun(schema: string): string {
  return `${fixedPath};
SET LOCAL standard_conforming_strings = on;
SET LOCAL lock_timeout = ${othersMs};
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('deploy-hooks migrates ${schema}', 0));
SET LOCAL lock_timeout = ${lockMs};`
}

async function sqlFrom(schema: string, { own, boss }: Versions): Promise<string> {
  const { getConstructionPlans, getMigrationPlans } = await imported(() => import('pg-boss'))
  const bossSchema = bossSchemaOf(schema)
  // pg-boss throws for a version that nothing follows
  const bossPlan = (): string =>
    boss === 0
      ? createSchema(bossSchema) +
        withinTransaction(getConstructionPlans(bossSchema)).replace(
          `CREATE SCHEMA IF NOT EXISTS ${bossSchema};`,
          '',
        )
      : withinTransaction(getMigrationPlans(bossSchema, boss))
  const made = Object.entries(queues).map(
    ([name, options]) =>
      `SELECT ${bossSchema}.create_queue('${name}', '${JSON.stringify(options)}'::jsonb);\n`,
  )
  return [stepsFrom(schema, own), boss < bossVersion ? bossPlan() : '', ...made].join('\n')
}

/** pg-boss gives a plan as a transaction of its own, with a patience of its own. */
function withinTransaction(plan: string): string {
  return plan
    .replace(/^\s*BEGIN;/u, '')
    .replace(/COMMIT;\s*$/u, '')
    .replaceAll(/^\s*SET LOCAL \w+ = \d+;$/gmu, '')
}

export interface MigrationSqlOptions {
  /** @default 'deploy_hooks' */
  readonly schema?: string | undefined
  /** The version of the tables that are there, by `SELECT max(version) FROM deploy_hooks.migrations`. @default 0, for none */
  readonly from?: number | undefined
}

/**
 * The SQL that {@link migrate} runs, as one script with a transaction of its own, for those who run it by hand: by `psql`, or by a tool.
 * It stops with an error, and changes nothing, where the tables are not of the version that it begins with.
 *
 * @throws {@link StoreError} `store_unavailable`: pg-boss is not installed. {@link ConfigurationError} `option_invalid`
 */
export async function migrationSql(options: MigrationSqlOptions = {}): Promise<string> {
  checkFields(options, fields, { of: 'migrationSql()' })
  const { from = 0 } = options
  const schema = schemaOf(options)
  const versions = { own: from, boss: from === 0 ? 0 : bossVersion }
  return `-- deploy-hooks: schema ${schema}, version ${from} to ${schemaVersion}; pg-boss: version ${versions.boss} to ${bossVersion}
BEGIN;
${begun(schema)}
${guard(schema, from)}
${await sqlFrom(schema, versions)}
COMMIT;
`
}

const fields: Fields = { schema: schemaField, from: wholeNumber(0, schemaVersion) }

function guard(schema: string, from: number): string {
  const wrong = `RAISE EXCEPTION 'Expected version ${from} of the tables in schema ${schema}, got another: nothing was changed';`
  const isAnother =
    from === 0
      ? `pg_catalog.to_regclass('${quoted(schema)}.migrations') IS NOT NULL`
      : `(SELECT pg_catalog.max(version) FROM ${quoted(schema)}.migrations) IS DISTINCT FROM ${from}`
  const foreign = `RAISE EXCEPTION 'Expected a database of encoding UTF8, got %', pg_catalog.current_setting('server_encoding');`
  const isForeign = `pg_catalog.current_setting('server_encoding') NOT IN (${encodings.map((name) => `'${name}'`).join(', ')})`
  return `DO $$ BEGIN IF ${isForeign} THEN ${foreign} END IF; IF ${isAnother} THEN ${wrong} END IF; END $$;`
}
