import pg from 'pg'
import { afterAll, beforeAll, describe, inject, it } from 'vitest'
import { memoryStore, type Store } from '../../src/index.ts'
import { migrate, postgresStore } from '../../src/stores/postgres/index.ts'
import { tableNames } from '../../src/stores/triggers/tables.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { storeConformance, triggersConformance, type StoreHarness } from '../../src/testing/index.ts'
import { temporaryFolder, type TemporaryFolder } from './temporary.ts'

let folder: TemporaryFolder
let files = 0
const paths = new WeakMap<Store, string>()
beforeAll(async () => {
  folder = await temporaryFolder()
})
afterAll(() => folder[Symbol.asyncDispose]())

function openSqlite(path: string): Store {
  const store = sqliteStore({ path })
  paths.set(store, path)
  return store
}

/** Made once, and emptied for each store: making it takes ten times as long. */
const schema = 'conformance'
let administrator: pg.Client
beforeAll(async () => {
  administrator = new pg.Client({ connectionString: inject('postgres') })
  await administrator.connect()
  await migrate({ connectionString: inject('postgres'), schema })
})
afterAll(() => administrator.end())

function openPostgres(): Store {
  return postgresStore({ connectionString: inject('postgres'), schema, keepMs: Infinity })
}

const harnesses: Readonly<Record<string, StoreHarness>> = {
  memoryStore: { create: () => memoryStore() },
  sqliteStore: {
    create: () => openSqlite(folder.file(`${(files += 1)}.db`)),
    reopen: (store) => openSqlite(paths.get(store) ?? ''),
  },
  postgresStore: {
    async create() {
      const told = ['told_scopes', 'told_rollouts', 'told_keys', 'told_moments']
      const tables = ['releases', 'deliveries', 'attempts', 'hooks', 'hook_names', ...told, ...tableNames]
      await administrator.query(`TRUNCATE ${tables.map((table) => `${schema}.${table}`).join(', ')}`)
      return openPostgres()
    },
    reopen: openPostgres,
  },
}

describe.each(Object.entries(harnesses))('%s', (_, harness) => {
  it.each(storeConformance(harness))('$name', ({ run }) => run())
  describe('with triggers', () => {
    it.each(triggersConformance(harness))('$name', ({ run }) => run())
  })
})
