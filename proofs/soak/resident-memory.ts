import { setImmediate as turn } from 'node:timers/promises'

/**
 * What this process has in memory, in MB, when nothing more can be collected.
 *
 * The collection is V8's last resort: a plain one keeps the pages of the young generation, which V8 lets grow to 100 MB while it is busy,
 * whether or not anything lives there.
 */
export async function residentMemory(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    await turn() // what one turn of the event loop lets go of is garbage in the next
    await globalThis.gc?.({ type: 'major', execution: 'async', flavor: 'last-resort' })
  }
  return process.memoryUsage.rss() / 1e6
}
