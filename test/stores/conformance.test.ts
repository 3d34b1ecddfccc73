import { afterAll, beforeAll, describe, inject, it } from 'vitest'
import { memoryStore, type Store } from '../../src/index.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { storeConformance, type StoreHarness } from '../../src/testing/index.ts'
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

const schemas = new WeakMap<Store, string>()

function openPostgres(schema: string): Store {
  const store = postgresStore({ connectionString: inject('postgres'), schema, keepMs: Infinity })
  schemas.set(store, schema)
  return store
}

const harnesses: Readonly<Record<string, StoreHarness>> = {
  memoryStore: { create: () => memoryStore() },
  sqliteStore: {
    create: () => openSqlite(folder.file(`${(files += 1)}.db`)),
    reopen: (store) => openSqlite(paths.get(store) ?? ''),
  },
  postgresStore: {
    create: () => openPostgres(`conformance_${(files += 1)}`),
    reopen: (store) => openPostgres(schemas.get(store) ?? ''),
  },
}

describe.each(Object.entries(harnesses))('%s', (_, harness) => {
  it.each(storeConformance(harness))('$name', ({ run }) => run())
})
