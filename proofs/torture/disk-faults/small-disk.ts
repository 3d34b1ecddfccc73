import { spawnSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of its own, that can be filled and freed. `await using` unmounts it. */
export interface SmallDisk extends AsyncDisposable {
  readonly folder: string
  /** Leaves no byte free. */
  fill(): void
  free(): void
}

/** @returns why there is none, where mounting is not allowed */
export async function smallDisk(megabytes: number): Promise<SmallDisk | string> {
  const folder = await mkdtemp(join(tmpdir(), 'deploy-hooks-small-disk-'))
  const args = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'deploy-hooks', folder]
  const { error, status, stderr } = spawnSync('mount', args, { encoding: 'utf8' })
  if (status !== 0) {
    await rmdir(folder)
    return `a tmpfs cannot be mounted (${error?.message ?? stderr.trim()})`
  }
  const filler = join(folder, 'filler')
  return {
    folder,
    fill: () => fillUp(filler),
    free: () => rmSync(filler, { force: true }),
    async [Symbol.asyncDispose]() {
      spawnSync('umount', [folder])
      await rmdir(folder)
    },
  }
}

function fillUp(path: string): void {
  const file = openSync(path, 'a')
  const page = Buffer.alloc(4096)
  try {
    for (;;) writeSync(file, page)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(file)
  }
}
