import { DatabaseSync } from 'node:sqlite'
import type { Store } from 'deploy-hooks'
import { postgresStore } from 'deploy-hooks/postgres'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { Client } from 'pg'

/** Where triggers are kept. It crosses to processes as JSON. */
export type Place =
  | { readonly name: 'SQLite'; readonly path: string }
  | { readonly name: 'Postgres'; readonly connectionString: string; readonly schema: string }

export function storeAt(place: Place): Store {
  return place.name === 'SQLite'
    ? sqliteStore({ path: place.path })
    : postgresStore({ connectionString: place.connectionString, schema: place.schema })
}

export type Row = Readonly<Record<string, unknown>>

/** Every row of a table of triggers, read without the library. */
export async function rowsOf(place: Place, table: string): Promise<readonly Row[]> {
  if (place.name === 'SQLite') {
    using db = new DatabaseSync(place.path, { readOnly: true, timeout: 5000 })
    return db.prepare(`SELECT * FROM ${table}`).all()
  }
  const client = new Client({ connectionString: place.connectionString })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(`SELECT * FROM "${place.schema}".${table}`)).rows
  } finally {
    await client.end()
  }
}
