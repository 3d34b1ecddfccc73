import { open } from 'node:fs/promises'
import { createScratchFolder } from '../shared/scratch-folder.ts'
import { median } from '../shared/statistics.ts'

const page = Buffer.alloc(4096, 'x')

/** Milliseconds in which the disk of the databases takes one more page and syncs it: the floor of any durable commit. */
export async function syncMillis(times = 100): Promise<number> {
  await using folder = await createScratchFolder()
  await using file = await open(folder.file('synced'), 'w')
  const waits: number[] = []
  for (let time = 0; time < times; time += 1) {
    const startedAt = performance.now()
    await file.write(page)
    await file.datasync()
    waits.push(performance.now() - startedAt)
  }
  return median(waits)
}
