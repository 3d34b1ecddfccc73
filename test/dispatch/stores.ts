import { inject, onTestFinished } from 'vitest'
import { memoryStore, type Store } from '../../src/index.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { borrowSchema } from '../stores/postgres-fixture.ts'
import { temporaryFolder } from '../stores/temporary.ts'

/** Ways to have one store twice: as two processes have it, or two dispatchers of one process. */
export const stores: Record<string, () => Promise<() => Store>> = {
  memory: async () => {
    const store = memoryStore()
    return () => store
  },
  SQLite: async () => {
    const folder = await temporaryFolder()
    onTestFinished(() => folder[Symbol.asyncDispose]())
    return () => {
      const store = sqliteStore({ path: folder.file('hooks.db') })
      onTestFinished(() => store.close())
      return store
    }
  },
  Postgres: async () => {
    const schema = borrowSchema()
    return () => {
      const store = postgresStore({ connectionString: inject('postgres'), schema })
      onTestFinished(() => store.close())
      return store
    }
  },
}

/** A store whose methods can be replaced one by one. */
export function bound(store: Store): Store {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(store)) as (keyof Store)[]
  const methods = names.map((name) => [name, (store[name] as () => unknown).bind(store)])
  return { ...Object.fromEntries(methods), durable: store.durable } as Store
}
