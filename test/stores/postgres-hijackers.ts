import { randomUUID } from 'node:crypto'
import { inject } from 'vitest'
import { query } from './postgres-fixture.ts'

/** What statements of this library and of pg-boss call, or may come to call. */
const functions = [
  'advisory_xact_lock',
  'try_advisory_xact_lock',
  'advisory_unlock',
  'notify',
  'current_xact_id',
  'xact_status',
  'backend_pid',
  'get_userbyid',
  'total_relation_size',
  'relation_size',
  'table_is_visible',
].map((name) => `pg_${name}`)

const others = [
  'nextval',
  'currval',
  'setval',
  'set_config',
  'current_setting',
  'current_database',
  'current_schema',
  'version',
  'now',
  'clock_timestamp',
  'statement_timestamp',
  'transaction_timestamp',
  'to_timestamp',
  'age',
  'count',
  'min',
  'max',
  'sum',
  'avg',
  'array_agg',
  'string_agg',
  'bool_or',
  'row_number',
  'rank',
  'unnest',
  'json_agg',
  'jsonb_agg',
  'json_build_array',
  'json_build_object',
  'jsonb_build_array',
  'jsonb_build_object',
  'json_to_recordset',
  'jsonb_to_recordset',
  'json_to_record',
  'json_array_elements',
  'jsonb_array_elements',
  'jsonb_array_elements_text',
  'jsonb_object_keys',
  'jsonb_typeof',
  'jsonb_set',
  'to_json',
  'to_jsonb',
  'length',
  'octet_length',
  'left',
  'right',
  'lower',
  'upper',
  'format',
  'concat',
  'replace',
  'split_part',
  'encode',
  'decode',
  'convert_from',
  'convert_to',
  'md5',
  'sha224',
  'sha256',
  'hashtext',
  'hashtextextended',
  'gen_random_uuid',
  'random',
  'trunc',
  'round',
  'ceil',
  'floor',
  'abs',
  'power',
  'to_regclass',
  'to_regtype',
  'generate_series',
  'array_length',
  'cardinality',
  'array_position',
  'quote_ident',
  'quote_literal',
]

const types = ['text', 'int', 'bigint', 'json', 'jsonb', 'uuid', 'boolean', 'name', 'text[]', 'bigint[]']
/** A parameter of one of them takes what nothing else fits. */
const single = [
  ...types,
  'anyelement',
  'int[]',
  'uuid[]',
  'timestamptz',
  'bytea',
  'regclass',
  'float8',
  'numeric',
]
const triples = ['text, text, boolean', 'text, text, text', 'text, int, int', 'bigint, bigint, bigint']
const operators = ['=', '<>', '<', '>', '<=', '>=', '+', '-', '*', '/', '||', '->', '->>', '#>>', '~~']

/**
 * Takes some seconds. A database in which a role that may create in `public` has put a better match for whatever is called there without its schema:
 * functions that take exactly what is given, operators of the same types, and types and a collation of the same names.
 */
export interface Hijackers extends AsyncDisposable {
  readonly connectionString: string
  /** Operators of a type that was not there before. */
  plantFor(type: string): Promise<void>
  /** Names of what was called for the first time since it was last asked. Not undone by a rollback. */
  called(): Promise<readonly string[]>
}

export async function plantHijackers(): Promise<Hijackers> {
  const name = `hijack_${randomUUID().replaceAll('-', '')}`
  const url = new URL(inject('postgres'))
  url.pathname = `/${name}`
  await query(`CREATE DATABASE ${name}`)
  await query(`CREATE ROLE ${name} LOGIN PASSWORD 'hijack'`)
  await query(`GRANT CREATE ON SCHEMA public TO ${name}`, url.href)
  const asRole = new URL(url)
  asRole.username = name
  asRole.password = 'hijack'
  await query(planted(), asRole.href)
  const told = new Set<string>()
  return {
    connectionString: url.href,
    async plantFor(type) {
      await query(`SET check_function_bodies = off; ${operatorsOf(type, type)}`, asRole.href)
    },
    async called() {
      const { rows } = await query(
        `SELECT sequencename AS name FROM pg_catalog.pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL ORDER BY 1`,
        url.href,
      )
      const names = rows.map((row: { name: string }) => row.name).filter((each) => !told.has(each))
      for (const each of names) told.add(each)
      return names
    },
    async [Symbol.asyncDispose]() {
      await query(`DROP DATABASE ${name} WITH (FORCE)`)
      await query(`DROP ROLE ${name}`)
    },
  }
}

function planted(): string {
  const calls = [...functions, ...others].flatMap((name) => [
    sequence(name),
    ...['', ...single, ...pairs().map((pair) => pair.join(', ')), ...triples].map((given) =>
      evil(name, given, name),
    ),
  ])
  const compared = pairs().map(([left, right]) => operatorsOf(left, right))
  const named = ['text', 'jsonb', 'uuid', 'xid8'].map(
    (type) => `CREATE TYPE public.${type} AS (hijacked int)`,
  )
  return [
    'SET check_function_bodies = off',
    ...operators.map((_, index) => sequence(operatorName(index))),
    ...calls,
    ...compared,
    ...named,
    `CREATE COLLATION public."C" (provider = libc, locale = 'POSIX')`,
    `GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO PUBLIC`,
  ].join(';\n')
}

function pairs(): readonly (readonly [string, string])[] {
  return types.flatMap((left) => types.map((right) => [left, right] as const))
}

function operatorName(index: number): string {
  return `operator_${index}`
}

function operatorsOf(left: string, right: string): string {
  return operators
    .flatMap((operator, index) => [
      evil(operatorName(index), `${left}, ${right}`, operatorName(index)),
      `CREATE OPERATOR public.${operator} (FUNCTION = public.${operatorName(index)}, LEFTARG = ${left}, RIGHTARG = ${right})`,
    ])
    .join(';\n')
}

function sequence(name: string): string {
  return `CREATE SEQUENCE public."${name} was called"`
}

function evil(name: string, given: string, as: string): string {
  return `CREATE FUNCTION public.${name}(${given}) RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_catalog.nextval('public."${as} was called"');
      RAISE EXCEPTION 'hijacked: ${as}';
    END $$`
}
