import { readFile, writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished } from 'vitest'
import { createDispatcher, type Dispatcher, type DispatcherOptions, type Store } from '../../src/index.ts'
import { newSchema, open as openPostgres, query } from '../stores/postgres-fixture.ts'
import { open as openSqlite } from '../stores/sqlite-fixture.ts'
import { temporaryFolder } from '../stores/temporary.ts'
import { newLog } from '../dispatch/started.ts'
import { hooks, killedAt, secret } from './hooks.ts'
import { startReceivers } from './receivers.ts'

type Row = Readonly<Record<string, unknown>>

/** What the version before left. */
export interface Before {
  /** By this version, as one of its processes does: the first one migrates it. */
  readonly open: () => Store
  /** @param text is given what stands before the name of a table */
  readonly ask: (text: (prefix: string) => string) => Promise<readonly Row[]>
  /** What SQL had left in it, as its receivers hear it. */
  readonly left: readonly string[]
}

/** Copies for one test each. */
export const before: Readonly<Record<'SQLite' | 'Postgres', () => Promise<Before>>> = {
  SQLite: async () => {
    const path = await sqliteFile()
    return {
      open: () => openSqlite(path),
      async ask(text) {
        using db = new DatabaseSync(path, { enableForeignKeyConstraints: false })
        return db.prepare(text('')).all()
      },
      left: [],
    }
  },
  Postgres: async () => {
    const schema = await postgresSchema()
    return {
      open: () => openPostgres({ schema }),
      ask: async (text) => (await query(text(`${schema}.`))).rows as readonly Row[],
      left: ['audit: api v8', 'audit: api v9 failed', 'plain: api v8'],
    }
  },
}

/** With so many releases more that what it recorded of each app is gathered when it is migrated. */
export async function largerPostgres(): Promise<Before> {
  const old = await before.Postgres()
  await old.ask(
    (prefix) => `INSERT INTO ${prefix}releases (deliveries, app, version, "user", summary)
    SELECT 1, 'another', 'v' || number, 'gabrtv', '' FROM generate_series(1, 1100) AS number`,
  )
  return old
}

/** By schema version, what versions before left. */
const files = {
  2: 'sqlite-version-two.sql',
  4: 'sqlite-version-four.sql',
  5: 'sqlite-version-five.sql',
  6: 'sqlite-version-six.sql',
  triggers: 'sqlite-with-triggers.sql',
}
const schemas = {
  1: 'postgres-version-one.sql',
  3: 'postgres-version-three.sql',
  4: 'postgres-version-four.sql',
  triggers: 'postgres-with-triggers.sql',
}

/** Stores of this version over what the last one left, which had triggers already. */
export const newer: Readonly<Record<'SQLite' | 'Postgres', () => Promise<Store>>> = {
  SQLite: async () => openSqlite(await sqliteFile('triggers')),
  Postgres: async () => openPostgres({ schema: await postgresSchema('triggers') }),
}

/** A file of a version before, which nobody has opened since. */
export async function sqliteFile(version: keyof typeof files = 2): Promise<string> {
  const folder = await temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  const path = folder.file('old.db')
  await writeFile(path, '', { mode: 0o600 })
  using db = new DatabaseSync(path)
  db.exec(`PRAGMA journal_mode = WAL; ${await left(files[version])}`)
  return path
}

/** A schema of a version before. */
export async function postgresSchema(version: keyof typeof schemas = 1): Promise<string> {
  const schema = newSchema()
  const sql = await left(schemas[version])
  await query(sql.replaceAll('deploy_hooks', schema))
  return schema
}

function left(file: string): Promise<string> {
  return readFile(new URL(file, import.meta.url), 'utf8')
}

/** Where its clock stands: later than it was killed, and before anything is due that it had put off. */
export const soon: number = killedAt + 45 * 60_000

/** A dispatcher of this version, with the hooks that it had before. */
export function start(store: Store, options: Partial<DispatcherOptions>): Dispatcher {
  const dispatcher = createDispatcher({
    hooks,
    secret,
    store,
    now: () => soon,
    logger: newLog(),
    ...options,
  })
  onTestFinished(() => dispatcher.close({ deadlineMs: 0 }))
  return dispatcher
}

/** A dispatcher to real receivers that has sent what was due, and what it has sent since. */
export async function settled(
  { open, left }: Before,
  options: Partial<DispatcherOptions> = {},
): Promise<{ readonly dispatcher: Dispatcher; readonly sent: () => readonly string[] }> {
  const { proxy, received } = await startReceivers()
  const dispatcher = start(open(), { egress: { proxy }, ...options })
  const isDone = async (): Promise<boolean> => {
    const waiting = await Array.fromAsync(dispatcher.deliveries({ state: 'waiting' }))
    const said = new Set(received.map((each) => each.said))
    return waiting.every(({ dueAt = 0 }) => dueAt > soon) && left.every((each) => said.has(each))
  }
  await expect.poll(isDone).toBe(true)
  const since = received.length
  return { dispatcher, sent: () => received.slice(since).map(({ said }) => said) }
}
