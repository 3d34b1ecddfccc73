import { dirname } from 'node:path'
import { Client } from 'pg'
import { startPostgres as start } from '../../test/stores/postgres-server.ts'
import { mayBeEntered } from '../../test/stores/postgres-package.ts'
import { temporaryFolder } from '../../test/stores/temporary.ts'
import { createScratchFolder, type ScratchFolder } from './scratch-folder.ts'

export interface PostgresServer extends AsyncDisposable {
  readonly connectionString: string
  /** For what is asked of the server itself. */
  readonly client: Client
}

/** What a server comes with: those that tests change. */
const settings = { shared_buffers: '128MB', max_wal_size: '1GB' }

/**
 * A PostgreSQL server with the settings it comes with: `fsync`, `synchronous_commit` and `full_page_writes` are on, `shared_buffers` is
 * 128 MB; but it takes 300 connections, not 100. Its files lie where those of the SQLite store do. `await using` stops it and removes them.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = await createFolder()
  const server = await start({ durable: true, settings, folder })
  const client = new Client({ connectionString: server.connectionString })
  await client.connect()
  return {
    connectionString: server.connectionString,
    client,
    async [Symbol.asyncDispose]() {
      await client.end()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** On the same disk, unless only root may go there, who may not run a server. */
async function createFolder(): Promise<ScratchFolder> {
  const folder = await createScratchFolder()
  if (process.getuid?.() !== 0 || (await mayBeEntered(dirname(folder.path)))) return folder
  await folder[Symbol.asyncDispose]()
  return await temporaryFolder()
}
