import { createServer, connect, type Socket } from 'node:net'
import pg from 'pg'
import { expect, inject, onTestFinished } from 'vitest'
import type { Claim, NewDelivery, Store, StoreError } from '../../src/index.ts'
import { postgresStore, type PostgresPool } from '../../src/stores/postgres/index.ts'
import { listening } from '../loopback.ts'

/** Of every release here: no message of an error may hold it. */
const summary = 'a summary that no message holds'

let schemas = 0

/** A schema of the test's own, on the server of the run. It and pg-boss's are dropped when the test ends. */
export function newSchema(): string {
  const schema = `test_${process.pid}_${(schemas += 1)}`
  onTestFinished(() =>
    query(`DROP SCHEMA IF EXISTS ${schema}, ${schema}_pgboss CASCADE`).then(() => undefined),
  )
  return schema
}

/** Schemas that an earlier test is done with, and has emptied. */
const emptied: string[] = []

/**
 * A schema with nothing in it, for the test that runs. Its tables may be those of an earlier test: to make them, and those of pg-boss, takes a
 * server half a second. What is opened in it is closed before it is emptied, when that is left to `onTestFinished`.
 */
export function borrowSchema(): string {
  const schema = emptied.pop() ?? `borrowed_${process.pid}_${(schemas += 1)}`
  onTestFinished(async () => {
    await query(emptying(schema))
    emptied.push(schema)
  })
  return schema
}

/** Deletes all rows but those that say what the tables are. */
function emptying(schema: string): string {
  return `
    DO $$
    DECLARE name text;
    BEGIN
      SET LOCAL session_replication_role = replica; -- no triggers, and no order
      FOR name IN
        SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
        WHERE schemaname = '${schema}' AND tablename <> 'migrations'
          OR schemaname = '${schema}_pgboss' AND tablename NOT IN ('version', 'queue')
      LOOP
        EXECUTE 'DELETE FROM ' || name;
      END LOOP;
    END $$`
}

/** As an administrator, on a connection of its own. */
export async function query(
  text: string,
  connectionString: string = inject('postgres'),
): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return await client.query(text)
  } finally {
    await client.end()
  }
}

/** Holds what nobody else can write to the deliveries of a schema meanwhile. @returns what lets go of it */
export async function lockDeliveries(schema: string): Promise<() => Promise<void>> {
  const client = await newPool().connect()
  onTestFinished(() => client.release())
  await client.query(`BEGIN; LOCK TABLE ${schema}.deliveries`)
  return async () => void (await client.query('ROLLBACK'))
}

interface OpenOptions {
  readonly connectionString?: string
  readonly pool?: PostgresPool
  readonly schema?: string
  readonly keepMs?: number
  readonly migrate?: boolean
}

/** A store that is closed when the test ends. */
export function open(options: OpenOptions = {}): Store {
  const { pool, connectionString = inject('postgres'), ...others } = options
  const where = pool === undefined ? { connectionString } : { pool }
  const schema = options.schema ?? (options.migrate === undefined ? borrowSchema() : newSchema())
  const store = postgresStore({ keepMs: Infinity, ...others, ...where, schema })
  onTestFinished(() => store.close())
  return store
}

/** A pool of the caller's, with a way to its clients. */
export function newPool(options: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString: inject('postgres'), ...options })
  onTestFinished(() => pool.end())
  return pool
}

/** The server of the run, as another role. */
export function as(role: string, password: string): string {
  const url = new URL(inject('postgres'))
  url.username = role
  url.password = password
  return url.href
}

export function newDelivery(id: string, facts: Partial<NewDelivery> = {}): NewDelivery {
  const release = { app: 'web', version: 'v1', user: 'u', summary }
  return { id, hookId: 'a', release, recordedAt: 0, ...facts }
}

export async function recordClaimed(store: Store, id: string): Promise<Claim> {
  const [recorded] = await store.record([newDelivery(id)], 9e12)
  return { delivery: recorded?.delivery as Claim['delivery'], token: recorded?.token as number }
}

export function claimIn(store: Store, most = 9): Promise<readonly Claim[]> {
  return store.claim({ hooks: new Map([['a', most]]), now: 1, until: 9e12 })
}

export async function idsIn(store: Store): Promise<readonly string[]> {
  const { deliveries } = await store.list({}, { limit: 1000 })
  return deliveries.map(({ id }) => id)
}

/** What a call rejects with. Nothing of it may hold a password, or what was recorded. */
export async function faultIn(call: Promise<unknown>): Promise<StoreError> {
  const error: unknown = await call.then(
    () => new Error('Expected a fault, got an answer'),
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ name: 'StoreError' })
  const { message } = error as Error
  expect(message).not.toContain(summary)
  expect(message).not.toContain(new URL(inject('postgres')).password)
  return error as StoreError
}

/** A way to the server of the run that can be cut. */
export interface Cable {
  readonly connectionString: string
  /** Every connection is cut after the next message to the server that holds this text, whose answer is lost. */
  cutAfter(text: string): void
}

export async function startCable(): Promise<Cable> {
  const url = new URL(inject('postgres'))
  const { hostname, port } = url
  let armed: string | undefined
  const server = createServer((near: Socket) => {
    const far = connect(Number(port), hostname)
    let isCut = false
    near.on('data', (chunk) => {
      if (armed !== undefined && chunk.includes(armed)) {
        armed = undefined
        isCut = true // it is at work, and its answer goes nowhere
      }
      far.write(chunk)
    })
    far.on('data', (chunk) => (isCut ? near.destroy() : near.write(chunk)))
    near.on('close', () => far.end())
    far.on('close', () => near.destroy())
    for (const socket of [near, far]) socket.on('error', () => undefined) // closed above
  })
  const loopback = await listening(server)
  onTestFinished(() => loopback[Symbol.asyncDispose]())
  url.port = String(loopback.port)
  return {
    connectionString: url.href,
    cutAfter(text) {
      armed = text
    },
  }
}
