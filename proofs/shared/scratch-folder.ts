import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface ScratchFolder extends AsyncDisposable {
  readonly path: string
  /** The path of a file in it. */
  file(name: string): string
}

/**
 * A folder for databases, on the disk that this package lies on: the system's temporary folder is in memory on many machines,
 * where a sync costs nothing. `await using` removes it.
 */
export async function createScratchFolder(): Promise<ScratchFolder> {
  const cache = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url))
  await mkdir(cache, { recursive: true })
  const path = await mkdtemp(join(cache, 'deploy-hooks-bench-'))
  return {
    path,
    file: (name) => join(path, name),
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true })
    },
  }
}
