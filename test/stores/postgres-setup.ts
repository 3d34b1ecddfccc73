import type { TestProject } from 'vitest/node'
import { startPostgres } from './postgres-server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    readonly postgres: string
  }
}

/** One server for all tests of a run. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres()
  provide('postgres', server.connectionString)
  return async () => server[Symbol.asyncDispose]()
}
