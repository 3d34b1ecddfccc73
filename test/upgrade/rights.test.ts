import { inject, onTestFinished, expect, it } from 'vitest'
import { migrate } from '../../src/stores/postgres/index.ts'
import { as, open, query } from '../stores/postgres-fixture.ts'
import { postgresSchema, start } from './before.ts'

const password = 'of-the-worker'

/** A role that owns nothing, and may do with the tables that there are what a worker does. */
async function newWorker(
  schema: string,
): Promise<{ readonly name: string; readonly grant: () => Promise<void> }> {
  const name = `worker_of_${schema}`
  const schemas = `${schema}, ${schema}_pgboss`
  await query(`CREATE ROLE ${name} LOGIN PASSWORD '${password}'; GRANT USAGE ON SCHEMA ${schemas} TO ${name}`)
  onTestFinished(() => query(`DROP OWNED BY ${name}; DROP ROLE ${name}`).then(() => undefined))
  const grant = (): Promise<unknown> =>
    query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schemas} TO ${name};
      GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schemas} TO ${name};
      GRANT EXECUTE ON FUNCTION ${schema}.dispatch(jsonb, text) TO ${name}`)
  return { name, grant: () => grant().then(() => undefined) }
}

it('a role keeps its rights to what there was, and is granted those to what is new, when a schema is migrated', async () => {
  const schema = await postgresSchema()
  const { name, grant } = await newWorker(schema)
  await grant()
  await migrate({ connectionString: inject('postgres'), schema })
  const call = `SELECT ${schema}.dispatch('{"app": "web", "version": 8, "user": "gabrtv"}')`
  expect((await query(call, as(name, password))).rows).toHaveLength(1)
  const dispatcher = start(open({ connectionString: as(name, password), schema, migrate: false }), {
    workers: false,
  })
  const release = { app: 'web', version: 9, user: 'gabrtv' }
  await expect(dispatcher.dispatch(release)).rejects.toThrow('permission denied')
  await grant()
  expect((await dispatcher.dispatch(release)).repeated).toBe(false)
})
