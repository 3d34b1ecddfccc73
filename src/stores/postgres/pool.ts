import { StoreError } from '../../errors.ts'
import { withFixedPath } from './search-path.ts'

/** A query of `pg`: text and values, and how to read what comes. */
export interface PostgresQuery {
  text: string
  values?: unknown[]
  types?: { getTypeParser(type: number, format?: string): (value: string) => unknown }
}

/** A client of a pool of `pg`, as far as the store needs one. */
export interface PostgresClient {
  query(query: PostgresQuery): Promise<{ rows: unknown[] }>
  release(error?: Error | boolean): void
  /** Its connection keeps no process alive. */
  unref?(): void
  on(event: 'error', listener: (error: Error) => void): unknown
  on(
    event: 'notification',
    listener: (message: { channel: string; payload?: string | undefined }) => void,
  ): unknown
  off(event: 'error', listener: (error: Error) => void): unknown
  off(
    event: 'notification',
    listener: (message: { channel: string; payload?: string | undefined }) => void,
  ): unknown
}

/** A `Pool` of the package `pg`. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'connect', listener: (client: PostgresClient) => void): unknown
  off(event: 'error', listener: (error: Error) => void): unknown
  off(event: 'connect', listener: (client: PostgresClient) => void): unknown
}

/** A pool that the store made, and closes. */
interface OwnPool extends PostgresPool {
  end(): Promise<void>
}

/** How long a statement may take at the server. */
export const statementMs = 10_000
/** Batches of one kind go one at a time, so that there are seldom more at work. */
const mostConnections = 6

/** Loads `pg` and makes a pool of it. Nothing is connected yet. */
export async function createPool(connectionString: string): Promise<OwnPool> {
  const { Pool } = await imported(() => import('pg'))
  return new Pool({
    ...withFixedPath(connectionString),
    max: mostConnections,
    connectionTimeoutMillis: 4500,
    statement_timeout: statementMs,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    allowExitOnIdle: true, // an idle store keeps no process alive
    application_name: 'deploy-hooks',
  })
}

/** An optional package. */
export async function imported<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    const message =
      'Expected the packages pg and pg-boss, which cannot be loaded. Run `npm install pg pg-boss`.'
    throw new StoreError('store_unavailable', message, { cause: { code: 'MODULE', error } })
  }
}
